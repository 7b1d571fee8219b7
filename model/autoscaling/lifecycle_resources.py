"""What a template says of the ways of an instance through a group: hooks, warm pools, notices.

Sources: the CloudFormation reference of LifecycleHook, LifecycleHookSpecification, WarmPool,
NotificationConfiguration and TrafficSourceIdentifier; defaults and ranges from API PutLifecycleHook
and PutWarmPool.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen

from model.autoscaling.references import AutoScalingGroupRef
from model.fields import (
    FieldError,
    at_least,
    between,
    each,
    length,
    not_simulated,
    one_of,
    refers_to,
)
from model.resources import Resource

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"
CONTINUE = "CONTINUE"
ABANDON = "ABANDON"
LONGEST_WAIT = 48 * 3600.0
"""Seconds that an instance can stay in a wait state, however many heartbeats are recorded."""
MOST_HEARTBEATS = 100
"""The same in units of the heartbeat timeout; the shorter of the two counts."""
MOST_HOOKS = 50
"""Hooks that a group can have ("Quotas for Auto Scaling resources and groups")."""
SourceRef = Annotated[
    str,
    refers_to(
        "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancing::LoadBalancer"
    ),
]
_NAME = re.compile(r"[A-Za-z0-9\-_/]{1,255}")
_TARGET = re.compile(r"arn:aws[a-z-]*:(sns|sqs):[a-z0-9-]+:\d{12}:.+")


def _hook_name(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None and not _NAME.fullmatch(value):
        raise FieldError(
            attribute, f"must be up to 255 letters, digits, hyphens, _ or /, not {value!r}"
        )


def _target(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value and not _TARGET.fullmatch(value):
        raise FieldError(
            attribute, f"must be the ARN of an SNS topic or an SQS queue, not {value!r}"
        )


def _topic(_: Any, attribute: Attribute[Any], value: str) -> None:
    found = _TARGET.fullmatch(value)
    if found is None or found[1] != "sns":
        raise FieldError(attribute, f"must be the ARN of an SNS topic, not {value!r}")


@frozen(kw_only=True, slots=False)
class HookTerms:
    """When a hook keeps an instance waiting, for how long, and what comes then."""

    INERT: ClassVar[frozenset[str]] = frozenset({"RoleARN"})

    lifecycle_transition: str = field(validator=one_of(LAUNCHING, TERMINATING))
    heartbeat_timeout: int = field(default=3600, validator=between(30, 7200))
    default_result: str = field(default=ABANDON, validator=one_of(CONTINUE, ABANDON))
    notification_target_arn: str | None = field(
        default=None, validator=_target, metadata={"name": "NotificationTargetARN"}
    )
    notification_metadata: str | None = field(default=None, validator=length(1, 4000))

    @property
    def longest(self) -> float:
        """Seconds after which the wait ends whatever is recorded."""
        return min(LONGEST_WAIT, MOST_HEARTBEATS * float(self.heartbeat_timeout))


@frozen(kw_only=True, slots=False)
class LifecycleHookSpecification(HookTerms):
    """A hook that is written with its group."""

    lifecycle_hook_name: str = field(validator=_hook_name)

    @property
    def name(self) -> str:
        return self.lifecycle_hook_name


@frozen(kw_only=True, slots=False, getstate_setstate=True)
class LifecycleHook(HookTerms, Resource):
    """A hook that is a resource of its own."""

    TYPE: ClassVar[str] = "AWS::AutoScaling::LifecycleHook"

    auto_scaling_group_name: AutoScalingGroupRef
    lifecycle_hook_name: str | None = field(default=None, validator=_hook_name)

    @property
    def name(self) -> str:
        return self.lifecycle_hook_name or self.logical_id


Hook = LifecycleHookSpecification | LifecycleHook


@frozen(kw_only=True)
class InstanceReusePolicy:
    """Whether instances come back to a warm pool when their group scales in."""

    reuse_on_scale_in: bool = False


@frozen(kw_only=True)
class WarmPool(Resource):
    """Instances that are prepared beforehand."""

    TYPE: ClassVar[str] = "AWS::AutoScaling::WarmPool"

    auto_scaling_group_name: AutoScalingGroupRef
    max_group_prepared_capacity: int | None = field(default=None, validator=at_least(-1))
    min_size: int = field(default=0, validator=at_least(0))
    pool_state: str = field(default="Stopped", validator=one_of("Stopped", "Running", "Hibernated"))
    instance_reuse_policy: InstanceReusePolicy = InstanceReusePolicy()

    @property
    def reuses(self) -> bool:
        return self.instance_reuse_policy.reuse_on_scale_in

    def size(self, desired: int, most: int) -> int:
        """How many instances it should have beside a group of that desired and largest size."""
        prepared = self.max_group_prepared_capacity
        whole = most if prepared in (None, -1) else prepared
        assert whole is not None
        return max(self.min_size, whole - desired, 0)


NOTIFICATIONS = tuple(
    f"autoscaling:{event}"
    for event in (
        "EC2_INSTANCE_LAUNCH",
        "EC2_INSTANCE_LAUNCH_ERROR",
        "EC2_INSTANCE_TERMINATE",
        "EC2_INSTANCE_TERMINATE_ERROR",
        "TEST_NOTIFICATION",
    )
)


@frozen(kw_only=True)
class NotificationConfiguration:
    """A topic that is told what becomes of a group's instances (of everything, if of nothing in
    particular)."""

    topic_arn: str = field(validator=_topic, metadata={"name": "TopicARN"})
    notification_types: tuple[str, ...] = field(
        default=NOTIFICATIONS, validator=each(one_of(*NOTIFICATIONS))
    )


@frozen(kw_only=True)
class TrafficSourceIdentifier:
    """A target group or a Classic Load Balancer that a group's instances are registered with."""

    identifier: SourceRef
    type: str | None = field(
        default=None,
        validator=[
            not_simulated(**{"vpc-lattice": "only elb and elbv2 are"}),
            one_of("elb", "elbv2"),
        ],
    )
