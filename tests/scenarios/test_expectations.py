"""Expectations are short sentences; what they look at must exist."""

from __future__ import annotations

import pytest

from model.cloudwatch.alarms import AlarmState
from model.stack import Stack
from scenarios.expectations import ALWAYS, ExpectationError, Window, parse
from scenarios.judge import judge
from scenarios.library import find
from scenarios.loader import load
from scenarios.player import make_world
from tests.scenarios.samples import TEMPLATE, build_text

STACK: Stack = build_text(TEMPLATE).stack


@pytest.mark.parametrize(
    ("text", "subject", "operator", "value"),
    [
        ("availability >= 99.5", ("availability",), ">=", 99.5),
        ("availability>=99.5%", ("availability",), ">=", 99.5),
        ("cost <= 60", ("cost",), "<=", 60.0),
        ("cost < .5", ("cost",), "<", 0.5),
        ("latency.p99 < 250ms", ("latency", "p99"), "<", 0.25),
        ("latency.mean < 1.5", ("latency", "mean"), "<", 1.5),
        ("requests.failed == 0", ("requests", "failed"), "==", 0.0),
        ("requests.total > 1e6", ("requests", "total"), ">", 1e6),
        (
            "Balancer.TargetResponseTime.p99.9 < 1.5s",
            ("Balancer", "TargetResponseTime", "p99.9"),
            "<",
            1.5,
        ),
        (
            "Balancer.TargetResponseTime.tm99 < 900ms",
            ("Balancer", "TargetResponseTime", "tm99"),
            "<",
            0.9,
        ),
        (
            "Balancer.TargetResponseTime.TM(10%:99.5%)<1",
            ("Balancer", "TargetResponseTime", "TM(10%:99.5%)"),
            "<",
            1.0,
        ),
        (
            "Balancer.TargetResponseTime.PR(:0.3) >= 99%",
            ("Balancer", "TargetResponseTime", "PR(:0.3)"),
            ">=",
            99.0,
        ),
        ("Balancer.RequestCount > 0", ("Balancer", "RequestCount", "Sum"), ">", 0.0),
        ("Targets.HealthyHostCount >= 2", ("Targets", "HealthyHostCount", "Average"), ">=", 2.0),
        (
            "Targets.UnHealthyHostCount.Maximum != 1",
            ("Targets", "UnHealthyHostCount", "Maximum"),
            "!=",
            1.0,
        ),
        ("Group.InService >= 3", ("Group", "InService"), ">=", 3.0),
        ("Group.CPUUtilization <= 90%", ("Group", "CPUUtilization", "Average"), "<=", 90.0),
        ("Group.NetworkOut < 5e9", ("Group", "NetworkOut", "Average"), "<", 5e9),
        ("Group.StatusCheckFailed == 0", ("Group", "StatusCheckFailed", "Maximum"), "==", 0.0),
    ],
)
def test_comparisons(text: str, subject: tuple[str, ...], operator: str, value: float) -> None:
    expectation = parse(text, STACK)
    assert expectation.text == text
    assert (expectation.subject, expectation.operator) == (subject, operator)
    assert expectation.value == value
    assert expectation.window == ALWAYS


@pytest.mark.parametrize(
    ("words", "window"),
    [
        ("", ALWAYS),
        ("at 40m", Window("at", end=2400.0)),
        ("by 1h30m", Window("by", end=5400.0)),
        ("from 10m to 60m", Window("within", 600.0, 3600.0)),
        ("from 0s to 90", Window("within", 0.0, 90.0)),
        ("for 5m", Window("held", length=300.0)),
        ("for 5m by 45m", Window("held", length=300.0, end=2700.0)),
    ],
)
def test_windows(words: str, window: Window) -> None:
    assert parse(f"Group.InService >= 3 {words}".strip(), STACK).window == window
    expectation = parse(f"Alarm is ALARM {words}".strip(), STACK)
    assert expectation.window == window
    assert (expectation.subject, expectation.state) == (("Alarm",), AlarmState.ALARM)
    assert expectation.operator is None


@pytest.mark.parametrize("state", list(AlarmState))
def test_states(state: AlarmState) -> None:
    assert parse(f"Alarm is {state.value} by 5m", STACK).state is state


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("availability => 3", 14, "'=>' is not expected"),
        ("availability >= 99,5", 19, "',5' is not expected"),
        ("availability", 13, "it ends too early"),
        ("availability >= 99 at", 22, "it ends too early"),
        ("availability >= 99 until 5m", 20, "'until' is not expected"),
        ("Alarm is ALRM", 10, "'ALRM' is not expected"),
        ("Group.InService >= 2 at 40 m", 28, "'m' is not expected"),
        ("Nothing.InService > 1", 1, "there is nothing named Nothing to judge"),
        ("Gruop.InService > 1", 1, "there is nothing named Gruop to judge"),
        ("Group.Inservice > 1", 7, "Group has no metric Inservice"),
        ("Group.InService.Sum > 1", 7, "has a part too many"),
        ("Balancer.RequestCount.Median > 1", 23, "there is no statistic Median"),
        ("Balancer.RequestCount.TM90 > 1", 23, "there is no statistic TM90"),
        ("Balancer.TargetResponseTime.tc99 > 1s", 37, "is not measured in s"),
        ("Balancer.TargetResponseTime.PR(:1) > 1s", 39, "is not measured in s"),
        ("Balancer > 1", 1, "name what of Balancer is meant"),
        ("Balanser is ALARM", 1, "there is no alarm named Balanser"),
        ("Balancer is ALARM", 1, "there is no alarm named Balancer"),
        ("Alarm > 1", 1, "Alarm is an alarm"),
        ("latency.p42 < 1", 1, "write latency.mean or p50 or p90 or p99"),
        ("latency < 1", 1, "write latency.mean"),
        ("requests.lost < 1", 1, "write requests.total or succeeded or failed"),
        ("Group.InService >= 2 from 50m to 10m", 22, "`from` must be before `to`"),
        ("Group.InService >= 2 for 10m by 5m", 22, "`for` must not be longer than `by`"),
        ("requests.total > 5s", 19, "requests.total is not measured in s"),
        ("latency.p99 < 5%", 16, "latency.p99 is not measured in %"),
        ("cost < 5ms", 9, "cost is not measured in ms"),
    ],
)
def test_wrong_sentences(text: str, column: int, words: str) -> None:
    with pytest.raises(ExpectationError) as error:
        parse(text, STACK)
    assert words in str(error.value)
    assert error.value.column == column


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Gruop.InService > 1", "did you mean Group?"),
        ("Group.Inservice > 1", "did you mean InService?"),
        ("Balancer.RequestCount.TM90 > 1", "must be in lower case (tm90), not 'TM90'"),
        ("Alrm is OK", "did you mean Alarm?"),
        ("Alarm > 1", "write Alarm is ALARM, or is OK"),
    ],
)
def test_hints(text: str, hint: str) -> None:
    with pytest.raises(ExpectationError) as error:
        parse(text, STACK)
    assert error.value.hint == hint


# -- metrics that a resource can have at all --------------------------------------------------


def shipped(template: str, scenario: str) -> Stack:
    path = find(scenario).parent.joinpath(f"{template}.template.yaml")
    return build_text(path.read_text(encoding="utf-8")).stack


FUNCTIONS = shipped("search", "cold-search")
FLOWS = shipped("chat", "long-connections")
OLD = shipped("old-shop", "surge-queue")


def named(stack: Stack, type_: str) -> str:
    """The first resource of a type, by its logical id."""
    return next(item.logical_id for item in stack.resources.values() if item.TYPE.endswith(type_))


V2 = "ElasticLoadBalancingV2::"


@pytest.mark.parametrize(
    ("stack", "subject"),
    [
        (STACK, "Targets.LambdaUserError"),
        (STACK, "Balancer.HTTPCode_Backend_2XX"),
        (STACK, "Balancer.UnhealthyRoutingRequestCount"),
        (FUNCTIONS, "SearchTargets.TargetConnectionErrorCount"),
        (FUNCTIONS, "SearchTargets.HTTPCode_Target_5XX_Count"),
        (FUNCTIONS, "SearchTargets.RequestCountPerTarget"),
        (FUNCTIONS, "SearchTargets.HealthyHostCount"),
        (FUNCTIONS, "SearchTargets.AnomalousHostCount"),
        (FUNCTIONS, "Search.LambdaUserError"),
        (FLOWS, f"{named(FLOWS, V2 + 'TargetGroup')}.HTTPCode_Target_5XX_Count"),
        (FLOWS, f"{named(FLOWS, V2 + 'TargetGroup')}.AnomalousHostCount"),
        (FLOWS, f"{named(FLOWS, V2 + 'TargetGroup')}.RequestCount"),
        (FLOWS, f"{named(FLOWS, V2 + 'LoadBalancer')}.RequestCount"),
    ],
)
def test_a_metric_that_a_resource_never_has_is_none_of_its(stack: Stack, subject: str) -> None:
    with pytest.raises(ExpectationError, match="has no metric"):
        parse(f"{subject} == 0", stack)


@pytest.mark.parametrize(
    ("stack", "subject", "statistic"),
    [
        (STACK, "Targets.AnomalousHostCount", "Maximum"),
        (STACK, "Balancer.LambdaTargetProcessedBytes", "Sum"),
        (FUNCTIONS, "SearchTargets.LambdaUserError", "Sum"),
        (FUNCTIONS, "Search.Throttles", "Sum"),
        (FUNCTIONS, "Search.Duration", "Average"),
        (FUNCTIONS, "Search.ConcurrentExecutions", "Maximum"),
        *(
            (FLOWS, f"{named(FLOWS, V2 + 'LoadBalancer')}.{name}", statistic)
            for name, statistic in (
                ("PortAllocationErrorCount", "Sum"),
                ("NewFlowCount_TCP", "Sum"),
                ("PeakBytesPerSecond", "Maximum"),
            )
        ),
        *(
            (OLD, f"{named(OLD, 'ElasticLoadBalancing::LoadBalancer')}.{name}", "Sum")
            for name in ("EstimatedALBConsumedLCUs", "EstimatedProcessedBytes")
        ),
    ],
)
def test_metrics_that_are_published_can_be_named(
    stack: Stack, subject: str, statistic: str
) -> None:
    assert parse(f"{subject} >= 0", stack).subject == (*subject.split("."), statistic)


def test_the_duration_of_a_function_is_in_milliseconds() -> None:
    assert parse("Search.Duration < 250ms", FUNCTIONS).value == 250.0
    assert parse("Search.Duration < 0.25s", FUNCTIONS).value == 250.0


def test_a_queue_that_never_filled_was_empty() -> None:
    world = make_world(load(find("surge-queue")).scenario)
    world.run(120.0)
    name = named(OLD, "ElasticLoadBalancing::LoadBalancer")
    texts = [f"{name}.SurgeQueueLength {words}" for words in ("<= 1024", "== 0", "> 0")]
    verdicts = judge(tuple(parse(text, OLD) for text in texts), world)
    assert [verdict.passed for verdict in verdicts] == [True, True, False]


def test_a_function_is_judged_by_its_own_metrics() -> None:
    world = make_world(load(find("cold-search")).scenario)
    world.run(180.0)
    texts = ("Search.Invocations > 100", "Search.Duration < 1ms", "Search.Errors == 0")
    verdicts = judge(tuple(parse(text, FUNCTIONS) for text in texts), world)
    assert [verdict.passed for verdict in verdicts] == [True, False, True]
    assert all(verdict.observed is not None for verdict in verdicts)
