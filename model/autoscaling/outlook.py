"""What scaling policies would do now: each asked as its alarm would ask it, and nothing done.

The answer comes from the very code that decides when the alarm does speak (`Policy.weigh`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import evolve, frozen

from model.autoscaling.group import Group
from model.autoscaling.policies.policy import Policy, in_words
from model.autoscaling.proposals import Proposal
from model.autoscaling.resources import ScalingPolicy
from model.cloudwatch.acting import Invocation
from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.records import AlarmRecord

Told = Callable[[AlarmRecord], Invocation]
"""What an alarm tells policies at present."""
Floor = Callable[[Proposal, Group], Proposal]
"""Holds what a policy proposes above what predictive scaling wants of the group."""


@frozen
class Outlook:
    """What a policy would make of one of its alarms, with the datapoints that it judged last."""

    alarm: str
    """The alarm's id."""
    name: str
    state: str
    speaks: bool
    """Whether the alarm is in the state that invokes the policy, and may act."""
    capacity: int | None
    """The desired capacity, held within the group's limits; None: no change."""
    why: str


@frozen
class PolicyView:
    """What DescribePolicies shows of a dynamic scaling policy."""

    id: str
    type: str
    enabled: bool
    goal: str
    """Its target, its adjustment or its steps, in words."""
    warmup: float
    """Seconds until a new instance counts for it."""
    warm: int
    """How many instances count for it now."""
    alarms: tuple[Outlook, ...]


def policy_view(
    policy: Policy,
    alarms: Iterable[AlarmRecord],
    policies: Sequence[Policy],
    told: Told,
    floor: Floor,
) -> PolicyView:
    """A policy with what it would do now; `policies` are all of its group, `told` says what alarms
    tell, and `floor` holds what one wants above what a forecast does."""
    return PolicyView(
        policy.id,
        policy.resource.policy_type,
        policy.enabled,
        goal(policy.resource),
        policy.warmup,
        policy.warm,
        tuple(
            _outlook(policy, record, evolve(told(record), state=state), policies, floor)
            for record, state in alarms_of(policy, alarms)
        ),
    )


def alarms_of(
    policy: Policy, alarms: Iterable[AlarmRecord]
) -> Iterator[tuple[AlarmRecord, AlarmState]]:
    """The alarms that invoke a policy, and the state in which they do."""
    for record in alarms:
        for state in AlarmState:
            if policy.id in record.alarm.actions(state):
                yield record, state


def speaks(record: AlarmRecord, state: AlarmState) -> bool:
    """Whether an alarm invokes its policy at present: every minute, while it is in the state."""
    return record.state is state and record.alarm.actions_enabled


def _outlook(
    policy: Policy,
    record: AlarmRecord,
    invocation: Invocation,
    policies: Sequence[Policy],
    floor: Floor,
) -> Outlook:
    group = policy.group
    why = policy.weigh(invocation, policies).why
    proposal = policy.propose(invocation, policies)
    capacity = None
    if proposal is not None:
        wanted = floor(proposal, group).capacity
        capacity = group.held(wanted)
        if wanted != proposal.capacity:
            why += f", but a forecast holds {wanted}"
        elif capacity != wanted:
            why += f", held at the {'maximum' if wanted > group.max else 'minimum'}"
    return Outlook(
        record.id,
        record.alarm.name,
        record.state.value,
        speaks(record, invocation.state),
        None if capacity == group.desired else capacity,
        why,
    )


def goal(policy: ScalingPolicy) -> str:
    """What a policy is to reach or change, in words."""
    tracking = policy.target_tracking_configuration
    if tracking is not None:
        predefined = tracking.predefined_metric_specification
        custom = tracking.customized_metric_specification
        what = "a metric"
        if predefined is not None:
            what = predefined.predefined_metric_type
        elif custom is not None:
            what = custom.metric.name if custom.metric is not None else "an expression"
        words = f"{what} at {tracking.target_value:g}"
        return f"{words}, never in" if tracking.disable_scale_in else words
    if policy.policy_type == "StepScaling":
        steps = (
            in_words(policy, step.scaling_adjustment)
            + (
                f" from {step.metric_interval_lower_bound:+g}"
                if step.metric_interval_lower_bound is not None
                else f" to {step.metric_interval_upper_bound:+g}"
                if step.metric_interval_upper_bound is not None
                else ""
            )
            for step in policy.step_adjustments
        )
        return ", ".join(steps)
    return in_words(policy, policy.scaling_adjustment or 0)
