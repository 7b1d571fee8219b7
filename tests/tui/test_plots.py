"""Plots read from a world: a chart for each unit, what is marked, what is remembered."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError
from model.cloudwatch.statistics import Datapoint
from model.stack import Stack
from model.world import World
from tui.charts.units import chart_unit
from tui.plots import Plot, PlotReader, at_range, with_period

ORDERS = MetricKey.of("Shop", "Orders", {})
TIMES = MetricKey.of("Shop", "Time", {})
PLAIN = MetricKey.of("Shop", "Plain", {})
HOUR = 3600.0


@pytest.fixture
def world() -> World:
    made = World(Stack({}), start=datetime(2026, 11, 25, 9, tzinfo=UTC))
    for minute in range(120):
        start = 60.0 * minute
        made.cloudwatch.put(ORDERS, "Count", start, Datapoint.single(float(minute)))
        made.cloudwatch.put(TIMES, "Milliseconds", start, Datapoint.single(250.0))
        made.cloudwatch.put(PLAIN, "None", start, Datapoint.single(7.0))
    made.run(2 * HOUR)
    return made


def stat(
    name: str, key: MetricKey, statistic: str = "Average", period: float = 60.0
) -> MetricQuery:
    return MetricQuery(id=name, metric_stat=MetricStat(key, period, statistic), label=key.name)


def math_query(name: str, expression: str) -> MetricQuery:
    return MetricQuery(id=name, expression=expression)


def plot(*queries: MetricQuery) -> Plot:
    return Plot(title="Mine", queries=queries)


def test_each_unit_has_a_chart_of_its_own(world: World) -> None:
    mixed = plot(
        stat("m1", ORDERS), stat("m2", TIMES), stat("m3", PLAIN), math_query("e1", "m1 / 2")
    )
    charts = PlotReader(world).charts(mixed, HOUR)
    assert [(c.unit, [s.label for s in c.series]) for c in charts] == [
        ("Count", ["Orders", "Plain"]),
        ("Seconds", ["Time"]),
        ("None", ["m1 / 2"]),
    ]
    assert charts[1].series[0].values[-1] == 0.25, "milliseconds are written in seconds"
    assert (charts[0].start, charts[0].end) == (HOUR, 2 * HOUR)


def test_each_of_them_can_be_shown_alone(world: World) -> None:
    reader = PlotReader(world)
    mixed = plot(stat("m1", ORDERS), stat("m2", TIMES), math_query("e1", "m2 * 2"))
    first, second, third = reader.by_unit(mixed, HOUR)
    assert [query.return_data for query in first.queries] == [True, False, False]
    assert second.title == "Time"
    (chart,) = reader.charts(third, HOUR)
    assert chart.series[0].values[-1] == 500.0
    assert reader.by_unit(first, HOUR) == (first,)


def test_periods_end_with_the_last_whole_one(world: World) -> None:
    world.run(2 * HOUR + 90.0)
    (chart,) = PlotReader(world).charts(plot(stat("m1", ORDERS, "Sum", 900.0)), 3 * HOUR)
    assert chart.series[0].times[-1] == 2 * HOUR - 900.0
    assert chart.series[0].values[-1] == float(sum(range(105, 120)))


def test_long_ranges_have_long_periods_unless_told_otherwise() -> None:
    mine = plot(stat("m1", ORDERS), MetricQuery(id="e1", expression="m1", period=60.0))
    week = 7 * 24 * HOUR
    changed = at_range(mine.queries, week)
    assert changed[0].metric_stat is not None
    assert (changed[0].metric_stat.period, changed[1].period) == (3600.0, 3600.0)
    assert at_range(mine.queries, HOUR) == mine.queries
    assert with_period(mine, 300.0).queries[0].metric_stat == MetricStat(ORDERS, 300.0, "Average")


def test_what_was_read_is_remembered_until_a_datapoint_is_added(world: World) -> None:
    reader = PlotReader(world)
    mine = plot(stat("m1", ORDERS))
    first = reader.charts(mine, HOUR)[0].series[0]
    assert reader.charts(mine, HOUR)[0].series[0] is first
    world.cloudwatch.put(ORDERS, "Count", 119 * 60.0, Datapoint.single(1000.0))
    assert reader.charts(mine, HOUR)[0].series[0].values[-1] == (119 + 1000) / 2
    for number in range(100):
        reader.charts(plot(stat(f"m{number}", ORDERS)), HOUR)
    assert reader.charts(mine, HOUR)[0].series[0].values[-1] == (119 + 1000) / 2


def test_a_metric_that_is_not_there_and_one_that_cannot_be_worked_out(world: World) -> None:
    reader = PlotReader(world)
    nothing = plot(stat("m1", MetricKey.of("No", "Where", {})))
    (chart,) = reader.charts(nothing, HOUR)
    assert chart.series[0].times == ()
    with pytest.raises(QueryError, match="m9"):
        reader.charts(plot(math_query("e1", "m9")), HOUR)
    with pytest.raises(QueryError, match="multiple of 60"):
        reader.charts(plot(math_query("e1", "SEARCH('{Shop} Orders', 'Sum', 90)")), HOUR)


def test_a_search_gives_a_line_for_each_metric(world: World) -> None:
    found = plot(math_query("e1", "SEARCH('{Shop} Orders', 'Sum', 60)"))
    (chart,) = PlotReader(world).charts(found, HOUR)
    assert [series.label for series in chart.series] == ["Orders"]


def test_units() -> None:
    assert chart_unit("Megabytes") == ("Bytes", 1e6)
    assert chart_unit("Kilobits/Second") == ("Bits/Second", 1e3)
    assert chart_unit("Seconds", "SampleCount") == ("Count", 1.0)
    assert chart_unit("Seconds", "TC(:1)") == ("Count", 1.0)
    assert chart_unit("Seconds", "PR(:1)") == ("Percent", 1.0)
    assert chart_unit("Furlongs") == ("None", 1.0)
    assert math.isclose(chart_unit("Microseconds")[1], 1e-6)
