"""The screens that look at CloudWatch, under their keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from scenarios.library import find
from scenarios.loader import Loaded, load
from tests.tui.screen import flying, let_pass, press, text_of, tiny, top
from tui.app import SpilloverApp
from tui.command import Command
from tui.looking import ALARM, DASHBOARD, METRICS
from tui.panes.chart_column import ChartColumn
from tui.panes.graphs import GraphsPane
from tui.panes.picker import MetricPicker
from tui.screens.alarm import AlarmScreen
from tui.screens.clocked import ClockedScreen
from tui.screens.dashboard import DashboardScreen
from tui.screens.dialogs import QuitDialog
from tui.screens.graph_dialogs import ExpressionDialog, PeriodDialog, StatisticDialog
from tui.screens.help import HelpScreen
from tui.screens.metrics import MetricsScreen
from tui.widgets.live_table import LiveTable

COMPOSITE = """\
  Trouble:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties:
      AlarmRule: !Sub "ALARM(${SlowAlarm}) OR NOT OK(${ErrorsAlarm})"
      AlarmActions: [!Ref OnCall]
"""

SPELLED = {" ": "space", "*": "asterisk", "/": "slash", "+": "plus", ".": "full_stop"}


async def write(pilot: Pilot[int], text: str) -> None:
    await pilot.press(*(SPELLED.get(letter, letter) for letter in text))
    await pilot.pause()


def done(app: SpilloverApp) -> list[str]:
    return [action.name for _, action in app.session.world.applied]


def with_composite(folder: Path) -> Loaded:
    template = (find("calm-day").parent / "web.template.yaml").read_text()
    (folder / "web.template.yaml").write_text(
        template.replace("\nOutputs:", f"{COMPOSITE}\nOutputs:")
    )
    path = folder / "spike.scenario.yaml"
    path.write_text(find("traffic-spike").read_text())
    return load(path)


# Metrics


async def choose(pilot: Pilot[int], *names: str) -> None:
    """Graph the first metric that is found for each of these words."""
    for name in names:
        await press(pilot, "slash")
        assert isinstance(pilot.app.focused, Input)
        pilot.app.focused.value = name
        await press(pilot, "enter", "enter", "slash", "escape")


async def test_metrics_are_found_graphed_and_changed(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=3) as (app, pilot):
        await press(pilot, "M")
        screen = top(app, MetricsScreen)
        picker = screen.query_one(MetricPicker)
        assert "AWS/ApplicationELB" in text_of(app)
        await press(pilot, "enter")
        assert "Per AppELB Metrics" in text_of(app)
        await press(pilot, "enter")
        assert "All > AWS/ApplicationELB > Per AppELB Metrics" in text_of(app)
        await press(pilot, "backspace", "escape")
        assert picker.place.namespace is None
        await choose(pilot, "TargetResponseTime", "RequestCount AppELB")
        assert [line.id for line in screen.bench.lines] == ["m1", "m2"]
        assert screen.query_one(ChartColumn).available == 2, "seconds and counts"
        shown = text_of(app)
        assert "Seconds" in shown
        assert "TargetResponseTime" in shown
        await press(pilot, "2", "home", "s")
        top(app, StatisticDialog).query_one(Input).focus()
        await write(pilot, "p999")
        await press(pilot, "enter")
        assert "must have a percentage from 0 to 100" in " ".join(text_of(app).split())
        top(app, StatisticDialog).query_one(Input).value = "p99.9"
        await press(pilot, "enter")
        assert screen.bench.line("m1").statistic == "p99.9"
        await press(pilot, "p")
        shown = text_of(app)
        assert "1 m" in shown
        assert "30 s" not in shown, "no metric has datapoints finer than a minute"
        assert "6 h" not in shown, "longer than what is shown"
        top(app, PeriodDialog)
        await press(pilot, "down", "down", "enter")
        assert screen.bench.line("m1").period == 300.0
        await press(pilot, "h")
        assert not screen.bench.line("m1").visible
        await press(pilot, "x")
        assert [line.id for line in screen.bench.lines] == ["m2"]
        await press(pilot, "t")
        assert screen.bench.stacked
        await press(pilot, "X")
        assert screen.bench.lines == ()


async def test_a_wrong_expression_is_told_where_it_is_typed(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=3) as (app, pilot):
        await press(pilot, "M")
        await choose(pilot, "RequestCount AppELB")
        await press(pilot, "e")
        top(app, ExpressionDialog)
        await write(pilot, "100 * m1 /")
        shown = text_of(app).split("\n")
        row = next(n for n, line in enumerate(shown) if "▲" in line)
        assert "column 11" in shown[row + 1]
        assert shown[row].index("▲") == shown[row - 1].index("100") + 10
        await press(pilot, "enter")
        top(app, ExpressionDialog)
        await write(pilot, " m1")
        await press(pilot, "enter")
        screen = top(app, MetricsScreen)
        assert screen.bench.line("e1").expression == "100 * m1 / m1"
        assert "100 * m1 / m1" in text_of(app)
        await press(pilot, "2", "home", "x")
        assert "there is no metric or expression named m1" in text_of(app)
        await press(pilot, "s")
        await pilot.pause()
        assert "e1 is an expression" in text_of(app)
        await press(pilot, "enter", "escape")
        assert screen.bench.line("e1").expression == "100 * m1 / m1"


async def test_nothing_chosen_is_no_harm(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=1) as (app, pilot):
        await press(pilot, "M", *"sphxXtPrr", "1", "left", "escape", "2", "enter", "3", "m", "m")
        top(app, MetricsScreen)
        await press(pilot, "e", "enter")
        assert "an expression, please" in text_of(app)
        await press(pilot, "escape", "slash", "z", "z")
        assert "no metric has these words" in text_of(app)
        await press(pilot, "escape", "escape")
        assert app.screen is app.live


async def test_the_graph_is_pinned_and_taken_away(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=3) as (app, pilot):
        pane = app.live.query_one(GraphsPane)
        before = pane.available
        await press(pilot, "M")
        await choose(pilot, "TargetResponseTime", "RequestCount AppELB")
        await press(pilot, "P", "escape")
        assert app.screen is app.live
        assert pane.available == before + 2, "one for each unit"
        assert pane.first == 0
        await pilot.pause()
        assert "TargetResponseTime" in text_of(app)
        await press(pilot, "r", "r", "M", "P", "q")
        assert pane.available == before


async def test_time_goes_on_while_one_looks(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2, painted=True) as (app, pilot):
        for key, kind in (("M", MetricsScreen), ("A", AlarmScreen), ("D", DashboardScreen)):
            await press(pilot, key)
            top(app, kind)
            before = app.session.world.now
            await press(pilot, "full_stop")
            assert app.session.world.now == before + 60
            assert "PAUSED" in text_of(app)
            await press(pilot, "space")
            assert "playing" in text_of(app)
            await press(pilot, "greater_than_sign", "less_than_sign", "escape")
            assert app.screen is app.live


# Alarms


async def test_what_lies_under_a_page_is_not_drawn_but_what_lies_under_a_dialog_is(
    tmp_path: Path,
) -> None:
    async with flying(tiny(tmp_path)) as (app, pilot):
        live = app.screen
        assert isinstance(live, ClockedScreen)
        assert live.in_sight
        await press(pilot, "question_mark")
        assert live.in_sight, "the help is a dialog"
        await press(pilot, "escape", "M")
        assert not live.in_sight
        page = top(app, MetricsScreen)
        await press(pilot, "question_mark")
        assert page.in_sight
        assert not live.in_sight
        await press(pilot, "escape", "escape")
        assert live.in_sight
        assert not page.in_sight, "it was left"


async def test_an_alarm_s_page_and_its_keys() -> None:
    async with flying(load(find("traffic-spike")), minutes=14) as (app, pilot):
        await press(pilot, "4", "enter")
        screen = top(app, AlarmScreen)
        assert screen.alarm_id == "SlowAlarm"
        shown = text_of(app)
        assert "Threshold Crossed: 3 out of the last 5 datapoints" in shown
        assert "▲ breaching" in shown
        assert "● not breaching" in shown
        assert "· not evaluated" in shown
        assert "4 breaching, 3 make an alarm" in shown
        assert "notify OnCall" in shown
        await press(pilot, "a")
        assert "actions disabled" in text_of(app)
        assert "DISABLED" in text_of(app)
        await press(pilot, "s", "enter")
        assert " OK   SlowAlarm" in text_of(app)
        await press(pilot, "a")
        assert done(app)[-3:] == [
            "cloudwatch:DisableAlarmActions",
            "cloudwatch:SetAlarmState",
            "cloudwatch:EnableAlarmActions",
        ]
        await press(pilot, "3")
        shown = text_of(app)
        assert "Alarm updated from ALARM to OK" in shown
        assert 'Alarm "' in shown
        assert "updated" in shown
        await let_pass(app, pilot, 1)
        await press(pilot, "full_stop")
        assert " ALARM   SlowAlarm" in text_of(app), "the next evaluation tells the truth"
        await press(pilot, "r", "r", "P", "M")
        metrics = top(app, MetricsScreen)
        assert metrics.bench.lines[0].statistic == "p99"
        await press(pilot, "escape", "escape")
        assert app.screen is app.live
        assert "TargetResponseTime p99" in text_of(app)


async def test_the_session_with_an_alarm_set_by_hand_is_saved(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await press(pilot, "A", "s", "down", "enter", "a")
        app.session.save(tmp_path / "again.scenario.yaml")
    timeline = load(tmp_path / "again.scenario.yaml").scenario.timeline
    assert [entry.action.name for entry in timeline][:2] == [
        "cloudwatch:SetAlarmState",
        "cloudwatch:DisableAlarmActions",
    ]


async def test_the_alarms_of_target_tracking_are_left_alone(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await press(pilot, "4", "end", "enter")
        screen = top(app, AlarmScreen)
        assert screen.alarm_id.startswith("TargetTracking-")
        assert "made by               scaling policy CpuPolicy" in text_of(app)
        await press(pilot, "a")
        assert "belongs to the scaling policy CpuPolicy" in " ".join(text_of(app).split())
        assert done(app) == []


async def test_a_composite_alarm_shows_its_rule_and_children(tmp_path: Path) -> None:
    async with flying(with_composite(tmp_path), minutes=14) as (app, pilot):
        await press(pilot, "A")
        screen = top(app, AlarmScreen)
        assert screen.composite
        shown = text_of(app)
        assert "ALARM(SlowAlarm) OR NOT OK(ErrorsAlarm)" in shown
        assert "alarms of its rule" in shown
        assert "AA" in shown
        await press(pilot, "P", "M")
        assert top(app, AlarmScreen) is screen
        await press(pilot, "down", "enter")
        assert top(app, AlarmScreen).alarm_id == "ErrorsAlarm"
        await press(pilot, "escape")
        assert top(app, AlarmScreen) is screen
        seen = {screen.alarm_id}
        for _ in range(5):
            await press(pilot, "n")
            seen.add(top(app, AlarmScreen).alarm_id)
        assert len(seen) == 6
        await press(pilot, "escape")
        assert app.screen is app.live


async def test_an_alarm_without_data(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=3) as (app, pilot):
        await press(pilot, "4", "home")
        app.live.open_alarm("ErrorsAlarm")
        await pilot.pause()
        await pilot.pause()
        shown = text_of(app)
        assert "missing" in shown
        assert "● treated as not breaching" in shown


# Dashboards


async def test_a_dashboard_is_laid_out_and_leads_to_alarms() -> None:
    async with flying(load(find("traffic-spike")), (200, 60), minutes=14) as (app, pilot):
        await press(pilot, "D")
        shown = text_of(app)
        for words in ("web-tier", "Right now", "p99 response time", "Answers per minute"):
            assert words in shown
        assert "too slow" in shown
        await press(pilot, "tab")
        assert isinstance(app.focused, LiveTable)
        await press(pilot, "enter")
        assert top(app, AlarmScreen).alarm_id == "SlowAlarm"
        await press(pilot, "escape")
        await press(pilot, "tab", "m")
        assert app.screen.maximized is not None
        await press(pilot, "escape")
        assert app.screen.maximized is None
        await press(pilot, "r")
        assert "the dashboard shows 1h" in text_of(app)
        await press(pilot, "n")
        assert "no other dashboard" in text_of(app)


async def test_a_narrow_dashboard_scrolls_and_reads_what_comes_into_view() -> None:
    async with flying(load(find("traffic-spike")), (80, 24), minutes=14) as (app, pilot):
        await press(pilot, "D")
        assert "Healthy hosts by zone" not in text_of(app)
        await press(pilot, "end")
        await pilot.pause()
        shown = text_of(app)
        assert "minute by minute" in shown
        assert "us-east-1c" in shown
        assert "2.89 s" in shown


EVERYTHING = """\
name: Everything
start: 2026-11-25T09:00:00Z
duration: 20m
template:
  Resources:
    Empty:
      Type: AWS::CloudWatch::Dashboard
      Properties: {DashboardBody: '{"widgets": []}'}
    Board:
      Type: AWS::CloudWatch::Dashboard
      Properties:
        DashboardBody: |
          {"start": "2026-11-25T09:00:00Z", "end": "2026-11-25T09:10:00Z", "widgets": [
            {"type": "metric", "properties": {"view": "pie", "title": "Shares", "period": 60,
              "metrics": [["Shop", "Orders", "Queue", "a"], ["...", "b"]]}},
            {"type": "metric", "properties": {"view": "table", "title": "Rows", "period": 60,
              "table": {"showTimeSeriesData": false}, "metrics": [["Shop", "Orders", "Queue", "a"]]}},
            {"type": "metric", "properties": {"view": "singleValue", "title": "[red]Nothing[/] [x",
              "metrics": [["No", "Where"]]}},
            {"type": "metric", "properties": {"annotations": {"alarms": ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:none"]}, "title": "Gone"}},
            {"type": "metric", "properties": {"title": "Wrong", "metrics": [["Shop", "Orders", "Queue", "a", {"id": "m1"}], [{"expression": "SEARCH('{Shop} Orders', 'Sum', 90)"}]]}},
            {"type": "metric", "properties": {"title": "Noted", "period": 60, "metrics": [["Shop", "Orders", "Queue", "a"]],
              "annotations": {"vertical": [[{"value": "2026-11-25T09:02:00Z", "label": "deploy"}, {"value": "2026-11-25T09:05:00Z"}]]}}},
            {"type": "alarm", "properties": {"alarms": ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:none"]}},
            {"type": "log", "properties": {"title": "Errors", "region": "us-east-1", "query": "x"}},
            {"type": "explorer", "properties": {}}
          ]}
metrics:
  - {namespace: Shop, name: Orders, dimensions: {Queue: a}, unit: Count, period: 1m, values: [1, 2, 3, 3, 3, 3, 3, 3, 3, 3]}
  - {namespace: Shop, name: Orders, dimensions: {Queue: b}, unit: Count, period: 1m, values: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}
"""  # noqa: E501


async def test_every_kind_of_widget_is_shown_or_named(tmp_path: Path) -> None:
    path = tmp_path / "everything.scenario.yaml"
    path.write_text(EVERYTHING)
    async with flying(load(path), (160, 60), minutes=15) as (app, pilot):
        await press(pilot, "D")
        assert "1 of 2 dashboards" in text_of(app)
        await press(pilot, "n")
        await pilot.pause()
        shown = text_of(app)
        assert "75%" in shown
        assert "25%" in shown
        assert "no datapoints yet" in shown
        assert "none: unknown" in shown
        assert "log: not simulated" in shown
        assert "explorer" in shown
        assert "[red]Nothing[/] [x" in shown, "a title is text, not markup"
        assert "▾" in shown
        assert "░" in shown
        assert "column " in shown, "an expression that is wrong says where"
        assert "max       sum" in shown
        assert "Orders a" in shown
        assert "10m" in shown


async def test_a_template_without_dashboards_or_alarms(tmp_path: Path) -> None:
    path = tmp_path / "bare.scenario.yaml"
    path.write_text(
        "name: Bare\nstart: 2026-11-25T09:00:00Z\nduration: 10m\n"
        "template: {Resources: {Topic: {Type: 'AWS::SNS::Topic'}}}\n"
    )
    async with flying(load(path), minutes=1) as (app, pilot):
        await press(pilot, "D", "A")
        assert app.screen is app.live
        assert "there is no alarm in this template" in text_of(app)
        await press(pilot, "M")
        assert "no metric has a datapoint yet" in text_of(app)


# All of them

SCREENS: dict[str, tuple[Command, ...]] = {"M": METRICS, "A": ALARM, "D": DASHBOARD}


@pytest.mark.parametrize("key", SCREENS)
def test_every_command_is_an_action_of_its_screen(key: str) -> None:
    kinds: dict[str, type[ClockedScreen]] = {
        "M": MetricsScreen,
        "A": AlarmScreen,
        "D": DashboardScreen,
    }
    for command in SCREENS[key]:
        if command.action:
            assert callable(getattr(kinds[key], f"action_{command.action}")), command.id
    keys = [one for command in SCREENS[key] for one in command.key.split(",")]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("key", "theme"), [("M", "ansi-dark"), ("A", "textual-light"), ("D", "ansi-light")]
)
async def test_they_can_be_read_in_any_theme(key: str, theme: str, tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), (80, 24), minutes=3, theme=theme) as (app, pilot):
        await press(pilot, key, "question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert SCREENS[key][-2].help[:20] in text_of(app) or "Keys" in text_of(app)
        await press(pilot, "escape")
        await pilot.resize_terminal(50, 14)
        await pilot.pause()
        assert "too small" in text_of(app)
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        await pilot.pause()
        assert "too small" not in text_of(app)
        assert app.focused is None or isinstance(app.focused, Widget)


async def test_without_colours_states_are_read_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with flying(load(find("traffic-spike")), minutes=14) as (app, pilot):
        await press(pilot, "A")
        assert "▲ breaching" in text_of(app)
        await press(pilot, "escape", "D")
        assert "▲ ALARM" in text_of(app)
        assert "100 %" in text_of(app)


@pytest.mark.parametrize("key", ["M", "D"])
async def test_leaving_from_any_of_them_asks_about_the_recording(key: str, tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await press(pilot, "t", key, "ctrl+q")
        assert isinstance(app.screen, QuitDialog)
        await press(pilot, "escape", "ctrl+c")
        assert "Still here" in text_of(app)


async def test_the_palette_leads_to_alarms_and_dashboards(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await app.run_action("command_palette")
        await pilot.pause()
        await write(pilot, "SlowAlarm")
        await pilot.pause()
        await pilot.pause()
        await press(pilot, "enter")
        await pilot.pause()
        assert top(app, AlarmScreen).alarm_id == "SlowAlarm"
