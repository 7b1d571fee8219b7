"""What CloudWatch costs. Source: Amazon CloudWatch pricing."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.billing import cost
from model.billing.cloudwatch import alarm_price, metrics_price, reported_hours
from model.billing.hours import MONTH
from model.cloudwatch.alarms import MetricAlarm
from model.cloudwatch.feeds import Feed
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat
from tests.model.autoscaling.samples import alarm, make_world, step, stepping, tracking
from tests.model.events.samples import world_of

HOUR = 3600.0
KEY = MetricKey.of("Shop", "Orders", {})


def watching(*expressions: str, metrics: int = 1, period: float = 60.0) -> MetricAlarm:
    """An alarm on expressions over some metrics."""
    stats = [
        MetricQuery(id=f"m{n}", metric_stat=MetricStat(KEY, period, "Sum"), return_data=False)
        for n in range(metrics)
    ]
    math = [
        MetricQuery(id=f"e{n}", expression=text, return_data=not n)
        for n, text in enumerate(expressions)
    ]
    return MetricAlarm(
        name="Alarm",
        metric=None if math else KEY,
        statistic="" if math else "Sum",
        queries=(*stats, *math) if math else (),
        period=period,
        threshold=1.0,
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
    )


@pytest.mark.parametrize(
    ("watched", "price"),
    [
        (watching(), 0.10),
        (watching(period=10.0), 0.30),
        (watching("m0 / m1 * 100", metrics=2), 0.20),
        (watching("ANOMALY_DETECTION_BAND(m0, 2)"), 0.30),
        (watching("ANOMALY_DETECTION_BAND(m0, 2)", period=10.0), 0.90),
    ],
)
def test_an_alarm_costs_as_many_metrics_as_it_has(watched: MetricAlarm, price: float) -> None:
    assert alarm_price(watched) == pytest.approx(price)


def test_metrics_get_cheaper_by_number() -> None:
    assert metrics_price(7) == pytest.approx(2.10)
    assert metrics_price(10_000) == pytest.approx(3000)
    assert metrics_price(260_000) == pytest.approx(3000 + 24_000 + 500)
    assert metrics_price(1_000_001) == pytest.approx(3000 + 24_000 + 37_500 + 0.02)


@pytest.mark.parametrize(("seconds", "hours"), [(1, 1), (3600, 1), (3601, 2)])
def test_an_alarm_costs_started_hours(seconds: float, hours: int) -> None:
    policy = stepping("Out", step(1, 0))
    world = make_world(policy, alarm("High", "Out", "GreaterThanThreshold", 50))
    world.run(seconds)
    assert cost(world)["High"] == pytest.approx(0.10 / MONTH * hours)


def test_alarms_of_target_tracking_are_billed_to_the_policy() -> None:
    world = make_world(tracking("Policy", 50, "ASGAverageCPUUtilization"))
    world.run(HOUR)
    assert cost(world)["Policy"] == pytest.approx(2 * 0.10 / MONTH)


def test_a_composite_alarm_costs_half_a_dollar(tmp_path: Path) -> None:
    text = """\
Both:
  Type: AWS::CloudWatch::CompositeAlarm
  Properties: {AlarmRule: !Sub 'ALARM("${Slow}")'}
"""
    world = world_of(tmp_path, text, until=600.0)
    assert cost(world)["Both"] == pytest.approx(0.50 / MONTH)
    assert cost(world)["Slow"] == pytest.approx(0.10 / MONTH)


@pytest.mark.parametrize("detailed", [True, False])
def test_detailed_monitoring_is_seven_metrics_an_instance(detailed: bool) -> None:
    world = make_world(desired_capacity=3, max_size=3, detailed=detailed)
    world.run(HOUR)
    wanted = 3 * 7 * 0.30 / MONTH if detailed else 0.0
    assert cost(world).get("CloudWatch", 0.0) == pytest.approx(wanted)


def test_what_ran_in_the_history_is_not_billed(tmp_path: Path) -> None:
    world = world_of(tmp_path, until=60.0)  # two minutes of history before
    assert cost(world)["CloudWatch"] == pytest.approx(2 * 7 * 0.30 / MONTH)


def test_a_metric_is_billed_for_hours_in_which_it_is_sent() -> None:
    values = [1.0] * 60 + [None] * 60 + [None] * 59 + [1.0] + [1.0] * 60
    feed = Feed(namespace="Shop", name="Orders", period=60.0, values=tuple(values))
    expected = {59: 0, 60: 1, HOUR: 1, 2 * HOUR: 1, 3 * HOUR: 2, 3 * HOUR + 60: 3, 9 * HOUR: 3}
    assert {now: reported_hours(feed, now) for now in expected} == expected


def test_metrics_from_outside_are_billed_together(tmp_path: Path) -> None:
    more = """\
metrics:
  - {namespace: Shop, name: Orders, period: 1m, values: [1, 2, 3]}
  - {namespace: Shop, name: Carts, period: 1m, values: [null, null, null]}
"""
    plain = world_of(tmp_path, until=600.0)
    fed = world_of(tmp_path, scenario=more, until=600.0)
    difference = cost(fed)["CloudWatch"] - cost(plain)["CloudWatch"]
    assert difference == pytest.approx(0.30 / MONTH)
