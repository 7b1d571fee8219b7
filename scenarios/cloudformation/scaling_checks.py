"""What only shows once a group's policies and schedules are seen together, and its date.

Sources: "Target tracking scaling policies" (each tracks another metric), "Scheduled scaling for
Amazon EC2 Auto Scaling" (limitations), API PutScheduledUpdateGroupAction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations

from model.autoscaling.resources import AutoScalingGroup, ScalingPolicy
from model.autoscaling.scheduled import MOST_ACTIONS
from model.autoscaling.scheduled_actions import ScheduledAction
from model.stack import Stack
from scenarios.cloudformation.problems import Problem

ANY_DATE = datetime(1970, 1, 1, tzinfo=UTC)


def scaling_problems(stack: Stack, begins: datetime | None) -> Iterator[Problem]:
    """Everything that is wrong between policies or schedules of a group.

    `begins` is when the world begins, its history included; None: nobody knows.
    """
    yield from _tracking(stack)
    for group in stack.of(AutoScalingGroup):
        actions = [
            action
            for action in stack.of(ScheduledAction)
            if action.auto_scaling_group_name == group.logical_id
        ]
        yield from _clashes(actions, begins or ANY_DATE)
        for action in actions[MOST_ACTIONS:]:
            message = f"{group.logical_id} has more than {MOST_ACTIONS} scheduled actions"
            yield Problem((action.logical_id,), message)
        if begins is not None:
            for action in actions:
                yield from _past(action, begins)


def _tracking(stack: Stack) -> Iterator[Problem]:
    for first, second in combinations(stack.of(ScalingPolicy), 2):
        if second.tracks_as(first):
            yield Problem(
                (second.logical_id, "Properties", "TargetTrackingConfiguration"),
                f"{first.logical_id} tracks the same metric: only one TargetTrackingScaling policy "
                "for a given metric specification is allowed",
            )


def _clashes(actions: list[ScheduledAction], begins: datetime) -> Iterator[Problem]:
    just_before = begins - timedelta(microseconds=1)
    due = {action.logical_id: action.next(just_before) for action in actions}
    for first, second in combinations(actions, 2):
        for one, other in ((second, first), (first, second)):
            if one.starts is not None and one.starts == due[other.logical_id]:
                yield Problem(
                    (one.logical_id, "Properties", "StartTime"),
                    f"{other.logical_id} is scheduled for {one.start_time} as well: a scheduled "
                    "action must have a start time of its own",
                )
                break


def _past(action: ScheduledAction, begins: datetime) -> Iterator[Problem]:
    """One that is over before the world begins, which AWS would refuse."""
    if action.next(begins - timedelta(microseconds=1)) is not None:
        return
    key = "StartTime" if action.recurrence is None else "EndTime"
    if action.recurrence is not None and action.ends is None:
        key = "Recurrence"
    yield Problem(
        (action.logical_id, "Properties", key),
        f"{action.logical_id} never runs: the scenario (its history included) begins at "
        f"{begins:%Y-%m-%dT%H:%M:%SZ}",
    )
