"""The graph that a person is making: its metrics and expressions, each with what it is to show."""

from __future__ import annotations

import re
from typing import Literal

from attrs import define, evolve, field, frozen

from model.cloudwatch.extended import read_extended
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError, check_queries
from model.cloudwatch.statistics import STATISTICS
from tui.graphs import HOUR, PERIODS, RANGES
from tui.plots import Plot, labels_apart

COMMON = ("p50", "p90", "p95", "p99", "p99.9", "tm90", "tm99", "IQM", "wm99", "tc99", "ts99")
"""Extended statistics that are offered; any other one can be typed."""

LENGTHS: tuple[float, ...] = (1, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)
"""The periods that the console offers."""

_COLUMN = re.compile(r"column (\d+): (.*)", re.DOTALL)


def period_label(period: float) -> str:
    """A period as the console writes it: 30 s, 5 m, 6 h, 1 d."""
    for length, name in ((86_400, "d"), (3600, "h"), (60, "m")):
        if period >= length and period % length == 0:
            return f"{period / length:g} {name}"
    return f"{period:g} s"


def read_statistic(text: str) -> str:
    """The statistic that somebody typed, plain ones in any case. Raises `ValueError`."""
    text = text.strip()
    plain = {name.lower(): name for name in STATISTICS}
    if text.lower() in plain:
        return plain[text.lower()]
    read_extended(text)
    return text


@frozen
class Complaint:
    """What is wrong with an expression, and where."""

    text: str
    column: int | None = None
    """From 1."""

    @classmethod
    def of(cls, problem: QueryError) -> Complaint:
        found = _COLUMN.fullmatch(str(problem))
        return cls(found[2], int(found[1])) if found else cls(str(problem))

    def __str__(self) -> str:
        return self.text if self.column is None else f"column {self.column}: {self.text}"


@frozen
class Graphed:
    """A line of the table of what is graphed."""

    id: str
    key: MetricKey | None = None
    """None: an expression."""
    expression: str = ""
    statistic: str = "Average"
    period: float | None = None
    """None: as the range has it."""
    visible: bool = True
    label: str = ""


@define
class Workbench:
    """What a person has chosen."""

    lines: tuple[Graphed, ...] = ()
    span: float = HOUR
    stacked: bool = False
    _made: dict[Literal["m", "e"], int] = field(factory=lambda: {"m": 0, "e": 0}, init=False)

    # -- choosing -----------------------------------------------------------------------------

    def holds(self, key: MetricKey) -> bool:
        """Whether a metric is graphed."""
        return any(line.key == key for line in self.lines)

    def toggle(self, key: MetricKey) -> None:
        """Graph a metric, or no more."""
        if self.holds(key):
            self.lines = tuple(line for line in self.lines if line.key != key)
        else:
            self.lines = (*self.lines, Graphed(self._next("m"), key))

    def take(self, queries: tuple[MetricQuery, ...]) -> None:
        """Graph these queries in place of all others."""
        self.clear()
        self.lines = tuple(
            Graphed(
                query.id,
                query.metric_stat.metric if query.metric_stat is not None else None,
                query.expression or "",
                query.metric_stat.stat if query.metric_stat is not None else "Average",
                query.metric_stat.period if query.metric_stat is not None else query.period,
                query.return_data,
                query.label or "",
            )
            for query in queries
        )

    def remove(self, name: str) -> None:
        """Graph a line no more."""
        self.lines = tuple(line for line in self.lines if line.id != name)

    def clear(self) -> None:
        """Graph nothing."""
        self.lines = ()
        self._made = {"m": 0, "e": 0}

    def line(self, name: str) -> Graphed:
        return next(line for line in self.lines if line.id == name)

    def _change(self, name: str, changed: Graphed) -> None:
        self.lines = tuple(changed if line.id == name else line for line in self.lines)

    def set_statistic(self, name: str, statistic: str) -> None:
        self._change(name, evolve(self.line(name), statistic=statistic))

    def set_period(self, name: str, period: float | None) -> None:
        self._change(name, evolve(self.line(name), period=period))

    def toggle_visible(self, name: str) -> None:
        """Hide a line, which expressions may still use, or show it again."""
        self._change(name, evolve(self.line(name), visible=not self.line(name).visible))

    def set_expression(self, name: str | None, text: str) -> None:
        """Change an expression, or (None) add one."""
        if name is None:
            self.lines = (*self.lines, Graphed(self._next("e"), expression=text))
        else:
            self._change(name, evolve(self.line(name), expression=text))

    def complaint(self, name: str | None, text: str) -> Complaint | None:
        """What would be wrong with an expression in the place of one (None: as a new one)."""
        trial = evolve(self)
        trial._made = dict(self._made)
        trial.set_expression(name, text)
        own = trial.lines[-1].id if name is None else name
        # others that are wrong already are not this one's fault
        before = self.problems()
        found = trial.problems()
        return next((found[one] for one in found if one == own or one not in before), None)

    def next_range(self) -> None:
        """Show more time, or the least again."""
        self.span = RANGES[(RANGES.index(self.span) + 1) % len(RANGES)]

    def _next(self, letter: Literal["m", "e"]) -> str:
        taken = {line.id for line in self.lines}
        while True:
            self._made[letter] += 1
            name = f"{letter}{self._made[letter]}"
            if name not in taken:
                return name

    # -- what it comes to ---------------------------------------------------------------------

    def queries(self) -> tuple[MetricQuery, ...]:
        """All lines as queries."""
        return tuple(self._query(line) for line in self.lines)

    def _query(self, line: Graphed) -> MetricQuery:
        stat = None
        period = line.period or PERIODS[self.span]
        if line.key is not None:
            stat = MetricStat(line.key, period, line.statistic)
        return MetricQuery(
            id=line.id,
            expression=None if line.key is not None else line.expression,
            metric_stat=stat,
            label=line.label or self._label(line),
            period=None if line.key is not None else line.period,
            return_data=line.visible,
        )

    def _label(self, line: Graphed) -> str:
        """What a line is called: its metric, told from the others, or its expression."""
        if line.key is None:
            return line.expression if len(line.expression) <= 24 else line.id
        period = PERIODS[self.span]
        metrics = [other for other in self.lines if other.key is not None]
        stats = [MetricStat(o.key, period, o.statistic) for o in metrics if o.key is not None]
        return labels_apart(stats)[metrics.index(line)]

    def problems(self) -> dict[str, Complaint]:
        """What is wrong with the expressions, by id."""
        return self._sound()[1]

    def _sound(self) -> tuple[tuple[MetricQuery, ...], dict[str, Complaint]]:
        """The queries that can be answered, and what is wrong with the others."""
        queries, wrong = list(self.queries()), dict[str, Complaint]()
        while queries:
            try:
                check_queries(queries)
            except QueryError as problem:
                wrong[queries[problem.index].id] = Complaint.of(problem)
                del queries[problem.index]
            else:
                break
        return tuple(queries), wrong

    def plot(self) -> Plot | None:
        """The graph of all that is right; None: there is nothing to draw."""
        queries, _ = self._sound()
        if not any(query.return_data for query in queries):
            return None
        return Plot(title=self.title, queries=queries, stacked=self.stacked, fixed=self.fixed)

    @property
    def fixed(self) -> bool:
        """Whether somebody chose a period."""
        return any(line.period is not None for line in self.lines)

    @property
    def title(self) -> str:
        """What the graph is called: the names of what it shows."""
        shown = [query.label or query.id for query in self.queries() if query.return_data]
        names = list(
            dict.fromkeys(name.split(" ")[0] if len(name) > 24 else name for name in shown)
        )
        return ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")
