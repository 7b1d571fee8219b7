"""Checks that are sure to change nothing are not played, and nobody can tell: states and times are
those of a checker that plays every check."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from attrs import frozen
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model.ec2.instances import Instance
from model.elb.resources.target_groups import REGISTRATION_SECONDS
from tests.model.elb.samples import WEB, Cloud

LENGTH = 400.0


class Condition(Enum):
    """What a check finds: the failure it ends with."""

    WELL = ""
    REFUSING = "Target.FailedHealthChecks"
    SILENT = "Target.Timeout"
    AILING = "Target.ResponseCodeMismatch"


@frozen
class Settings:
    interval: int
    timeout: int
    healthy: int
    unhealthy: int


History = list[tuple[float, Condition]]


def naive(with_: Settings, history: History) -> list[tuple[float, str, str]]:
    """Every state and its time, by the rules of the documentation, playing every check."""
    states = [(0.0, "initial", "Elb.RegistrationInProgress")]
    state, passes, failures = "initial", 0, 0
    for time, failure in _results(with_, history):
        if not failure:
            passes, failures = passes + 1, 0
            if state == "initial" or (state == "unhealthy" and passes >= with_.healthy):
                state = "healthy"
                states.append((time, state, ""))
        else:
            passes, failures = 0, failures + 1
            if state == "initial" and states[-1][2] == "Elb.RegistrationInProgress":
                states.append((REGISTRATION_SECONDS, state, "Elb.InitialHealthChecking"))
            if failures >= with_.unhealthy:
                state = "unhealthy"
                states.append((time, state, failure))
    return [
        entry
        for index, entry in enumerate(states)
        if index == 0 or entry[1:] != states[index - 1][1:]
    ]


def _results(with_: Settings, history: History) -> Iterator[tuple[float, str]]:
    """When the result of each check is known, and what it is."""
    time = REGISTRATION_SECONDS
    while time <= LENGTH - with_.timeout:
        found = [condition for since, condition in history if since <= time][-1]
        late = with_.timeout if found is Condition.SILENT else 0
        yield time + late, found.value
        time += with_.interval


def become(cloud: Cloud, target: Instance, condition: Condition) -> None:
    target.listening = set() if condition is Condition.REFUSING else {WEB.name}
    match condition:
        case Condition.SILENT:
            cloud.ail(target, unreachable=True)
        case Condition.AILING:
            cloud.ail(target, failing_checks=True)
        case _:
            cloud.ail(target)


@st.composite
def settings_(draw: st.DrawFn) -> Settings:
    interval = draw(st.integers(5, 40))
    timeout = draw(st.integers(2, interval - 1))
    return Settings(interval, timeout, draw(st.integers(2, 5)), draw(st.integers(2, 5)))


changes = st.lists(
    st.tuples(st.integers(1, int(LENGTH)).map(float), st.sampled_from(Condition)), max_size=12
)
TIGHT = Settings(5, 4, 2, 2)


@settings(max_examples=80, deadline=None)
@given(with_=settings_(), first=st.sampled_from(Condition), changes=changes)
@example(TIGHT, Condition.WELL, [(14.0, Condition.SILENT), (24.0, Condition.REFUSING)])
@example(TIGHT, Condition.AILING, [(200.0, Condition.WELL), (204.0, Condition.AILING)])
@example(TIGHT, Condition.SILENT, [(10.0, Condition.WELL), (15.0, Condition.REFUSING)])
@example(TIGHT, Condition.WELL, [(4.0, Condition.REFUSING)])
def test_states_and_times_are_those_of_a_checker_that_plays_every_check(
    with_: Settings, first: Condition, changes: History
) -> None:
    """Changes may fall on the very instant of a check: the check sees them."""
    cloud = Cloud(
        health_check_interval_seconds=with_.interval,
        health_check_timeout_seconds=with_.timeout,
        healthy_threshold_count=with_.healthy,
        unhealthy_threshold_count=with_.unhealthy,
    )
    (target,) = cloud.add()
    become(cloud, target, first)
    history = [(0.0, first), *sorted(changes, key=lambda change: change[0])]
    for time, condition in history[1:]:
        cloud.later(time, become, cloud, target, condition)
    cloud.run(LENGTH)
    limit = LENGTH - with_.timeout
    expected = [entry for entry in naive(with_, history) if entry[0] <= limit]
    assert [entry for entry in cloud.states(target) if entry[0] <= limit] == expected
