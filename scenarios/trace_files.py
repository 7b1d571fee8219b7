"""The files that a trace comes from: `timestamp,value` rows, or what the AWS CLI printed.

The CLI's files are those of `aws cloudwatch get-metric-data` (MetricDataResults) and of
`aws cloudwatch get-metric-statistics` (Datapoints), in whatever order their datapoints stand.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import frozen

from model.cloudwatch.statistics import STATISTICS, Datapoint
from scenarios.mistakes import Mark, Mistake, ScenarioError, error, nearest

SET = ("SampleCount", "Sum", "Minimum", "Maximum")
"""What makes a statistic set (PutMetricData: StatisticValues)."""
KINDS = (
    "a trace is rows of timestamp,value, or what aws cloudwatch get-metric-data or "
    "get-metric-statistics prints"
)

Value = float | Datapoint
"""One value, or a statistic set."""
Row = tuple[float, Value]
"""Seconds since 1970, and what was there."""


@frozen(kw_only=True)
class Which:
    """What is meant of a file that holds more than one series."""

    id: str | None = None
    """Of a result of get-metric-data."""
    label: str | None = None
    statistic: str | None = None
    """Of the datapoints of get-metric-statistics."""
    unit: str | None = None


@frozen
class Rows:
    """What a file says, in its order."""

    rows: tuple[Row, ...]
    unit: str | None = None
    """That of its datapoints, where it tells."""
    ordered: bool = True
    """Whether the oldest is expected first."""


def read_rows(path: Path, which: Which, *, signed: bool, sets: bool) -> Rows:
    """Read a trace's file. Raises `ScenarioError` with the line of what cannot be read.

    `signed` allows values below zero, `sets` statistic sets besides single values.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error(Mark(str(path)), "there is no such trace") from None
    except (OSError, ValueError) as problem:  # not UTF-8, or a name that no file can have
        raise error(Mark(str(path)), f"the trace cannot be read: {problem}") from None
    if text.lstrip().startswith(("{", "[")):
        rows = _Export(path, which, signed, sets).read(text)
    else:
        chosen = [name for name in ("id", "label", "statistic") if getattr(which, name) is not None]
        if chosen:
            message = f"{chosen[0]} chooses from a file of the AWS CLI; this one has rows only"
            raise error(Mark(str(path)), message)
        rows = Rows(tuple(_csv_rows(path, text, signed)))
    if not rows.rows:
        raise error(Mark(str(path)), "the trace has no rows")
    return rows


# -- rows -------------------------------------------------------------------------------------


def _csv_rows(path: Path, text: str, signed: bool) -> Iterator[Row]:
    mistakes: list[Mistake] = []
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        if not row or not "".join(row).strip():
            continue
        if number == 1 and row[0].strip().lower() in ("timestamp", "time", "date"):
            continue
        try:
            if len(row) != 2:
                raise ValueError(f"a row is timestamp,value; this has {len(row)} columns")
            yield _timestamp(row[0].strip()), _number(row[1].strip(), signed)
        except ValueError as problem:
            mistakes.append(Mistake(Mark(str(path), number, 1), str(problem)))
            if len(mistakes) == 5:
                break
    if mistakes:
        raise ScenarioError(mistakes)


def _timestamp(value: object) -> float:
    if isinstance(value, int | float) and abs(value) < 1e12:
        return float(value)  # seconds since 1970, as some versions of the CLI write
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{value!r} is no date and time such as 2026-11-25T09:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _number(value: object, signed: bool) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is no number") from None
    if not math.isfinite(number) or (number < 0 and not signed):
        raise ValueError(f"{value!r} cannot be counted")
    return number


# -- files of the AWS CLI ---------------------------------------------------------------------


@frozen
class _Export:
    """Reads one file of the CLI."""

    path: Path
    which: Which
    signed: bool
    sets: bool

    def read(self, text: str) -> Rows:
        try:
            content = json.loads(text)
        except json.JSONDecodeError as problem:
            where = Mark(str(self.path), problem.lineno, problem.colno)
            raise error(where, f"this is no JSON: {problem.msg}") from None
        except RecursionError:
            raise self._wrong("this is nested too deep") from None
        try:
            match content:
                case {"MetricDataResults": list(results)}:
                    return self._of_data(results)
                case {"Datapoints": list(points)}:
                    return self._of_statistics(points)
        except KeyError as problem:
            raise self._wrong(f"{problem.args[0]} is missing somewhere") from None
        except ValueError as problem:
            raise self._wrong(str(problem)) from None
        except (AttributeError, TypeError):
            raise self._wrong("this is not what the CLI prints", KINDS) from None
        raise self._wrong("there are neither MetricDataResults nor Datapoints in it", KINDS)

    def _wrong(self, message: str, hint: str = "") -> ScenarioError:
        return error(Mark(str(self.path)), message, hint)

    # GetMetricData

    def _of_data(self, results: list[Any]) -> Rows:
        """The datapoints of the one result that is meant; pages of one result belong together."""
        if self.which.statistic is not None:
            raise self._wrong("statistic chooses from a file of get-metric-statistics")
        found: dict[tuple[str, str], list[Row]] = {}
        for result in results:
            name = str(result.get("Id", "")), str(result.get("Label", ""))
            times, values = result["Timestamps"], result["Values"]
            if len(times) != len(values):
                told = f"{len(times)} Timestamps but {len(values)} Values"
                raise self._wrong(f"the result {' '.join(name)} has {told}")
            found.setdefault(name, []).extend(
                (_timestamp(time), _number(value, self.signed))
                for time, value in zip(times, values, strict=True)
            )
        return Rows(tuple(self._meant(found)), ordered=False)

    def _meant(self, found: Mapping[tuple[str, str], list[Row]]) -> list[Row]:
        which = self.which
        fitting = [
            rows
            for (id_, label), rows in found.items()
            if which.id in (None, id_) and which.label in (None, label)
        ]
        if len(fitting) == 1:
            return fitting[0]
        listed = _listed(f"id: {id_}, label: {label}" for id_, label in found)
        if not found:
            raise self._wrong("there is no result in it")
        asked = " ".join(name for name in (which.id, which.label) if name is not None)
        if not fitting:
            raise self._wrong(f"there is no result {asked} in it", f"there is {listed}")
        raise self._wrong(
            f"there are {len(fitting)} results in it; say which is meant by id or label",
            f"there is {listed}",
        )

    # GetMetricStatistics

    def _of_statistics(self, points: list[Any]) -> Rows:
        if self.which.id is not None or self.which.label is not None:
            raise self._wrong("id and label choose from a file of get-metric-data")
        units = sorted({str(point.get("Unit", "None")) for point in points})
        unit = self.which.unit
        if unit is not None and points and unit not in units:
            raise self._wrong(f"no datapoint is in {unit}", f"they are in {_listed(units)}")
        if unit is None and len(units) > 1:
            listed = _listed(units)
            raise self._wrong("the datapoints are in several units", f"give the unit: {listed}")
        points = [p for p in points if unit in (None, str(p.get("Unit", "None")))]
        given = [_statistics(point) for point in points]
        rows = zip((_timestamp(p["Timestamp"]) for p in points), self._values(given), strict=True)
        known = tuple((time, value) for time, value in rows if value is not None)
        return Rows(known, unit or next(iter(units), None), ordered=False)

    def _values(self, given: list[dict[str, Any]]) -> list[Value | None]:
        """The statistic that is meant of each datapoint; None: it does not tell."""
        names = list(dict.fromkeys(name for point in given for name in point))
        wanted = self.which.statistic
        if wanted is None and self.sets and given and all(set(SET) <= set(p) for p in given):
            return [self._set(point) for point in given]
        if wanted is None and len(names) > 1:
            hint = f"give the statistic: {_listed(names)}"
            raise self._wrong("the datapoints have several statistics", hint)
        if wanted is not None and given and wanted not in names:
            hint = nearest(wanted, names)
            raise self._wrong(f"the datapoints have no statistic {wanted}", hint)
        name = wanted or next(iter(names), "")
        return [_number(p[name], self.signed) if name in p else None for p in given]

    def _set(self, point: Mapping[str, Any]) -> Datapoint | None:
        count, total, low, high = (_number(point[name], self.signed) for name in SET)
        return Datapoint(count, total, low, high) if count > 0 else None


def _statistics(point: Mapping[str, Any]) -> dict[str, Any]:
    """All statistics that a datapoint tells, by name."""
    plain = {name: point[name] for name in STATISTICS if name in point}
    return plain | dict(point.get("ExtendedStatistics") or {})


def _listed(names: Iterable[str]) -> str:
    """Some names for a hint; not a hundred."""
    names = list(names)
    return "; ".join(names[:8]) + (f"; and {len(names) - 8} more" if len(names) > 8 else "")
