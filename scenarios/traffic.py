"""The `traffic:` section of a scenario file: where requests come from."""

from __future__ import annotations

from typing import Any, TypeVar

from attrs import evolve, field, fields_dict, frozen

from model.dynamodb.requests import ItemRequest, TableSource
from model.dynamodb.resources import Table
from model.fields import FieldError, at_least, between
from model.rds.requests import DatabaseSource, StatementRequest
from model.rds.resources import DBCluster, DBInstance
from model.resources import Resource
from model.route53.names import Directory
from model.route53.resources import RecordSet, plain_name
from model.stack import Stack
from model.traffic.shapes import Constant, Pattern, Shape, Stage, Stages, Trace
from model.traffic.source import Request, Source
from scenarios.document import Place
from scenarios.mistakes import ScenarioError, nearest
from scenarios.section import DURATION, Dates, Section, TraceItem
from scenarios.traces import Series, read_trace

Kind = TypeVar("Kind")
SHAPES = ("rate", "stages", "trace", "pattern")
OF_CLIENTS = ("clients", "request_size", "response_size")
"""What only load balancers look at (databases: at the clients, each with a connection)."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@frozen(kw_only=True)
class StageItem:
    """A line under `stages:`."""

    duration: float = field(metadata=DURATION, validator=at_least(0))
    rate: float = field(validator=at_least(0))


@frozen(kw_only=True)
class Weekdays:
    """A factor for each weekday."""

    mon: float = field(default=1.0, validator=at_least(0))
    tue: float = field(default=1.0, validator=at_least(0))
    wed: float = field(default=1.0, validator=at_least(0))
    thu: float = field(default=1.0, validator=at_least(0))
    fri: float = field(default=1.0, validator=at_least(0))
    sat: float = field(default=1.0, validator=at_least(0))
    sun: float = field(default=1.0, validator=at_least(0))


@frozen(kw_only=True)
class PatternItem:
    """What `pattern:` says."""

    low: float = field(validator=at_least(0))
    high: float = field(validator=at_least(0))
    peak_hour: float = field(default=14.0, validator=between(0, 24))
    weekdays: Weekdays = Weekdays()
    noise: float = field(default=0.0, validator=at_least(0))


@frozen(kw_only=True)
class TrafficItem:
    """An item under `traffic:`."""

    name: str
    to: str
    request: Any = field(factory=dict)
    """What it asks for; what can be said of it depends on whom it asks."""
    clients: int = field(default=1000, validator=at_least(1))
    request_size: float = field(default=1000.0, validator=at_least(0))
    response_size: float = field(default=10_000.0, validator=at_least(0))
    begins: float | None = field(default=None, metadata=DURATION)
    rate: float | None = field(default=None, validator=at_least(0))
    start_rate: float | None = field(default=None, validator=at_least(0))
    stages: tuple[StageItem, ...] | None = None
    trace: TraceItem | None = None
    pattern: PatternItem | None = None


class TrafficSection(Section[TrafficItem]):
    """Reads it: first what stands there, then, when the start is known, the sources."""

    def read(self, content: Any) -> None:
        """Read the items and their traces."""
        self._read_items(content, "traffic", TrafficItem)
        for item, place in self._items:
            if item.trace is None:
                continue
            try:
                trace = item.trace
                series = read_trace(self._file(trace), trace.period, which=trace.which())
            except ScenarioError as problem:
                self.mistakes += problem.mistakes
            else:
                self._keep(place, trace, series)

    def sources(self, stack: Stack, balancers: list[str], dates: Dates) -> tuple[Source, ...]:
        """What sends requests."""
        sources: list[Source] = []
        records = Directory.of(stack.of(RecordSet), {})
        for item, place in self._items:
            asked = self._asked(item, place, stack.resources.get(item.to), balancers, records)
            if any(item.name == source.name for source in sources):
                self._mistake((*place, "name"), f"another source is named {item.name} already")
            shape, begins = self._shape(item, place, dates)
            stages = sum(stage.duration for stage in item.stages or ())
            if item.begins is None and dates.history > 0 and 0 < stages <= dates.history:
                message = "these stages are over before the scenario starts; add `begins: 0s`"
                self._remark((*place, "stages"), message)
            if shape is not None and asked is not None:
                kind, given = asked
                sources.append(
                    kind(name=item.name, to=item.to, shape=shape, begins=begins, **given)
                )
        return tuple(sources)

    def _asked(
        self,
        item: TrafficItem,
        place: Place,
        taker: Resource | None,
        balancers: list[str],
        records: Directory,
    ) -> tuple[type[Source], dict[str, Any]] | None:
        """The kind of source that it is by what it is sent to, and what it asks for."""
        match taker:
            case Table():
                wanted = self._request(item, place, ItemRequest)
                self._remark_idle(item, place, OF_CLIENTS, "a table")
                if wanted is None or not self._fits(wanted, taker, place):
                    return None
                return TableSource, {"item": wanted}
            case DBInstance() if taker.db_cluster_identifier is not None:
                cluster = taker.db_cluster_identifier
                hint = f"write to: {cluster}, and the endpoint in the request"
                self._mistake((*place, "to"), f"{item.to} is in the cluster {cluster}", hint)
                return None
            case DBCluster() | DBInstance():
                statement = self._request(item, place, StatementRequest)
                self._remark_idle(item, place, OF_CLIENTS[1:], "a database")
                if statement is None:
                    return None
                return DatabaseSource, {"statement": statement, "clients": item.clients}
        request = self._request(item, place, Request)
        if item.to not in balancers:
            host = self._host(item.to, balancers, records, (*place, "to"))
            request = evolve(request, host=request.host or host) if request else None
        if request is None:
            return None
        return Source, {"request": request, **{key: getattr(item, key) for key in OF_CLIENTS}}

    def _request(self, item: TrafficItem, place: Place, kind: type[Kind]) -> Kind | None:
        """What `request:` says."""
        request, mistakes = self._structurer.structure(item.request, kind, (*place, "request"))
        self.mistakes += mistakes
        return request

    def _fits(self, request: ItemRequest, table: Table, place: Place) -> bool:
        """Whether a table has all that is named."""
        try:
            request.check(table)
        except FieldError as problem:
            self._mistake((*place, "request", problem.field), f"{problem.field} {problem}")
            return False
        return True

    def _remark_idle(
        self, item: TrafficItem, place: Place, keys: tuple[str, ...], whom: str
    ) -> None:
        for key in keys:
            if getattr(item, key) != fields_dict(TrafficItem)[key].default:
                self._remark((*place, key), f"{key} says nothing of requests to {whom}")

    def _host(self, to: str, balancers: list[str], records: Directory, place: Place) -> str:
        """The name that clients ask DNS for, and their requests' host if nothing else is given."""
        try:
            key = records.asked(to)
        except ValueError as problem:
            self._mistake(place, str(problem))
            return ""
        if key is None:
            named = [name for r in records.records() for name in (r.logical_id, r.domain)]
            what = "load balancer and no record" if named else "load balancer"
            hint, also = nearest(to, [*balancers, *named]), ""
            for record in records.records():
                if record.domain.startswith("*.") and plain_name(to).endswith(record.domain[1:]):
                    also = f"; wildcards such as {record.domain} are not simulated for the names"
                    hint = f"write to: {record.logical_id}, and the name as the request's host"
            self._mistake(place, f"there is no {what} named {to}{also}", hint)
            return ""
        return "" if key[1].startswith("*") else key[1]

    def _shape(
        self, item: TrafficItem, place: Place, dates: Dates
    ) -> tuple[Shape | None, float | None]:
        """The shape of its rate, and when that begins."""
        if item.trace is None or self._given(item) != ["trace"]:
            return self._drawn(item, place), item.begins
        series = self._traces.get(place)
        if not isinstance(series, Series):
            return None, None
        trace, counts, begins = item.trace, series.filled(), item.begins
        if begins is None:
            begins = dates.offset(trace, series.first)
            if begins is not None:
                counts, begins = dates.cut(counts, trace.period, begins)
        return Trace(counts, trace.period, trace.scale), begins

    def _given(self, item: TrafficItem) -> list[str]:
        given = [name for name in SHAPES if getattr(item, name) is not None]
        return [
            *given,
            *(["stages"] if item.start_rate is not None and item.stages is None else []),
        ]

    def _drawn(self, item: TrafficItem, place: Place) -> Shape | None:
        given = self._given(item)
        if len(given) != 1:
            listed = " and ".join(given) or "none"
            self._mistake(place, f"give exactly one of {', '.join(SHAPES)}, not {listed}")
            return None
        if item.rate is not None:
            return Constant(item.rate)
        if item.pattern is not None:
            pattern = item.pattern
            if pattern.low > pattern.high:
                self._mistake((*place, "pattern"), "low must not be above high")
            factors = tuple(getattr(pattern.weekdays, day) for day in WEEKDAYS)
            return Pattern(pattern.low, pattern.high, pattern.peak_hour, factors, pattern.noise)
        stages = tuple(Stage(stage.duration, stage.rate) for stage in item.stages or ())
        return Stages(item.start_rate or 0.0, stages)
