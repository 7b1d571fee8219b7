"""Scheduled scaling: groups are given other sizes at times that are known beforehand.

Sources: "Scheduled scaling for Amazon EC2 Auto Scaling"; API PutScheduledUpdateGroupAction,
DeleteScheduledAction, DescribeScheduledActions. An action sets its sizes once and they stay: it
takes another action to take them back. It waits for no cooldown.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import count, islice
from operator import itemgetter

from attrs import define, field, frozen

from model.autoscaling.activity import Activity, triggered
from model.autoscaling.errors import AutoScalingError
from model.autoscaling.group import Group
from model.autoscaling.scheduled_actions import ScheduledAction
from model.clock import Event, Phase, Schedule, Streams
from model.resources import Identity
from model.stack import Stack

MOST_ACTIONS = 125
"""Scheduled actions of a group ("Quotas for Amazon EC2 Auto Scaling")."""
INSTANT = 1e-6
"""What runs at this very second is still to come."""


@frozen
class ScheduledActionView:
    """What DescribeScheduledActions shows of an action."""

    name: str
    group: str
    min: int | None
    max: int | None
    desired: int | None
    recurrence: str | None
    time_zone: str | None
    next: float
    """When it runs next, in seconds since start."""


@frozen
class ScheduledRun:
    """An action at a time to come, and what becomes of the group if nothing else changes it."""

    time: float
    """Seconds since start."""
    action: ScheduledActionView
    sizes: tuple[int, int, int] | None
    """Min, max and desired of the group after it; None: it would fail."""
    problem: str = ""
    """Why it would fail."""
    beside: tuple[str, ...] = ()
    """Other actions at the same time: they run in the order in which they were specified."""


@define(eq=False)
class _Plan:
    """An action and when it runs next."""

    action: ScheduledAction
    next: float
    known: list[float] = field(factory=list)
    """When it runs from then on, as far as somebody has asked."""


@define(eq=False)
class _Agenda:
    """The actions of one group, in the order in which they were specified."""

    group: Group
    plans: list[_Plan] = field(factory=list)
    event: Event | None = None


class ScheduledScaling:
    """The scheduled actions of one region."""

    def __init__(self, schedule: Schedule, streams: Streams, groups: dict[str, Group]) -> None:
        self._schedule = schedule
        self._streams = streams
        self._agendas = {name: _Agenda(group) for name, group in groups.items()}

    def create(self, stack: Stack) -> None:
        """Take up the actions of a template; those whose last time is past are gone already."""
        for action in stack.of(ScheduledAction):
            first = self._next(action, self._schedule.now - INSTANT)
            if first is not None:
                self._agendas[action.auto_scaling_group_name].plans.append(_Plan(action, first))
        for agenda in self._agendas.values():
            self._wait(agenda)

    # -- the API ------------------------------------------------------------------------------

    def put(self, action: ScheduledAction) -> None:
        """PutScheduledUpdateGroupAction: a new action, or one in place of that of its name."""
        agenda = self._agendas[action.auto_scaling_group_name]
        others = [plan for plan in agenda.plans if plan.action.name != action.name]
        first = self._next(action, self._schedule.now - INSTANT)
        if action.starts is not None and action.starts < self._schedule.utc():
            raise AutoScalingError("Given start time is in the past")
        if action.starts is not None and any(plan.next == first for plan in others):
            raise AutoScalingError(
                "A scheduled action with this scheduled start time already exists", "AlreadyExists"
            )
        if len(others) >= MOST_ACTIONS:
            raise AutoScalingError(
                f"a group has {MOST_ACTIONS} scheduled actions at most", "LimitExceeded"
            )
        if first is None:
            raise AutoScalingError("the action would never run: it recurs at no time to come")
        for plan in agenda.plans:
            if plan.action.name == action.name:
                plan.action, plan.next, plan.known = action, first, []
                break
        else:
            agenda.plans.append(_Plan(action, first))
        self._wait(agenda)

    def delete(self, group: str, name: str) -> None:
        """DeleteScheduledAction."""
        agenda = self._agendas[group]
        plan = _named(agenda, name)
        if plan is None:
            raise AutoScalingError(f"Scheduled action name not found: {name}")
        agenda.plans.remove(plan)
        self._wait(agenda)

    def identity_of(self, group: str, name: str) -> Identity | None:
        """Of a group's action of that name; None: there is none."""
        plan = _named(self._agendas[group], name)
        return None if plan is None else plan.action.identity

    def describe(self, group: str) -> tuple[ScheduledActionView, ...]:
        """DescribeScheduledActions of a group: what runs next first."""
        plans = sorted(self._agendas[group].plans, key=lambda plan: plan.next)
        return tuple(_view(plan) for plan in plans)

    def ahead(self, group: str, most: int) -> tuple[ScheduledRun, ...]:
        """The next runs of a group's actions, so many at most."""
        agenda = self._agendas[group]
        due = list(islice(merge(*map(self._times, agenda.plans), key=itemgetter(0)), most))
        own = agenda.group
        sizes, runs = (own.min, own.max, own.desired), list[ScheduledRun]()
        for time, plan in due:
            after, problem = None, ""
            try:
                after = sizes = plan.action.sizes.on(*sizes)
            except AutoScalingError as refusal:
                problem = str(refusal)
            beside = tuple(o.action.name for when, o in due if when == time and o is not plan)
            runs.append(ScheduledRun(time, _view(plan), after, problem, beside))
        return tuple(runs)

    def _times(self, plan: _Plan) -> Iterator[tuple[float, _Plan]]:
        """When an action runs, from its next time on."""
        if plan.known[:1] != [plan.next]:
            plan.known = [plan.next]
        for index in count():
            if index == len(plan.known):
                later = self._next(plan.action, plan.known[-1])
                if later is None:
                    return
                plan.known.append(later)
            yield plan.known[index], plan

    # -- as time goes on ----------------------------------------------------------------------

    def _next(self, action: ScheduledAction, after: float) -> float | None:
        moment = action.next(self._schedule.utc(after))
        return None if moment is None else (moment - self._schedule.epoch).total_seconds()

    def _wait(self, agenda: _Agenda) -> None:
        """Come back when an action of a group is due."""
        if agenda.event is not None:
            agenda.event.cancel()
            agenda.event = None
        if agenda.plans:
            due = min(plan.next for plan in agenda.plans)
            agenda.event = self._schedule.at(due, Phase.CONTROL, self._run, agenda)

    def _run(self, agenda: _Agenda) -> None:
        """Actions are due: carry them out in the order in which they were specified."""
        agenda.event = None
        now = self._schedule.now
        for plan in [plan for plan in agenda.plans if plan.next <= now]:
            if "ScheduledActions" not in agenda.group.suspended:
                self._carry_out(plan.action, agenda.group)
            next_time = self._next(plan.action, now)
            if next_time is None:
                agenda.plans.remove(plan)
            else:
                plan.next = next_time
        self._wait(agenda)

    def _carry_out(self, action: ScheduledAction, group: Group) -> None:
        try:
            action.sizes.apply(group, "a scheduled action")
        except AutoScalingError as problem:
            self._note_failure(action, group, str(problem))

    def _note_failure(self, action: ScheduledAction, group: Group, message: str) -> None:
        """The sizes of an action do not go with those of its group: nothing changes."""
        now = self._schedule.now
        group.activities.append(
            Activity(
                id=self._streams.uuid(f"autoscaling/{group.id}/schedule"),
                group=group.id,
                description=f"Executing scheduled action {action.name}",
                cause=triggered(group.utc, action.name),
                start=now,
                zone="",
                subnet="",
                end=now,
                status="Failed",
                message=message,
            )
        )


def _named(agenda: _Agenda, name: str) -> _Plan | None:
    return next((plan for plan in agenda.plans if name in plan.action.identity.names), None)


def _view(plan: _Plan) -> ScheduledActionView:
    action = plan.action
    return ScheduledActionView(
        name=action.name,
        group=action.auto_scaling_group_name,
        min=action.min_size,
        max=action.max_size,
        desired=action.desired_capacity,
        recurrence=action.recurrence,
        time_zone=action.time_zone,
        next=plan.next,
    )
