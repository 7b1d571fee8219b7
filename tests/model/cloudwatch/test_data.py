"""PutMetricData and DeleteAlarms as moves ("Publish custom metrics")."""

from __future__ import annotations

from typing import Any

import pytest

from model.actions import Action, ActionError
from model.cloudwatch.data import MetricDatum, StatisticSet
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.moves import AlarmNames, PutMetricData
from model.cloudwatch.resources import Dimension
from tests.model.samples import world_at

KEY = MetricKey.of("Shop", "Orders", {"Queue": "checkout"})


def datum(**fields: Any) -> MetricDatum:
    place = (Dimension(name="Queue", value="checkout"),)
    return MetricDatum(metric_name="Orders", dimensions=place, **fields)


def put(*data: MetricDatum) -> Action:
    return Action(
        name="cloudwatch:PutMetricData",
        parameters=PutMetricData(namespace="Shop", metric_data=data),
    )


def test_values_with_counts() -> None:
    """150 values at most, each so many times."""
    point = datum(values=(1.0, 5.0), counts=(3.0, 1.0)).point
    assert (point.count, point.total, point.minimum, point.maximum) == (4.0, 8.0, 1.0, 5.0)
    assert point.statistic("p50") == 1.0
    assert datum(values=(1.0, 5.0)).point.count == 2.0


def test_a_statistic_set_knows_no_percentile() -> None:
    made = StatisticSet(sample_count=3, sum=12.0, minimum=1.0, maximum=9.0)
    point = datum(statistic_values=made).point
    assert point.statistic("Average") == 4.0
    assert point.statistic("p50") != point.statistic("p50")
    same = StatisticSet(sample_count=3, sum=12.0, minimum=4.0, maximum=4.0)
    assert datum(statistic_values=same).point.statistic("p50") == 4.0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "exactly one of Value, Values and StatisticValues"),
        ({"value": 1.0, "values": (1.0,)}, "exactly one of"),
        ({"values": (1.0,), "counts": (1.0, 2.0)}, r"as many as Values \(1\), not 2"),
        ({"values": (1.0,) * 151}, "from 0 to 150 items"),
        ({"value": float("nan")}, "must be a number from"),
        ({"value": 2.0**361}, "must be a number from"),
        ({"value": 1.0, "unit": "Orders"}, "must be one of"),
        ({"value": 1.0, "storage_resolution": 10}, "must be one of 1, 60"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        datum(**fields)


def test_aws_has_its_namespaces_to_itself() -> None:
    with pytest.raises(ValueError, match="must not begin with AWS/"):
        PutMetricData(namespace="AWS/EC2", metric_data=(datum(value=1.0),))


def test_it_is_stored_by_the_minute_or_the_second() -> None:
    world = world_at(0.0)
    world.run(130.0)
    world.apply(put(datum(value=3.0), datum(value=5.0)))
    metrics = world.cloudwatch.metrics
    point = metrics.read(KEY, 120.0, 180.0)
    assert point is not None
    assert (point.count, point.total) == (2.0, 8.0)
    world.run(200.0)
    world.apply(put(datum(value=7.0, storage_resolution=1)))
    assert metrics.get_metric_data(KEY, "Sum", 10.0, 180.0, 240.0).times == (200.0,)
    assert metrics.get_metric_data(KEY, "Sum", 60.0, 180.0, 240.0).values == (7.0,)


def test_alarms_can_be_deleted() -> None:
    world = world_at(0.0)
    name = next(iter(world.cloudwatch.alarms))
    delete = Action(name="cloudwatch:DeleteAlarms", parameters=AlarmNames(alarm_names=(name,)))
    world.apply(delete)
    assert name not in world.cloudwatch.alarms
    world.run(300.0)
    with pytest.raises(ActionError, match="there is no alarm named"):
        world.apply(delete)
