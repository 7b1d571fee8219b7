"""Values without a time axis: numbers, gauges, bars, parts of a whole, as lines in roles.

Nothing is told by colour alone: a bar has its value beside it, a part its percentage.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from rich.cells import cell_len

from tui.charts.axis import format_value
from tui.charts.legend import Line, Run
from tui.charts.pens import series_role
from tui.charts.views import Unit
from tui.widgets.cells import clean, cut, fit

EIGHTHS = " ▏▎▍▌▋▊▉█"
LEVELS = "▁▂▃▄▅▆▇█"
LABEL = 24
"""Cells of a name at most, and a third of the width."""


@frozen
class Number:
    """A value with its name."""

    label: str
    value: float | None
    """None: there is no datapoint."""
    unit: Unit = "None"
    history: tuple[float, ...] = ()
    """The datapoints before it and itself, oldest first."""

    @property
    def text(self) -> str:
        return "-" if self.value is None else format_value(self.value, self.unit)


def big_numbers(
    numbers: Sequence[Number], width: int, height: int, *, sparkline: bool = False
) -> list[Line]:
    """Numbers side by side, as many in a row as find room, each over its name."""
    if not numbers or width <= 0:
        return []
    each = max(max(cell_len(n.label) for n in numbers), max(cell_len(n.text) for n in numbers))
    each = min(max(each + 2, 14), width)
    in_row = max(min(width // each, len(numbers)), 1)
    each = width // in_row
    lines: list[Line] = []
    for first in range(0, len(numbers), in_row):
        row = numbers[first : first + in_row]
        lines.append(tuple(Run(fit(one.text, each, "center"), "title") for one in row))
        if sparkline:
            lines.append(
                tuple(
                    Run(fit(_spark(one.history, each - 4), each, "center"), series_role(first + n))
                    for n, one in enumerate(row)
                )
            )
        lines.append(tuple(Run(fit(clean(one.label), each, "center"), "legend") for one in row))
        lines.append((Run(" " * width, "legend"),))
    lines.pop()
    above = max((height - len(lines)) // 2, 0)
    return [(Run(" " * width, "legend"),)] * above + lines


def bars(
    numbers: Sequence[Number], width: int, low: float = 0.0, high: float | None = None
) -> list[Line]:
    """A bar for each number, from `low` to `high` (or the largest)."""
    values = [number.value for number in numbers if number.value is not None]
    top = high if high is not None else max(values, default=0.0)
    texts = [number.text for number in numbers]
    return _rows(numbers, texts, [_share(n.value, low, top) for n in numbers], width)


def shares(numbers: Sequence[Number], width: int) -> list[Line]:
    """What each number is of all of them: a pie, laid out in rows."""
    total = sum(number.value or 0.0 for number in numbers)
    parts = [(number.value or 0.0) / total if total > 0 else 0.0 for number in numbers]
    texts = [f"{number.text}  {part:4.0%}" for number, part in zip(numbers, parts, strict=True)]
    return _rows(numbers, texts, parts, width)


def gauges(numbers: Sequence[Number], width: int, low: float, high: float) -> list[Line]:
    """A gauge for each number: its bar between the limits, which are written below."""
    lines: list[Line] = []
    for index, number in enumerate(numbers):
        head = f"{fit(clean(number.label), max(width - cell_len(number.text) - 1, 0))} "
        lines.append((Run(head, "legend"), Run(number.text, "title")))
        filled = _bar(_share(number.value, low, high), width)
        lines.append((Run(filled.ljust(width, "·"), series_role(index)),))
        ends = format_value(low, number.unit), format_value(high, number.unit)
        gap = max(width - cell_len(ends[0]) - cell_len(ends[1]), 1)
        lines.append((Run(f"{ends[0]}{' ' * gap}{ends[1]}", "label"),))
    return lines


def _rows(
    numbers: Sequence[Number], texts: Sequence[str], parts: Sequence[float], width: int
) -> list[Line]:
    """Name, bar and value of each number, the values below each other."""
    if not numbers:
        return []
    label = min(max(cell_len(n.label) for n in numbers), LABEL, max(width // 3, 4))
    value = max(map(cell_len, texts))
    room = max(width - label - value - 2, 0)
    lines: list[Line] = []
    for index, (number, text, part) in enumerate(zip(numbers, texts, parts, strict=True)):
        lines.append(
            (
                Run(f"{fit(clean(number.label), label)} ", "legend"),
                Run(_bar(part, room).ljust(room), series_role(index)),
                Run(f" {fit(text, value, 'right')}", "value"),
            )
        )
    return lines


def _share(value: float | None, low: float, high: float) -> float:
    if value is None or high <= low:
        return 0.0
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _bar(part: float, width: int) -> str:
    """A bar of an eighth of a cell's precision."""
    eighths = round(part * width * 8)
    full, rest = divmod(eighths, 8)
    return cut("█" * full + (EIGHTHS[rest] if rest else ""), width)


def _spark(values: Sequence[float], width: int) -> str:
    """The newest values as one row of levels."""
    shown = values[-max(width, 1) :]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    if high <= low:
        return LEVELS[0] * len(shown)
    return "".join(LEVELS[round((v - low) / (high - low) * (len(LEVELS) - 1))] for v in shown)
