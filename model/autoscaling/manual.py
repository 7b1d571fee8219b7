"""Manual scaling: what an operator's calls of the API do to a group.

Sources: "Manual scaling for Amazon EC2 Auto Scaling"; API SetDesiredCapacity,
UpdateAutoScalingGroup, TerminateInstanceInAutoScalingGroup.
"""

from __future__ import annotations

from collections.abc import Iterable

from model.autoscaling import activity as text
from model.autoscaling.cooldown import in_the_way
from model.autoscaling.errors import AutoScalingError, in_progress
from model.autoscaling.group import Group
from model.autoscaling.members import ENDING


def set_desired_capacity(group: Group, desired: int, now: float, *, honor_cooldown: bool) -> None:
    """SetDesiredCapacity: refused outside the group's limits and, if told to, in a cooldown."""
    blocking = in_the_way(group, now) if honor_cooldown else None
    if blocking is not None:
        raise in_progress(blocking.id)
    if not group.min <= desired <= group.max:
        raise AutoScalingError(
            f"New SetDesiredCapacity value {desired} is "
            f"{'below min' if desired < group.min else 'above max'} value "
            f"{group.min if desired < group.min else group.max} for the AutoScalingGroup."
        )
    group.set_desired(desired, text.set_by_user(group.utc, group.desired, desired))


def terminate_instance(groups: Iterable[Group], instance: str, *, decrement: bool) -> None:
    """TerminateInstanceInAutoScalingGroup: it drains and ends; another takes its place, unless the
    desired capacity is decremented with it."""
    group = next((group for group in groups if instance in group.members), None)
    if group is None:
        raise AutoScalingError(
            f"Instance Id not found - No managed instance found for instance ID: {instance}"
        )
    member = group.members[instance]
    if member.lifecycle in ENDING:
        raise in_progress(member.activity.id)
    if not decrement:
        group.ender.terminate(member, text.taken_out(group.utc, instance))
        group.reconcile()
        return
    before, after = group.desired, group.desired - member.units
    if after < group.min:
        raise AutoScalingError(
            f"Currently, desiredSize equals minSize ({group.min}). Terminating instance without "
            "replacement will violate group's min size constraint. Either set "
            "shouldDecrementDesiredCapacity flag to false or lower group's min size."
        )
    cause = text.taken_out(group.utc, instance, (before, after))
    group.ender.terminate(member, cause)
    group.set_desired(after, cause)
