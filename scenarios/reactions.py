"""The `functions:` section of a scenario file: what functions do when events invoke them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from attrs import evolve, field, frozen

from model.actions import REGISTER, Action, ActionError, ActionKind, Targets, first_lower, spelling
from model.autoscaling.resources import AutoScalingGroup
from model.events.comparisons import ABSENT, PatternError
from model.events.inputs import parse_path
from model.events.resources import Rule
from model.events.sns import subscribers_of
from model.functions.invocations import Reaction
from model.functions.resources import Function, Permission
from model.resources import Identity
from model.stack import Stack
from scenarios.document import Document, Place
from scenarios.mistakes import Mark, Mistake, nearest
from scenarios.structure import Structurer, reference_in
from scenarios.timeline import DURATION, Line, TargetsItem, Timeline


@frozen(kw_only=True)
class Deed:
    """One thing that a function does: a line of a timeline without its time."""

    action: str
    targets: TargetsItem = field(factory=TargetsItem)
    parameters: dict[str, Any] = field(factory=dict)
    duration: float | None = field(default=None, metadata={"name": "for", **DURATION})


@frozen(kw_only=True)
class ScenarioReaction:
    """One thing that a function does; what the event says is filled in when it comes."""

    name: str
    targets: Targets
    duration: float | None
    given: Mapping[str, Any] = field(hash=False)
    """The parameters as the file has them."""
    fixed: Any = None
    """The parameters where none of them comes from the event."""
    where: Mark
    names: Mapping[str, Identity] = field(hash=False, repr=False)
    """What parameters can refer to."""

    def action(self, payload: Any) -> Action:
        """What to do about an event. Raises `ActionError` if it lacks what is asked of it, or says
        something else than the parameter takes."""
        parameters = self.fixed
        if parameters is None:
            kind = REGISTER[self.name]
            style = first_lower if kind.is_fault else spelling
            document = Document(self.where.file, {}, {(): self.where}, {})
            structurer = Structurer(document, style, reference_in(self.names))
            filled = self._filled(self.given, payload)
            parameters, mistakes = structurer.structure(filled, kind.parameters, ())
            if parameters is None:
                raise ActionError("; ".join(map(str, mistakes)), "ValidationError")
        action = Action(name=self.name, targets=self.targets, parameters=parameters)
        return evolve(action, duration=self.duration)

    def _filled(self, value: Any, payload: Any) -> Any:
        return _filled(value, payload, self.where)


@frozen(kw_only=True)
class ScenarioAnswer:
    """What a function answers to a service that waits for it."""

    given: Any = field(hash=False)
    """The answer as the file has it."""
    where: Mark

    def answer(self, payload: Any) -> Any:
        """The answer to such a payload. Raises `ActionError` if the payload lacks what it needs."""
        return _filled(self.given, payload, self.where)


class Reactions:
    """Reads the section; what is wrong with it goes to the timeline's mistakes."""

    def __init__(self, timeline: Timeline, names: Mapping[str, Identity]) -> None:
        self._timeline = timeline
        self._names = names
        self.answers: dict[str, ScenarioAnswer] = {}
        """What functions answer to who waits for them, by their logical ids."""

    def read(self, content: Any, stack: Stack) -> dict[str, tuple[Reaction, ...]]:
        """What each function does, by its logical id, in the order of the file."""
        if not isinstance(content, dict):
            self._mistake(("functions",), "functions must be a mapping from function to actions")
            return {}
        known = [function.logical_id for function in stack.of(Function)]
        found: dict[str, tuple[Reaction, ...]] = {}
        for name, items in content.items():
            place: Place = ("functions", name)
            if name not in known:
                message = f"there is no function {name} in the template"
                self._mistake(place, message, nearest(name, known), key=True)
            elif not isinstance(items, list):
                self._mistake(place, f"{name} must be a list of actions")
            elif len(items) == 1 and isinstance(items[0], dict) and "answer" in items[0]:
                self._answer(items[0], name, (*place, 0))
            else:
                read = (self._deed(item, (*place, index)) for index, item in enumerate(items))
                found[name] = tuple(reaction for reaction in read if reaction is not None)
                self._remark_callers(stack, name, place)
        return found

    def _remark_callers(self, stack: Stack, name: str, place: Place) -> None:
        """A function that nothing invokes, or whose caller has no permission, does nothing."""
        function = stack.resources[name]
        assert isinstance(function, Function)
        rules = [r for r in stack.of(Rule) if any(t.arn == function.arn for t in r.targets)]
        callers = [("events.amazonaws.com", rule.logical_id, rule.arn) for rule in rules]
        with suppress(PatternError):  # which is told where it stands
            callers += [
                ("sns.amazonaws.com", subscriber.topic, subscriber.topic_arn)
                for subscriber in subscribers_of(stack)
                if subscriber.endpoint == function.arn
            ]
        where = self._timeline.document.key(place)
        asking = any(name in g.termination_policies for g in stack.of(AutoScalingGroup))
        if not callers and not asking:
            message = f"no rule and no subscription of the template invokes {name}"
            self._timeline.remarks.append(Mistake(where, message))
        permissions = [p for p in stack.of(Permission) if p.function_name == name]
        for principal, caller, arn in callers:
            if not any(permission.admits(principal, arn) for permission in permissions):
                message = f"{caller} cannot invoke {name}: {principal} has no permission"
                hint = "add an AWS::Lambda::Permission"
                self._timeline.remarks.append(Mistake(where, message, hint))

    def _answer(self, item: dict[str, Any], name: str, place: Place) -> None:
        """What a function answers, which is all that it does."""
        for key in item:
            if key != "answer":
                self._mistake((*place, key), f"{key} does not go with answer", key=True)
        for inner, text in _paths(item["answer"], (*place, "answer")):
            self._check_path(inner, text)
        where = self._timeline.document.mark(place)
        self.answers[name] = ScenarioAnswer(given=item["answer"], where=where)

    def _check_path(self, place: Place, text: str) -> None:
        try:
            parse_path(text)
        except ValueError as problem:
            self._mistake(place, str(problem))

    def _deed(self, value: Any, place: Place) -> ScenarioReaction | None:
        timeline = self._timeline
        deed, mistakes = timeline.own.structure(value, Deed, place)
        timeline.mistakes += mistakes
        if deed is None:
            return None
        line = Line(at=0.0, action=deed.action, targets=deed.targets, duration=deed.duration)
        paths = set(_paths(deed.parameters, (*place, "parameters")))
        for inner, text in paths:
            self._check_path(inner, text)
        kind, targets = timeline.aim(line, place)
        if kind is None:
            return None
        fixed = self._check(kind, deed.parameters, place, {inner for inner, _ in paths})
        return ScenarioReaction(
            name=deed.action,
            targets=targets,
            duration=deed.duration,
            given=timeline.respelled(kind, deed.parameters),
            fixed=None if paths else fixed,
            where=timeline.document.mark(place),
            names=self._names,
        )

    def _check(
        self, kind: ActionKind, given: dict[str, Any], place: Place, paths: set[Place]
    ) -> Any:
        """The parameters; mistakes are those that no event can mend."""
        timeline = self._timeline
        before = len(timeline.mistakes)
        made = timeline.parameters(kind, given, (*place, "parameters"))
        open_ = {timeline.document.mark(inner) for inner in paths}
        timeline.mistakes[before:] = [
            mistake for mistake in timeline.mistakes[before:] if mistake.mark not in open_
        ]
        return made

    def _mistake(self, place: Place, message: str, hint: str = "", *, key: bool = False) -> None:
        document = self._timeline.document
        where = document.key(place) if key else document.mark(place)
        self._timeline.mistakes.append(Mistake(where, message, hint))


def _filled(value: Any, payload: Any, where: Mark) -> Any:
    """A value whose paths are filled in from a payload."""
    if isinstance(value, Mapping):
        return {key: _filled(inner, payload, where) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, payload, where) for inner in value]
    if not _is_path(value):
        return value
    found = parse_path(value).find(payload, reading=True)
    if found is ABSENT:
        raise ActionError(f"{where}: the event has no {value}", "ValidationError")
    return found


def _is_path(value: Any) -> bool:
    """Whether a value is to be taken from the event."""
    return isinstance(value, str) and value.startswith("$.")


def _paths(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Every path among the parameters, and where it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(inner, (*place, index))
    elif _is_path(value):
        yield place, value
