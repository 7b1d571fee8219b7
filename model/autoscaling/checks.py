"""What tells a group that an instance is unhealthy.

Sources: "Health checks for instances in an Auto Scaling group", "Set the health check grace
period", "Monitor and replace instances with impaired EBS volumes" and "Verify the attachment status
of your load balancer". An instance that does not run is unhealthy at once; all else waits for the
end of its grace period, and an impaired status check for some minutes in which AWS may mend it.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from model.autoscaling import activity as text
from model.autoscaling.members import Lifecycle, Member, Sentence
from model.autoscaling.resources import AutoScalingGroup
from model.ec2.instances import Instance, InstanceState
from model.ec2.status_checks import INITIALIZING, instance_impaired
from model.elb.service import Elb
from model.elb.targets import TargetState

REPAIR_SECONDS = 300.0
"""How long a status check has to fail; AWS says a few minutes."""
AT_ONCE = (text.found_gone, text.marked_by_user)
"""What is replaced at once, not by and by."""


@frozen
class Verdicts:
    """What the load balancers of a group say of its instances at one time."""

    unhealthy: frozenset[str] = frozenset()
    """Ids of those that a target group calls unhealthy: one is enough."""
    waiting: frozenset[str] = frozenset()
    """Ids of those that have yet to pass a first check."""

    @staticmethod
    def of(resource: AutoScalingGroup, attached: Iterable[str], elb: Elb) -> Verdicts:
        """Of those that are attached to a group: nothing, where the group does not ask; or of a
        target group where nothing ever passed."""
        if "ELB" not in resource.health_check_types:
            return Verdicts()
        states = [pool for name in attached for pool in elb.pools(name)]
        states = [state for state in states if state.ever_healthy]
        found: dict[TargetState, set[str]] = {}
        for state in states:
            if state.census.healthy_total.level == len(state.targets):
                continue
            for target in state.targets.values():
                found.setdefault(target.state, set()).add(target.instance.id)
        return Verdicts(
            frozenset(found.get(TargetState.UNHEALTHY, ())),
            frozenset(found.get(TargetState.INITIAL, ())),
        )


def status_impaired(instance: Instance, now: float) -> bool:
    """Whether an EC2 status check of a running instance fails; none does while they initialize."""
    since = instance.running_since
    if since is None or now < since + INITIALIZING:
        return False
    return instance_impaired(instance, now)


def impaired(instance: Instance) -> bool:
    """Whether a fault is at work that fails a status check, sooner or later."""
    ailing = instance.ailing
    return bool(instance.effects) and (ailing.host_impaired or ailing.volumes_impaired)


def ailment(
    resource: AutoScalingGroup, member: Member, verdicts: Verdicts, now: float
) -> Sentence | None:
    """Why a member is unhealthy, if it is; notes since when its status checks have failed."""
    if member.instance.state not in (InstanceState.PENDING, InstanceState.RUNNING):
        return text.found_gone
    if not status_impaired(member.instance, now):
        member.impaired_since = None
    elif member.impaired_since is None:
        member.impaired_since = now
    if in_grace(resource, member, now):
        return None
    since = member.impaired_since
    if since is not None and now >= since + REPAIR_SECONDS:
        return text.failed_status_check
    if "EBS" in resource.health_check_types and member.instance.ailing.volumes_impaired:
        return text.failed_volume_check
    if member.instance.id in verdicts.unhealthy:
        return text.failed_elb_check
    return None


def in_grace(resource: AutoScalingGroup, member: Member, now: float) -> bool:
    """Whether failed checks do not count yet: nobody is judged who is not in service."""
    if member.lifecycle is not Lifecycle.IN_SERVICE or member.in_service_at is None:
        return True
    return now < member.in_service_at + resource.health_check_grace_period
