"""What the `traffic:` and `metrics:` sections share: items, traces, and when traces play."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from model.fields import above, at_least, one_of
from scenarios.document import Place
from scenarios.mistakes import Mistake
from scenarios.structure import Structurer
from scenarios.trace_files import Which
from scenarios.traces import Samples, Series

DURATION = {"duration": True}
START, DATES = "start", "dates"
"""A trace's first row plays at the scenario's start, or every row on its own date."""

Item = TypeVar("Item")
Kept = TypeVar("Kept")


@frozen(kw_only=True)
class TraceItem:
    """What `trace:` says."""

    file: str
    period: float = field(metadata=DURATION, validator=above(0))
    scale: float = field(default=1.0, validator=at_least(0))
    id: str | None = None
    label: str | None = None
    statistic: str | None = None
    align: str | None = field(default=None, validator=one_of(START, DATES))

    def which(self, unit: str | None = None) -> Which:
        """What is meant of the file."""
        return Which(id=self.id, label=self.label, statistic=self.statistic, unit=unit)


@frozen
class Dates:
    """When a scenario plays."""

    start: datetime
    history: float
    taken: bool
    """Whether the start was taken from the traces, which then play on their own dates."""

    def offset(self, trace: TraceItem, first: float) -> float | None:
        """When a trace's first row is due, seconds from the start; None: whenever the section's
        traces begin."""
        if (trace.align or (DATES if self.taken else START)) == START:
            return None
        return first - self.start.timestamp()

    def cut(
        self, values: tuple[Kept, ...], period: float, offset: float
    ) -> tuple[tuple[Kept, ...], float]:
        """A trace and its offset without what lies before the world begins."""
        early = max(math.ceil((-self.history - offset) / period - 1e-9), 0)
        return values[early:], offset + early * period


class Section(Generic[Item]):
    """Reads one of the sections, and gathers what is wrong or worth a remark."""

    def __init__(self, structurer: Structurer, folder: Path) -> None:
        self._structurer = structurer
        self._folder = folder
        self._items: list[tuple[Item, Place]] = []
        self._traces: dict[Place, Series | Samples] = {}
        self.mistakes: list[Mistake] = []
        self.remarks: list[Mistake] = []

    @property
    def firsts(self) -> list[float]:
        """When the traces begin, in seconds since 1970."""
        return [trace.first for trace in self._traces.values()]

    def _read_items(self, content: Any, name: str, kind: type[Item]) -> None:
        if not isinstance(content, list):
            where = self._structurer.document.mark((name,))
            self.mistakes.append(Mistake(where, f"{name} must be a list"))
            return
        for index, value in enumerate(content):
            place: Place = (name, index)
            item, mistakes = self._structurer.structure(value, kind, place)
            self.mistakes += mistakes
            if item is not None:
                self._items.append((item, place))

    def _mistake(self, place: Place, message: str, hint: str = "") -> None:
        where = self._structurer.document.mark(place)
        self.mistakes.append(Mistake(where, message, hint))

    def _remark(self, place: Place, message: str) -> None:
        self.remarks.append(Mistake(self._structurer.document.mark(place), message))

    def _file(self, trace: TraceItem) -> Path:
        path = Path(trace.file)
        return path if path.is_absolute() else self._folder / path

    def _keep(self, place: Place, trace: TraceItem, series: Series | Samples) -> None:
        self._traces[place] = series
        if series.remark:
            self._remark((*place, "trace"), f"{trace.file}: {series.remark}")
