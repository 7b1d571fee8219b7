"""The `traffic:` and `metrics:` sections of a scenario file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from model.cloudwatch.feeds import Feed
from model.cloudwatch.metrics import UNITS
from model.fields import above, at_least, between, length, one_of
from model.route53.names import Directory
from model.route53.resources import RecordSet, plain_name
from model.stack import Stack
from model.traffic.shapes import Constant, Pattern, Shape, Stage, Stages, Trace
from model.traffic.source import Request, Source
from scenarios.document import Place
from scenarios.mistakes import Mistake, ScenarioError, nearest
from scenarios.structure import Structurer
from scenarios.traces import Series, read_trace

DURATION = {"duration": True}
SHAPES = ("rate", "stages", "trace", "pattern")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@frozen(kw_only=True)
class StageItem:
    """A line under `stages:`."""

    duration: float = field(metadata=DURATION, validator=at_least(0))
    rate: float = field(validator=at_least(0))


@frozen(kw_only=True)
class TraceItem:
    """What `trace:` says."""

    file: str
    period: float = field(metadata=DURATION, validator=above(0))
    scale: float = field(default=1.0, validator=at_least(0))


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
    request: Request = field(factory=Request)
    clients: int = field(default=1000, validator=at_least(1))
    request_size: float = field(default=1000.0, validator=at_least(0))
    response_size: float = field(default=10_000.0, validator=at_least(0))
    begins: float | None = field(default=None, metadata=DURATION)
    rate: float | None = field(default=None, validator=at_least(0))
    start_rate: float | None = field(default=None, validator=at_least(0))
    stages: tuple[StageItem, ...] | None = None
    trace: TraceItem | None = None
    pattern: PatternItem | None = None


@frozen(kw_only=True)
class MetricItem:
    """An item under `metrics:`."""

    namespace: str = field(validator=length(1, 255))
    name: str = field(validator=length(1, 255))
    dimensions: dict[str, str] = field(factory=dict)
    unit: str = field(default="None", validator=one_of(*UNITS))
    period: float | None = field(default=None, metadata=DURATION, validator=at_least(1))
    storage_resolution: int | None = field(default=None, validator=one_of(1, 60))
    values: tuple[float | None, ...] | None = None
    trace: TraceItem | None = None


class Section:
    """Reads one of the sections, and gathers what is wrong or worth a remark."""

    def __init__(self, structurer: Structurer, folder: Path) -> None:
        self._structurer = structurer
        self._folder = folder
        self.mistakes: list[Mistake] = []
        self.remarks: list[Mistake] = []

    def _items(self, content: Any, name: str, kind: type) -> list[tuple[Any, Place]]:
        if not isinstance(content, list):
            where = self._structurer.document.mark((name,))
            self.mistakes.append(Mistake(where, f"{name} must be a list"))
            return []
        found: list[tuple[Any, Place]] = []
        for index, value in enumerate(content):
            place: Place = (name, index)
            item, mistakes = self._structurer.structure(value, kind, place)
            self.mistakes += mistakes
            if item is not None:
                found.append((item, place))
        return found

    def _mistake(self, place: Place, message: str, hint: str = "") -> None:
        where = self._structurer.document.mark(place)
        self.mistakes.append(Mistake(where, message, hint))

    def _trace(self, item: TraceItem, place: Place, *, signed: bool = False) -> Series | None:
        path = Path(item.file)
        try:
            series = read_trace(
                path if path.is_absolute() else self._folder / path, item.period, signed=signed
            )
        except ScenarioError as problem:
            self.mistakes += problem.mistakes
            return None
        if series.remark:
            where = self._structurer.document.mark(place)
            self.remarks.append(Mistake(where, f"{item.file}: {series.remark}"))
        return series

    # -- traffic ------------------------------------------------------------------------------

    def traffic(
        self, content: Any, stack: Stack, balancers: list[str], history: float
    ) -> tuple[Source, ...]:
        """The sources under `traffic:`, of a scenario with so many seconds of history."""
        sources: list[Source] = []
        records = Directory.of(stack.of(RecordSet), {})
        for item, place in self._items(content, "traffic", TrafficItem):
            request = item.request
            if item.to not in balancers:
                host = self._host(item.to, balancers, records, (*place, "to"))
                request = evolve(request, host=request.host or host)
            if any(item.name == source.name for source in sources):
                self._mistake((*place, "name"), f"another source is named {item.name} already")
            shape = self._shape(item, place)
            stages = sum(stage.duration for stage in item.stages or ())
            if item.begins is None and history > 0 and 0 < stages <= history:
                message = "these stages are over before the scenario starts; add `begins: 0s`"
                where = self._structurer.document.mark((*place, "stages"))
                self.remarks.append(Mistake(where, message))
            if shape is not None:
                sources.append(
                    Source(
                        name=item.name,
                        to=item.to,
                        shape=shape,
                        request=request,
                        clients=item.clients,
                        request_size=item.request_size,
                        response_size=item.response_size,
                        begins=item.begins,
                    )
                )
        return tuple(sources)

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

    def _shape(self, item: TrafficItem, place: Place) -> Shape | None:
        given = [name for name in SHAPES if getattr(item, name) is not None]
        if item.start_rate is not None and item.stages is None:
            given = [*given, "stages"]
        if len(given) != 1:
            listed = " and ".join(given) or "none"
            self._mistake(place, f"give exactly one of {', '.join(SHAPES)}, not {listed}")
            return None
        if item.rate is not None:
            return Constant(item.rate)
        if item.trace is not None:
            series = self._trace(item.trace, (*place, "trace"))
            if series is None:
                return None
            return Trace(series.filled(), item.trace.period, item.trace.scale)
        if item.pattern is not None:
            pattern = item.pattern
            if pattern.low > pattern.high:
                self._mistake((*place, "pattern"), "low must not be above high")
            factors = tuple(getattr(pattern.weekdays, day) for day in WEEKDAYS)
            return Pattern(pattern.low, pattern.high, pattern.peak_hour, factors, pattern.noise)
        stages = tuple(Stage(stage.duration, stage.rate) for stage in item.stages or ())
        return Stages(item.start_rate or 0.0, stages)

    # -- metrics ------------------------------------------------------------------------------

    def metrics(self, content: Any) -> tuple[Feed, ...]:
        """The feeds under `metrics:`."""
        feeds = []
        for item, place in self._items(content, "metrics", MetricItem):
            if item.namespace.startswith("AWS/"):
                self._mistake((*place, "namespace"), "AWS/ is reserved for AWS's own metrics")
            if (item.values is None) == (item.trace is None):
                self._mistake(place, "give exactly one of values and trace")
                continue
            values, period = item.values, item.period or 60.0
            if item.trace is not None:
                series = self._trace(item.trace, (*place, "trace"), signed=True)
                if series is None:
                    continue
                period, scale = item.trace.period, item.trace.scale
                if period < 1:
                    self._mistake((*place, "trace", "period"), "must be at least 1 s for a metric")
                    continue
                values = tuple(None if v is None else v * scale for v in series.values)
            feeds.append(
                Feed(
                    namespace=item.namespace,
                    name=item.name,
                    dimensions=item.dimensions,
                    unit=item.unit,
                    period=period,
                    storage_resolution=item.storage_resolution,
                    values=values or (),
                )
            )
        return tuple(feeds)
