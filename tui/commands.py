"""Everything a person can do in the app: one table that feeds keys, footer, help and palette."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from tui.widgets.key_bar import KeyHint

Group = Literal["Clock", "Faults", "Moves", "Graph", "Alarm", "View", "Session"]


@frozen(kw_only=True)
class Command:
    """One thing to do."""

    id: str
    """A stable name, for a user's own key map."""
    key: str
    """Keys in Textual's spelling, several separated by commas."""
    label: str
    """One or two words for the footer."""
    help: str
    """A sentence for the help screen and the palette."""
    group: Group
    action: str
    """The screen's action method, without `action_`."""
    aws: str = ""
    """What it is called in AWS (a FIS action id or an API call), or Spillover's own fault."""
    rank: int | None = None
    """Its place among those that a narrow footer leaves out last (1: never); None: not in it."""


COMMANDS: tuple[Command, ...] = (
    Command(
        id="clock.pause",
        key="space",
        label="Pause",
        help="Stop the clock, or let it go on.",
        group="Clock",
        action="pause",
        rank=1,
    ),
    Command(
        id="clock.step",
        key="full_stop",
        label="Step",
        help="Stop the clock and let one simulated minute pass.",
        group="Clock",
        action="step",
        rank=5,
    ),
    Command(
        id="clock.faster",
        key="greater_than_sign,plus",
        label="Speed",
        help="Play faster: 1x, 10x, 60x, 600x, as fast as it goes.",
        group="Clock",
        action="faster",
        rank=2,
    ),
    Command(
        id="clock.slower",
        key="less_than_sign,minus",
        label="Slower",
        help="Play slower.",
        group="Clock",
        action="slower",
    ),
    Command(
        id="fault.kill",
        key="k",
        label="Kill",
        help="Terminate the selected target's instance, or stop its task.",
        group="Faults",
        action="kill",
        aws="aws:ec2:terminate-instances",
        rank=1,
    ),
    Command(
        id="fault.health",
        key="h",
        label="Health",
        help="Have the selected target fail its health checks (again: stop that).",
        group="Faults",
        action="fail_health",
        aws="spillover:fail-health-checks",
        rank=2,
    ),
    Command(
        id="fault.slow",
        key="s",
        label="Slow",
        help="Make the selected target's service five times slower (again: stop that).",
        group="Faults",
        action="slow_service",
        aws="spillover:slow-responses",
        rank=2,
    ),
    Command(
        id="fault.errors",
        key="e",
        label="Errors",
        help="Have the selected target's service fail half of its requests (again: stop that).",
        group="Faults",
        action="errors",
        aws="spillover:error-rate",
        rank=3,
    ),
    Command(
        id="fault.zone",
        key="z",
        label="Zone",
        help="Cut the network of a zone, its load balancer node included, or restore it.",
        group="Faults",
        action="zone_down",
        aws="aws:network:disrupt-connectivity",
        rank=1,
    ),
    Command(
        id="fault.traffic",
        key="t",
        label="Traffic",
        help="Triple the traffic (again: back to normal).",
        group="Faults",
        action="spike",
        aws="spillover:traffic-factor",
        rank=1,
    ),
    Command(
        id="fault.lift",
        key="l",
        label="Lift",
        help="Lift every fault at work.",
        group="Faults",
        action="lift",
        aws="fis:StopExperiment",
        rank=2,
    ),
    Command(
        id="move.desired",
        key="d",
        label="Desired",
        help="Set the desired capacity of an Auto Scaling group.",
        group="Moves",
        action="desired",
        aws="autoscaling:SetDesiredCapacity",
        rank=3,
    ),
    Command(
        id="move.deregister",
        key="x",
        label="Deregister",
        help="Take the selected target out of its target group; it drains first.",
        group="Moves",
        action="deregister",
        aws="elasticloadbalancing:DeregisterTargets",
    ),
    Command(
        id="move.register",
        key="a",
        label="Register",
        help="Register a running instance with a target group.",
        group="Moves",
        action="register",
        aws="elasticloadbalancing:RegisterTargets",
    ),
    Command(
        id="move.weights",
        key="o",
        label="Weights",
        help="Change the weights of the target groups that a listener or a rule forwards to.",
        group="Moves",
        action="weights",
        aws="elasticloadbalancing:ModifyRule",
        rank=5,
    ),
    Command(
        id="move.attribute",
        key="b",
        label="Attribute",
        help="Change an attribute of a target group or a load balancer.",
        group="Moves",
        action="attribute",
        aws="elasticloadbalancing:ModifyTargetGroupAttributes",
    ),
    Command(
        id="move.shift",
        key="n",
        label="Shift",
        help="Lead traffic away from a zone (again: let it return).",
        group="Moves",
        action="shift",
        aws="arc-zonal-shift:StartZonalShift",
        rank=5,
    ),
    Command(
        id="view.zoom",
        key="m",
        label="Zoom",
        help="Show the focused pane alone, or all panes again (also escape).",
        group="View",
        action="zoom",
        rank=4,
    ),
    Command(
        id="view.graph",
        key="g",
        label="Graph",
        help="Show the next graph.",
        group="View",
        action="next_graph",
        rank=4,
    ),
    Command(
        id="view.range",
        key="r",
        label="Range",
        help="Have the graphs show 1 hour, 3 hours, 12 hours, 1 day, 3 days, 1 week.",
        group="View",
        action="next_range",
    ),
    Command(
        id="view.metrics",
        key="M",
        label="Metrics",
        help="Look at any metric: choose, compute, graph, and pin the graph here.",
        group="View",
        action="metrics",
        rank=3,
    ),
    Command(
        id="view.alarm",
        key="A",
        label="Alarm",
        help="Look at an alarm: what it judges, its history and actions (enter in pane 4).",
        group="View",
        action="alarm",
        rank=4,
    ),
    Command(
        id="view.dashboard",
        key="D",
        label="Dashboard",
        help="Look at the template's dashboards.",
        group="View",
        action="dashboard",
        rank=4,
    ),
    Command(
        id="view.pane",
        key="1,2,3,4,5",
        label="Pane",
        help="Go to a pane: 1 targets, 2 graphs, 3 capacity, 4 alarms, 5 events (or tab).",
        group="View",
        action="",
    ),
    Command(
        id="session.save",
        key="w",
        label="Save",
        help="Save the session as a scenario that plays to the same end.",
        group="Session",
        action="save",
        rank=3,
    ),
    Command(
        id="session.verdict",
        key="v",
        label="Verdict",
        help="Show the figures until now, and which expectations hold.",
        group="Session",
        action="verdict",
        rank=4,
    ),
    Command(
        id="session.help",
        key="question_mark,f1",
        label="Help",
        help="Show this help.",
        group="Session",
        action="help",
        rank=1,
    ),
    Command(
        id="session.quit",
        key="q",
        label="Quit",
        help="Leave; an unsaved recording is asked about first.",
        group="Session",
        action="quit_session",
        rank=1,
    ),
)

CLOCK: tuple[Command, ...] = tuple(command for command in COMMANDS if command.group == "Clock")
"""What every screen of a session can do."""

GROUPS: tuple[Group, ...] = ("Clock", "Faults", "Moves", "Graph", "Alarm", "View", "Session")

_SPELLING = {
    "slash": "/",
    "escape": "esc",
    "space": "space",
    "full_stop": ".",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "f1": "F1",
}


def footer_hints(commands: tuple[Command, ...] = COMMANDS) -> tuple[KeyHint, ...]:
    """What the footer shows: each command by its first key."""
    return tuple(
        KeyHint(keys_of(command).split()[0], command.label, command.action, command.rank)
        for command in commands
        if command.rank is not None
    )


def keys_of(command: Command) -> str:
    """The command's keys as a person reads them."""
    return " ".join(_SPELLING.get(key, key) for key in command.key.split(","))
