"""Alarms on metric math in the app: a row with the expression, and no line in the graphs."""

from __future__ import annotations

from pathlib import Path

from scenarios.player import make_world
from tests.scenarios.test_math_alarm import loaded
from tui.graphs import graphs_of
from tui.plots import PlotReader
from tui.views import alarms


def test_the_condition_shows_the_expression_and_graphs_draw_no_threshold(tmp_path: Path) -> None:
    world = make_world(loaded(tmp_path))
    world.run(600.0)
    (view,) = [view for view in alarms(world) if view.id == "Rate"]
    assert view.alarm.sentence == (
        "100 * FILL(errors, 0) / requests > 5 for 2 datapoints within 2 minutes"
    )
    reader = PlotReader(world)
    charts = [chart for graph in graphs_of(world) for chart in reader.charts(graph, 3600.0)]
    drawn = {threshold.value for chart in charts for threshold in chart.thresholds}
    assert drawn  # those of the alarms on one metric
    assert 5.0 not in drawn
