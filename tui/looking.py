"""What can be done on the screens that look at CloudWatch: a table of commands for each."""

from __future__ import annotations

from tui.commands import CLOCK, COMMANDS, Command

_HELP = next(command for command in COMMANDS if command.id == "session.help")
_ZOOM = next(command for command in COMMANDS if command.id == "view.zoom")

_RANGE = Command(
    id="graph.range",
    key="r",
    label="Range",
    help="Show 1 hour, 3 hours, 12 hours, 1 day, 3 days, 1 week.",
    group="Graph",
    action="next_range",
    rank=2,
)
_PIN = Command(
    id="graph.pin",
    key="P",
    label="Pin",
    help="Put the graph first on the live screen, or take it away again.",
    group="Graph",
    action="pin",
    rank=2,
)
_BACK = Command(
    id="view.back",
    key="escape,q",
    label="Back",
    help="One step back, in the end to the screen before.",
    group="View",
    action="back",
    rank=1,
)

METRICS: tuple[Command, ...] = (
    *CLOCK,
    Command(
        id="graph.filter",
        key="slash",
        label="Filter",
        help="Find metrics by words of their namespace, dimensions or name.",
        group="Graph",
        action="filter",
        rank=1,
    ),
    Command(
        id="graph.statistic",
        key="s",
        label="Statistic",
        help="Choose the selected metric's statistic, or type one such as p99.9 or TM(10%:90%).",
        group="Graph",
        action="statistic",
        rank=1,
    ),
    Command(
        id="graph.period",
        key="p",
        label="Period",
        help="Choose the selected metric's period.",
        group="Graph",
        action="period",
        rank=1,
    ),
    _RANGE,
    Command(
        id="graph.expression",
        key="e",
        label="Math",
        help="Add a math expression such as 100 * m1 / m2.",
        group="Graph",
        action="expression",
        rank=1,
    ),
    Command(
        id="graph.visible",
        key="h",
        label="Hide",
        help="Hide the selected line, which expressions may still use (again: show it).",
        group="Graph",
        action="visible",
        rank=3,
    ),
    Command(
        id="graph.remove",
        key="x",
        label="Remove",
        help="Graph the selected line no more.",
        group="Graph",
        action="remove",
        rank=2,
    ),
    Command(
        id="graph.clear",
        key="X",
        label="Clear",
        help="Graph nothing.",
        group="Graph",
        action="clear",
    ),
    Command(
        id="graph.stacked",
        key="t",
        label="Stack",
        help="Stack the lines on each other (again: draw them apart).",
        group="Graph",
        action="stacked",
        rank=4,
    ),
    _PIN,
    Command(
        id="view.metrics-pane",
        key="1,2,3",
        label="Pane",
        help="Go to a pane: 1 graph, 2 graphed metrics, 3 all metrics (or tab).",
        group="View",
        action="",
    ),
    _ZOOM,
    _BACK,
    _HELP,
)

ALARM: tuple[Command, ...] = (
    *CLOCK,
    Command(
        id="alarm.state",
        key="s",
        label="Set state",
        help="Put the alarm into a state, until its next evaluation.",
        group="Alarm",
        action="set_state",
        aws="cloudwatch:SetAlarmState",
        rank=1,
    ),
    Command(
        id="alarm.disable",
        key="a",
        label="Actions",
        help="Keep the alarm from running its actions (again: let it run them).",
        group="Alarm",
        action="toggle_actions",
        aws="cloudwatch:DisableAlarmActions",
        rank=1,
    ),
    Command(
        id="alarm.next",
        key="n",
        label="Next",
        help="Look at the next alarm.",
        group="Alarm",
        action="next_alarm",
        rank=2,
    ),
    Command(
        id="alarm.metrics",
        key="M",
        label="Metrics",
        help="Open what the alarm watches among the metrics.",
        group="Alarm",
        action="open_metrics",
        rank=3,
    ),
    _RANGE,
    _PIN,
    Command(
        id="view.alarm-pane",
        key="1,2,3,4",
        label="Pane",
        help="Go to a pane: 1 graph, 2 datapoints, 3 history, 4 details (or tab).",
        group="View",
        action="",
    ),
    _ZOOM,
    _BACK,
    _HELP,
)

DASHBOARD: tuple[Command, ...] = (
    *CLOCK,
    _RANGE,
    Command(
        id="dashboard.next",
        key="n",
        label="Next",
        help="Look at the next dashboard of the template.",
        group="View",
        action="next_dashboard",
        rank=2,
    ),
    Command(
        id="dashboard.zoom",
        key="m",
        label="Zoom",
        help="Show the focused widget alone, or all of them again (also escape).",
        group="View",
        action="zoom",
        rank=2,
    ),
    _BACK,
    _HELP,
)
