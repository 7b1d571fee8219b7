"""What a dashboard is made of: widgets on a grid of 24 columns, as its DashboardBody tells.

Source: "Dashboard Body Structure and Syntax" in the CloudWatch API reference.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from attrs import field, frozen

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.queries import MetricQuery

COLUMNS = 24
"""Of a dashboard's grid."""
PERIOD = 300.0
"""Seconds of a datapoint where a widget does not say."""
RANGE = 3 * 3600.0
"""Seconds that a dashboard shows where it does not say."""

View = Literal["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]
VIEWS: tuple[View, ...] = get_args(View)

Fill = Literal["none", "above", "below", "before", "after"]
SortBy = Literal["default", "stateUpdatedTimestamp", "timestamp"]
Summary = Literal["MIN", "MAX", "SUM", "AVG"]
SUMMARIES: tuple[Summary, ...] = get_args(Summary)


@frozen
class Box:
    """Where a widget stands on the grid, in units of it."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: Box) -> bool:
        """Whether they share a cell of the grid."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@frozen
class Axis:
    """How a y axis is to be drawn; None: as the data need it."""

    low: float | None = None
    high: float | None = None
    label: str = ""
    show_units: bool = True


@frozen
class GraphedMetric:
    """A metric or an expression of a widget."""

    query: MetricQuery
    """Its `return_data` tells whether it is visible."""
    right: bool = False
    """Whether it belongs to the right y axis."""


@frozen
class HorizontalAnnotation:
    """A line at a value; with `other` a band between two values."""

    value: float
    label: str = ""
    other: float | None = None
    other_label: str = ""
    fill: Fill = "none"
    right: bool = False


@frozen
class VerticalAnnotation:
    """A line at an instant; with `other` everything between two instants."""

    value: datetime
    label: str = ""
    other: datetime | None = None
    fill: Fill = "none"


@frozen(kw_only=True)
class MetricWidget:
    """Metrics as a graph or as numbers."""

    box: Box
    title: str = ""
    view: View = "timeSeries"
    stacked: bool = False
    metrics: tuple[GraphedMetric, ...] = ()
    alarm: str | None = None
    """The ARN of an alarm whose graph is shown in place of metrics."""
    period: float = PERIOD
    left: Axis = field(factory=Axis)
    right: Axis = field(factory=Axis)
    horizontal: tuple[HorizontalAnnotation, ...] = ()
    vertical: tuple[VerticalAnnotation, ...] = ()
    sparkline: bool = False
    summaries: tuple[Summary, ...] = SUMMARIES
    """Columns of a table that sum up each row."""
    time_series: bool = True
    """Whether a table shows the datapoints too."""


@frozen(kw_only=True)
class TextWidget:
    """A text in Markdown."""

    box: Box
    markdown: str
    transparent: bool = False
    title: str = ""


@frozen(kw_only=True)
class AlarmWidget:
    """The states of alarms."""

    box: Box
    title: str = ""
    alarms: tuple[str, ...]
    """Their ARNs."""
    sort_by: SortBy = "default"
    states: tuple[AlarmState, ...] = ()
    """Only alarms in one of these are shown; none: all."""


@frozen(kw_only=True)
class OtherWidget:
    """A widget of a kind whose data are not simulated."""

    box: Box
    kind: str
    title: str = ""


Widget = MetricWidget | TextWidget | AlarmWidget | OtherWidget


@frozen(kw_only=True)
class DashboardBody:
    """A dashboard, read."""

    widgets: tuple[Widget, ...] = ()
    range: float = RANGE
    """Seconds until now that are shown, unless there is a `start`."""
    start: datetime | None = None
    end: datetime | None = None
    inherit: bool = False
    """Whether the periods of graphs are always obeyed, however long the range is."""

    @property
    def height(self) -> int:
        """Rows of the grid."""
        return max((widget.box.y + widget.box.height for widget in self.widgets), default=0)


def adapted(period: float, span: float) -> float:
    """The period that a graph has while a longer range is shown, unless it is always obeyed.

    "Changing the period override setting": five minutes at least beyond a day, an hour beyond
    three.
    """
    day = 24 * 3600.0
    least = 3600.0 if span > 3 * day else 300.0 if span > day else 0.0
    return max(period, least)
