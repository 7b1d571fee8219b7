"""Reads a scenario file, its template and its traces; says all that is wrong with them."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from model import catalogue
from model.cloudwatch.feeds import Feed
from model.ec2.spot import SpotTerms
from model.elb.listener_moves import rule_name
from model.elb.resources import ClassicLoadBalancer, ListenerRule, LoadBalancer
from model.fields import above, at_least
from model.resources import Identity
from model.stack import Stack
from model.traffic.shapes import Trace
from model.traffic.source import Source
from scenarios.cloudformation.template import Built, build
from scenarios.document import Document, Place, parse, read
from scenarios.expectations import Expectation, ExpectationError
from scenarios.expectations import parse as parse_expectation
from scenarios.feeds import MetricsSection
from scenarios.mistakes import Mark, Mistake, ScenarioError, error, nearest
from scenarios.reactions import Reactions
from scenarios.scenario import Scenario
from scenarios.section import Dates
from scenarios.software import Software
from scenarios.structure import Structurer, reference_in
from scenarios.timeline import Timeline
from scenarios.traffic import TrafficSection

Kept = TypeVar("Kept")

DURATION = {"duration": True}
LATER = {
    "draw": "drawn values are not simulated yet",
    "drill": "drills are not simulated yet",
}
"""Sections that are known but not simulated yet."""


@frozen(kw_only=True)
class Head:
    """The plain values at the top of a scenario file, and its sections as they stand."""

    REFUSED = LATER

    name: str
    description: str = ""
    start: str | None = None
    history: float = field(default=0.0, metadata=DURATION)
    duration: float | None = field(default=None, metadata=DURATION, validator=above(0))
    seed: int = field(default=0, validator=at_least(0))
    template: Any
    parameters: Any = field(factory=dict)
    services: Any = field(factory=dict)
    functions: Any = field(factory=dict)
    traffic: Any = field(factory=list)
    metrics: Any = field(factory=list)
    spot: SpotTerms = field(factory=SpotTerms)
    timeline: Any = field(factory=list)
    expect: Any = field(factory=list)


@frozen
class Loaded:
    """A scenario, what a reader should know of it, and the file it came from."""

    scenario: Scenario
    remarks: tuple[Mistake, ...]
    path: Path
    document: Mapping[str, Any] = field(repr=False)
    """The file's content after overrides, with the template in place of its file name."""


def load(
    path: Path, *, overrides: Mapping[str, str] | None = None, seed: int | None = None
) -> Loaded:
    """Load a scenario. Raises `ScenarioError` with everything that is wrong.

    `overrides` are values by their dotted path (`parameters.CpuTarget`), as YAML text.
    """
    catalogue.load()
    document = read(path)
    if not isinstance(document.content, dict):
        raise error(document.mark(()), "a scenario must be a mapping, with name, start, duration")
    for where, text in (overrides or {}).items():
        document = _override(document, where, text)
    if seed is not None:
        document.content["seed"] = seed
    return _Loader(document, path).load()


def _override(document: Document, where: str, text: str) -> Document:
    """Set one value of the scenario; the path must lead somewhere that exists."""
    option = Mark(f"--set {where}={text}")
    value = parse(text, str(option)).content if text.strip() else None
    content = document.content
    steps = where.split(".")
    if steps[0] == "parameters" and len(steps) > 1:
        content.setdefault("parameters", {})
    inside: Any = content
    place: Place = ()
    for index, step in enumerate(steps):
        is_last = index == len(steps) - 1
        key = _step(inside, step, option, may_be_new=is_last)
        place = (*place, key)
        if is_last:
            inside[key] = value
        else:
            inside = inside[key]
    return evolve(
        document,
        marks={**_apart(document.marks, place), place: option},
        keys={**_apart(document.keys, place), place: option},
        traps=_apart(document.traps, place),
    )


def _step(inside: Any, step: str, option: Mark, *, may_be_new: bool) -> str | int:
    """The key or index that a step of a path means."""
    if isinstance(inside, list):
        items = enumerate(inside)
        named = {str(i["name"]): n for n, i in items if isinstance(i, dict) and "name" in i}
        if step in named:
            return named[step]
        if step.isdecimal() and int(step) < len(inside):
            return int(step)
        raise error(option, f"there is no item {step}; they count from 0 to {len(inside) - 1}")
    if not isinstance(inside, dict):
        raise error(option, f"there is nothing to set below a single value: {step}")
    keys: dict[str, str | int] = {str(key): key for key in inside}
    if step in keys:
        return keys[step]
    if may_be_new:
        return step
    raise error(option, f"there is no {step}", nearest(step, keys))


def _apart(index: Mapping[Place, Kept], place: Place) -> dict[Place, Kept]:
    """An index without a place and what is below it."""
    return {other: kept for other, kept in index.items() if other[: len(place)] != place}


class _Loader:
    def __init__(self, document: Document, path: Path) -> None:
        self._document = document
        self._path = path
        self._mistakes: list[Mistake] = []
        self._remarks: list[Mistake] = []
        self._own = Structurer(document, style=str, lenient=False)

    def load(self) -> Loaded:
        content = self._document.content
        head, mistakes = self._own.structure(content, Head, ())
        self._mistakes += mistakes
        if head is None:
            raise ScenarioError(self._mistakes)
        sent, fed = self._sections(head)
        dates = self._dates(head, sent, fed)
        begins = None if dates is None else dates.start - timedelta(seconds=head.history)
        built, template = self._template(head, begins)
        if built is None or dates is None:
            raise ScenarioError(self._mistakes)
        stack = built.stack
        software = Software(self._own, stack)
        services = software.read(head.services)
        known = (*stack.of(LoadBalancer), *stack.of(ClassicLoadBalancer))
        balancers = [balancer.logical_id for balancer in known]
        traffic = sent.sources(stack, balancers, dates)
        if not software.mistakes:
            software.check_databases(traffic)
        metrics = fed.feeds(stack, dates)
        duration = head.duration or _end(traffic, metrics, head.history)
        if duration is None and not (sent.mistakes or fed.mistakes):
            self._mistake((), "duration is missing", "or a trace, whose end it may be")
        duration = duration or 1.0  # there are mistakes, and more may be found
        names = {**built.names, **_rules_to_come(head.timeline)}
        aws = Structurer(self._document, reference=reference_in(names))
        timeline = Timeline(self._document, stack, services, self._own, aws)
        entries = timeline.read(head.timeline, duration)
        reactions = Reactions(timeline, names)
        functions = reactions.read(head.functions, stack)
        expect = self._expectations(head.expect, stack, duration)
        self._remark_traps()
        for part in (software, sent, fed, timeline):
            self._mistakes += part.mistakes
        for remarks in (x.remarks for x in (built, software, sent, fed, timeline)):
            self._remarks += remarks
        if self._mistakes:
            raise ScenarioError(self._mistakes)
        scenario = Scenario(
            name=head.name,
            description=head.description,
            start=dates.start,
            history=head.history,
            duration=duration,
            seed=head.seed,
            stack=stack,
            services=services,
            functions=functions,
            answers=reactions.answers,
            traffic=traffic,
            metrics=metrics,
            spot=head.spot,
            timeline=entries,
            expect=expect,
        )
        inlined = copy.deepcopy(content) | {"template": copy.deepcopy(template)}
        return Loaded(scenario, tuple(self._remarks), self._path, inlined)

    def _mistake(self, place: Place, message: str, hint: str = "", *, key: bool = False) -> None:
        where = self._document.key(place) if key else self._document.mark(place)
        self._mistakes.append(Mistake(where, message, hint))

    def _sections(self, head: Head) -> tuple[TrafficSection, MetricsSection]:
        """What is under `traffic:` and `metrics:`, with the traces read."""
        folder = self._path.parent
        sent, fed = TrafficSection(self._own, folder), MetricsSection(self._own, folder)
        sent.read(head.traffic)
        fed.read(head.metrics)
        return sent, fed

    def _dates(self, head: Head, sent: TrafficSection, fed: MetricsSection) -> Dates | None:
        """The start, or (after the history) the first row of all traces."""
        firsts = [*sent.firsts, *fed.firsts]
        if head.start is None and not firsts:
            self._mistakes += [*sent.mistakes, *fed.mistakes]
            if not self._mistakes:
                self._mistake((), "start is missing", "or a trace, whose first row it may be")
            return None
        history = timedelta(seconds=head.history)
        try:
            if head.start is None:
                start = datetime.fromtimestamp(math.floor(min(firsts)), UTC) + history
            else:
                moment = datetime.fromisoformat(head.start.replace("Z", "+00:00"))
                aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
                start = aware.astimezone(UTC)
            last = start + timedelta(seconds=head.duration or 0.0)
            if (start - history).year >= 1970 and last.year < 9000:
                return Dates(start, head.history, taken=head.start is None)
        except ValueError:
            example = "a date and time such as 2026-11-25T09:00:00Z"
            self._mistake(("start",), f"start must be {example}, not {head.start!r}")
            return None
        except (OSError, OverflowError):
            pass  # beyond what a date can say
        self._mistake(("start",), "the scenario must lie between the years 1970 and 9000")
        return None

    def _template(self, head: Head, begins: datetime | None) -> tuple[Built | None, Any]:
        """The stack, from the file that is named or from the mapping itself."""
        given = head.parameters
        if not isinstance(given, dict):
            self._mistake(("parameters",), "parameters must be a mapping")
            return None, None
        document = self._document
        place: Place = ("template",)
        try:
            if isinstance(head.template, str):
                file = self._path.parent / head.template
                if not _exists(file):
                    self._mistake(("template",), f"there is no template {head.template} beside it")
                    return None, None
                document, place = read(file), ()
            built = build(
                document,
                place,
                {str(key): value for key, value in given.items()},
                lambda name: self._document.key(("parameters", name)),
                begins,
            )
        except ScenarioError as problem:
            self._mistakes += problem.mistakes
            return None, None
        return built, document.content if not place else document.content["template"]

    def _remark_traps(self) -> None:
        """Words that YAML 1.1 reads as something else; in a template they mean what AWS reads."""
        for place, trap in self._document.traps.items():
            if place and place[0] != "template":
                seen = str(trap.value).lower()
                message = f"YAML 1.1 reads {trap.word} as {seen}; is that what is meant?"
                self._remarks.append(Mistake(self._document.mark(place), message, "quote text"))

    def _expectations(self, content: Any, stack: Stack, duration: float) -> tuple[Expectation, ...]:
        if not isinstance(content, list):
            self._mistake(("expect",), "expect must be a list")
            return ()
        found = []
        for index, text in enumerate(content):
            place: Place = ("expect", index)
            if not isinstance(text, str):
                self._mistake(place, f"an expectation is a sentence, not {text!r}")
                continue
            try:
                expectation = parse_expectation(" ".join(text.split()), stack)
            except ExpectationError as problem:
                mark = self._document.mark(place)
                where = Mark(mark.file, mark.line, mark.column + problem.column - 1)
                self._mistakes.append(Mistake(where, str(problem), problem.hint))
                continue
            found.append(expectation)
            window = expectation.window
            if max(window.end or 0.0, window.length) > duration:
                message = "this looks at a time after the scenario's end"
                self._remarks.append(Mistake(self._document.mark(place), message))
        return tuple(found)


def _end(traffic: Iterable[Source], metrics: Iterable[Feed], history: float) -> float | None:
    """When the last trace is over; None where there is none."""
    ends = [feed.begins + len(feed.values) * feed.period for feed in metrics]
    for source in traffic:
        if isinstance(source.shape, Trace):
            begins = -history if source.begins is None else source.begins
            ends.append(begins + len(source.shape.counts) * source.shape.period)
    end = max(ends, default=0.0)
    return end if end > 0 else None


def _rules_to_come(timeline: Any) -> dict[str, Identity]:
    """Rules that the timeline creates itself, by the names that later lines know them by."""
    found = {}
    for line in timeline if isinstance(timeline, list) else ():
        if isinstance(line, dict) and line.get("action") == "elasticloadbalancing:CreateRule":
            given = line.get("parameters")
            if isinstance(given, dict):
                name = rule_name(str(given.get("ListenerArn")), given.get("Priority"))
                found[name] = Identity(name, ListenerRule.TYPE, name)
    return found


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:
        return False  # a name that no file can have
