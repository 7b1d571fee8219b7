"""What a group's page is drawn from: charts and words, without an app."""

from __future__ import annotations

from datetime import UTC, datetime

from model.autoscaling.refresh import RefreshView
from model.autoscaling.views import MemberView, WaitView
from tests.model.autoscaling.predictive.test_policy import policy, world_of
from tests.model.autoscaling.samples import make_world, scheduled, set_desired
from tui import group_words
from tui.charts.drawing import draw
from tui.charts.views import ChartView, Limit, Series
from tui.group_charts import charts

HOUR = 3600.0
EPOCH = datetime(2026, 11, 25, 9, tzinfo=UTC)


def rows(view: ChartView, width: int = 80, height: int = 14) -> list[str]:
    return ["".join(run.text for run in line) for line in draw(view, width, height).lines]


# Levels and limits


def chart(**changes: object) -> ChartView:
    level = Series("level", (0.0, 1800.0, 3600.0), (2.0, 6.0, 6.0), steps=True)
    given = {"title": "A", "epoch": EPOCH, "start": 0.0, "end": 7200.0, "series": (level,)}
    return ChartView(**(given | {"unit": "Count", "now": 3600.0} | changes))  # type: ignore[arg-type]


def test_a_level_holds_until_it_changes() -> None:
    (level,) = chart().series
    assert [level.at(time) for time in (0.0, 1799.0, 1800.0, 3000.0, 3630.0, 4000.0)] == [
        *(2.0, 2.0, 6.0, 6.0, 6.0),
        None,
    ]
    drawn = rows(chart())
    low = next(row for row in drawn if row.startswith("2"))
    assert low.count("⠤") + low.count("⠒") + low.count("⣀") + low.count("⠉") > 12, "no slope"


def test_what_is_expected_lies_behind_a_line() -> None:
    behind = Series("expected", (3600.0, 7200.0), (9.0, 9.0), steps=True)
    view = chart(series=(*chart().series, behind))
    assert view.newest() == 3600.0, "the legend tells of now"
    assert "level 6" in rows(view)[0]
    assert sum("│" in row[40:] for row in rows(view)) >= 8


def test_limits_change_and_tell_their_value_now() -> None:
    least = Limit((0.0, 1800.0), (1.0, 3.0), "min")
    most = Limit((0.0,), (400.0,), "max")
    drawn = rows(chart(limits=(least, most)))
    assert any("min 3" in row for row in drawn)
    assert any("▲ max 400" in row for row in drawn), "too far away to be drawn"
    assert sum("╌" in row for row in drawn) == 2
    same = rows(chart(limits=(Limit((0.0,), (0.0,), "min"), Limit((0.0,), (0.0,), "max"))))
    assert any("min 0" in row for row in same)
    assert any("max 0" in row for row in same)


def test_whole_numbers_have_whole_labels() -> None:
    one = Series("one", (0.0, 7200.0), (1.0, 1.0), steps=True)
    for height in range(5, 20):
        drawn = rows(chart(series=(one,), whole=True), 60, height)
        labels = [row.split("┤")[0].strip() for row in drawn if "┤" in row]
        assert all(label.isdigit() for label in labels), drawn


# Charts of a group


def test_scheduled_sizes_are_drawn_ahead() -> None:
    world = make_world(
        scheduled("Open", recurrence="30 9 * * *", min_size=2, max_size=8, desired_capacity=4),
        desired_capacity=1,
    )
    world.run(600)
    set_desired(world, 2)
    world.run(900)
    capacity, states, zones = charts(world, "Group", HOUR)
    least, most = capacity.limits
    assert (least.times[-1], least.values[-1]) == (1800.0, 2)
    assert (most.values[0], most.values[-1]) == (10, 8)
    assert capacity.now == 900.0
    assert capacity.end == 900.0 + HOUR
    assert [mark.label for mark in capacity.marks] == ["SetDesiredCapacity", "Open"]
    assert [series.label for series in capacity.series] == ["desired", "in service"]
    assert [series.label for series in states.series] == ["warming", "pending"]
    assert zones.stacked
    assert zones.series[0].times == zones.series[1].times
    assert len(charts(world, "Group", HOUR, "us-east-1a")) == 2
    (coming, *_) = group_words.ahead(world, "Group")
    assert (coming.what, coming.leads_to) == ("Open", "min 2 max 8 desired 4")


def test_a_forecast_is_drawn_beside_what_came_and_ahead() -> None:
    world = world_of(policy())
    world.run(35.5 * HOUR)
    (view,) = world.autoscaling.describe_forecasts("Group", 0.0, 48 * HOUR)
    assert (view.holds, view.raises) == (2, 36 * HOUR - 300.0)
    world.run(40 * HOUR)
    capacity, *_, load = charts(world, "Group", 24 * HOUR)
    forecast = capacity.series[0]
    assert forecast.label == "forecast"
    assert forecast.times[-1] == capacity.end == 48 * HOUR
    assert load.title.startswith("Predictive: load by the hour, off by ")
    expected, came = load.series
    assert came.times[-1] == 40 * HOUR
    assert expected.times[-1] == 48 * HOUR
    words = [f"{one.time / HOUR:g} {one.leads_to}" for one in group_words.ahead(world, "Group")]
    assert words[0] == "48 2 needed, load 100"
    (view,) = world.autoscaling.describe_forecasts("Group", 0.0, 48 * HOUR)
    assert view.holds == 8
    assert view.target == 50
    assert view.raises is None


# Words


def test_an_instance_in_words() -> None:
    member = MemberView(
        "i-1",
        "us-east-1a",
        "m5.large",
        "Pending:Wait",
        healthy=True,
        launched=0.0,
        protected=True,
        waiting=(WaitView("Install", 90.0),),
        warm_at=200.0,
    )
    words = group_words.remarks(member, 100.0, EPOCH)
    assert words == "protected, warm in 1m, hook Install until 09:00"


def test_ages() -> None:
    given = [-1.0, 59.0, 60.0, 7199.0, 7200.0, 172_800.0]
    assert [group_words.age(seconds) for seconds in given] == [
        "0s",
        "59s",
        "1m",
        "119m",
        "2h",
        "2d",
    ]


def test_a_refresh_in_words() -> None:
    view = RefreshView("id", "InProgress", "Waiting", 0.0, None, 50, 2, (50, 100), 600.0)
    words = group_words.refresh_words(view, 100.0, EPOCH)
    assert words == ("refresh InProgress 50 %, 2 to go, stops at 50 %, waits until 09:00, Waiting")
    over = RefreshView("id", "Successful", "", 0.0, 900.0, 100, 0)
    assert group_words.refresh_words(over, 1000.0, None) == "refresh Successful 100 %"
