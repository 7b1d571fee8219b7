"""What each part of a chart is drawn with, and the roles that style sheets give their colours."""

from __future__ import annotations

from typing import Literal, get_args

from attrs import frozen

from tui.charts.raster import Glyphs
from tui.charts.views import AlarmState, MarkKind

Role = Literal[
    "title",
    "legend",
    "value",
    "clock",
    "label",
    "axis",
    "grid",
    "band",
    "threshold",
    "mark-line",
    "mark-fault",
    "mark-move",
    "mark-scaling",
    "mark-alarm",
    "mark-note",
    "hair",
    "ok",
    "alarm",
    "insufficient",
    "empty",
    "series-1",
    "series-2",
    "series-3",
    "series-4",
    "series-5",
    "series-6",
]
"""A part of a chart; each is the component class `metric-chart--<role>`."""

ROLES: tuple[Role, ...] = get_args(Role)
NUMBER: dict[Role, int] = {role: number for number, role in enumerate(ROLES)}
SERIES_ROLES: tuple[Role, ...] = tuple(role for role in ROLES if role.startswith("series-"))

STATE_ROLES: dict[AlarmState, Role] = {
    "OK": "ok",
    "INSUFFICIENT_DATA": "insufficient",
    "ALARM": "alarm",
}
"""Alarm states, the one that must not be missed last."""


MARK_ROLES: dict[MarkKind, Role] = {
    "fault": "mark-fault",
    "move": "mark-move",
    "scaling": "mark-scaling",
    "alarm": "mark-alarm",
    "note": "mark-note",
}


def series_role(index: int) -> Role:
    """The role of a series; colours begin again after the sixth."""
    return SERIES_ROLES[index % len(SERIES_ROLES)]


@frozen
class Pen:
    """The characters of everything but the data."""

    side: str
    side_label: str
    corner: str
    floor: str
    floor_tick: str
    grid: str
    band: str
    threshold: str
    mark: str
    hair: str
    above: str
    below: str
    markers: str
    states: dict[AlarmState, str]
    ascii_only: bool = False

    def glyph(self, wanted: str) -> str:
        """A mark's glyph, replaced where the font may not have it."""
        return "!" if self.ascii_only and not wanted.isascii() else wanted


_BOX = Pen(
    side="│",
    side_label="┤",
    corner="└",
    floor="─",
    floor_tick="┬",
    grid="·",
    band="░",
    threshold="╌",
    mark="┊",
    hair="│",
    above="▲",
    below="▼",
    markers="●◆▲■▼★",
    states={"OK": "·", "ALARM": "A", "INSUFFICIENT_DATA": "?"},
)
_ASCII = Pen(
    side="|",
    side_label="+",
    corner="+",
    floor="-",
    floor_tick="+",
    grid=" ",
    band=".",
    threshold="~",
    mark=":",
    hair="|",
    above="^",
    below="v",
    markers="ox*#%@",
    states={"OK": ".", "ALARM": "A", "INSUFFICIENT_DATA": "?"},
    ascii_only=True,
)
PENS = {Glyphs.BRAILLE: _BOX, Glyphs.BLOCK: _BOX, Glyphs.ASCII: _ASCII}
