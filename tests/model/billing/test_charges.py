"""EstimatedCharges. Source: "Create a billing alarm to monitor your estimated AWS charges"."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from model.billing import cost
from model.billing.charges import CURRENCY, EstimatedCharges
from model.clock import MINUTE
from model.cloudwatch.metrics import MetricKey, MetricStore
from tests.model.autoscaling.samples import make_world

HOUR = 3600.0


def charged(start: datetime, hours: int, **services: tuple[str, ...]) -> dict[float, float]:
    """The totals of a bill to which a dollar is added each hour, by the end of their minutes."""
    store, now = MetricStore(), 0.0
    charges = EstimatedCharges(lambda: {"AmazonEC2": now / HOUR}, start, store)
    for minute in range(-60, hours * 60 + 1):
        now = minute * MINUTE
        charges.publish(now)
    metric = store.get(MetricKey("AWS/Billing", "EstimatedCharges", (CURRENCY,)))
    points = {} if metric is None else metric.points
    return {(begin + MINUTE) / HOUR: point.maximum for begin, point in points.items()}


def test_every_six_hours_of_the_calendar() -> None:
    found = charged(datetime(2026, 11, 25, 9, tzinfo=UTC), 24)
    assert found == {3.0: 3.0, 9.0: 9.0, 15.0: 15.0, 21.0: 21.0}


def test_not_before_the_scenario_begins() -> None:
    assert charged(datetime(2026, 11, 25, 12, 30, tzinfo=UTC), 1) == {}
    assert charged(datetime(2026, 11, 25, 12, tzinfo=UTC), 6) == {6.0: 6.0}


def test_a_month_begins_anew() -> None:
    found = charged(datetime(2026, 11, 30, 12, tzinfo=UTC), 24)
    assert found == {6.0: 6.0, 12.0: 12.0, 18.0: 6.0, 24.0: 12.0}


def test_in_all_and_for_each_service() -> None:
    world = make_world(targets={}, desired_capacity=1)
    world.run(9 * HOUR)
    found = {
        dict(metric.key.dimensions).get("ServiceName"): metric
        for metric in world.cloudwatch.metrics
        if metric.key.namespace == "AWS/Billing"
    }
    assert set(found) == {None, "AmazonEC2", "AWSELB", "AmazonCloudWatch"}
    last = {name: list(metric.points.values())[-1].maximum for name, metric in found.items()}
    assert last[None] == pytest.approx(sum(cost(world).values()), abs=0.01)
    assert last["AmazonEC2"] == pytest.approx(cost(world)["Group"], abs=0.01)
    assert {metric.unit for metric in found.values()} == {"None"}
