"""What only shows once an Auto Scaling group is seen with what belongs to it."""

from __future__ import annotations

from collections.abc import Iterator

from model.autoscaling.lifecycle_resources import MOST_HOOKS, LifecycleHook, WarmPool
from model.autoscaling.resources import AutoScalingGroup
from model.stack import Stack
from scenarios.cloudformation.problems import Problem


def group_problems(stack: Stack) -> Iterator[Problem]:
    """Everything that is wrong between groups, their hooks and their warm pools."""
    for group in stack.of(AutoScalingGroup):
        yield from _hooks(stack, group)
    owners: dict[str, str] = {}
    for pool in stack.of(WarmPool):
        other = owners.setdefault(pool.auto_scaling_group_name, pool.logical_id)
        if other != pool.logical_id:
            yield Problem(
                (pool.logical_id, "Properties", "AutoScalingGroupName"),
                f"{pool.auto_scaling_group_name} has the warm pool {other} already",
            )


def _hooks(stack: Stack, group: AutoScalingGroup) -> Iterator[Problem]:
    """Hooks of one group need names of their own, and there is a quota."""
    taken: set[str] = set()
    for index, hook in enumerate(group.lifecycle_hook_specification_list):
        if hook.name in taken:
            place = (group.logical_id, "Properties", "LifecycleHookSpecificationList", index)
            yield Problem(place, f"another hook of the group is named {hook.name} already")
        taken.add(hook.name)
    for own in stack.of(LifecycleHook):
        if own.auto_scaling_group_name != group.logical_id:
            continue
        if own.name in taken:
            yield Problem(
                (own.logical_id, "Properties"),
                f"{group.logical_id} has a hook named {own.name} already",
            )
        taken.add(own.name)
        if len(taken) > MOST_HOOKS:
            yield Problem(
                (own.logical_id, "Properties", "AutoScalingGroupName"),
                f"a group can have {MOST_HOOKS} lifecycle hooks",
            )
