"""What a template says of the ways of an instance through a group: lifecycle hooks.

Sources: the CloudFormation reference of LifecycleHook and LifecycleHookSpecification; defaults and
ranges from API PutLifecycleHook.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from model.autoscaling.references import AutoScalingGroupRef
from model.fields import FieldError, between, length, one_of
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
