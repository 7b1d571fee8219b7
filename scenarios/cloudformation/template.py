"""From a CloudFormation template to a stack of resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from attrs import frozen

from model.ec2.resources import Subnet
from model.resources import ZONES, Identity, Resource
from model.stack import Stack
from scenarios.cloudformation import types
from scenarios.cloudformation.checks import find_circle, stack_problems
from scenarios.cloudformation.dashboard_checks import dashboard_problems
from scenarios.cloudformation.database_checks import database_problems
from scenarios.cloudformation.dns import RECORD_SET_GROUP, Records
from scenarios.cloudformation.event_checks import event_problems
from scenarios.cloudformation.intrinsics import PROCESSED
from scenarios.cloudformation.launch_checks import launch_problems
from scenarios.cloudformation.names import TemplateNames
from scenarios.cloudformation.outside import outside
from scenarios.cloudformation.parameters import Parameters
from scenarios.cloudformation.scaling_checks import scaling_problems
from scenarios.cloudformation.unique import name_problems
from scenarios.document import Document, Place
from scenarios.mistakes import Mark, Mistake, ScenarioError, error, nearest
from scenarios.structure import Structurer, reference_in

VERSION = "2010-09-09"
SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
    }
)
RESOURCE_KEYS = frozenset(
    {
        "Condition",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    }
)


@frozen
class Built:
    """A stack, and what a reader should know of it."""

    stack: Stack
    names: Mapping[str, Identity]
    """Every resource of the template, inert ones too."""
    remarks: tuple[Mistake, ...]


def build(
    document: Document,
    place: Place,
    given: Mapping[str, Any],
    given_at: Callable[[str], Mark] | None = None,
    begins: datetime | None = None,
) -> Built:
    """Build the stack of the template that stands at `place` of a document.

    `given` are the scenario's `parameters:`, and `given_at` tells where each of them stood;
    `begins` is when the world begins, which schedules are held against. Raises `ScenarioError` with
    all mistakes found.
    """
    at = given_at or (lambda _: document.mark(place))
    return _Builder(document, place, given, at, begins).build()


class _Builder:
    def __init__(
        self,
        document: Document,
        place: Place,
        given: Mapping[str, Any],
        given_at: Callable[[str], Mark],
        begins: datetime | None,
    ) -> None:
        self._document = document
        self._place = place
        self._given = given
        self._given_at = given_at
        self._begins = begins
        self._mistakes: list[Mistake] = []
        self._remarks: list[Mistake] = []
        content = document.content
        for key in place:
            content = content[key]
        if not isinstance(content, dict):
            raise error(document.mark(place), "a template must be a mapping with Resources")
        self._template: dict[str, Any] = content
        self._names = TemplateNames(document, place, content, given)
        self._records = Records(self._names, (*place, "Resources"))

    def build(self) -> Built:
        self._check_sections()
        self._stop()
        parameters = Parameters(
            self._document,
            (*self._place, "Parameters"),
            self._template.get("Parameters"),
            self._given,
            self._given_at,
        )
        self._mistakes += parameters.mistakes
        self._names.values = parameters.values
        self._stop()
        self._check_conditions()
        self._stop()
        resources = self._select()
        self._stop()
        self._resolve(resources)
        self._mistakes += self._records.expand(self._document)
        circle = find_circle(self._names.needs)
        if circle:
            place = (*self._place, "Resources", circle[0])
            self._mistake(place, f"resources need each other in a circle: {' -> '.join(circle)}")
        self._stop()
        self._place_subnets()
        self._admit_outside()
        stack = Stack(self._make())
        self._stop()
        self._check_outputs()
        self._ask_for_inert()
        unused = parameters.unused(self._names.answered)
        for name in unused:
            message = f"the template has no parameter {name}"
            hint = nearest(name, self._names.values)
            self._mistakes.append(Mistake(self._given_at(name), message, hint))
        found = (
            *stack_problems(stack),
            *launch_problems(stack),
            *name_problems(stack),
            *event_problems(stack),
            *database_problems(stack),
            *scaling_problems(stack, self._begins),
            *dashboard_problems(stack),
        )
        for problem in found:
            self._mistake(self._records.place(problem.place), problem.message)
        self._stop()
        for problem in dashboard_problems(stack, warnings=True):
            where = self._document.mark(self._records.place(problem.place))
            self._remarks.append(Mistake(where, problem.message))
        return Built(stack, self._names.identities, tuple(self._remarks))

    def _stop(self) -> None:
        if self._mistakes:
            raise ScenarioError(dict.fromkeys(self._mistakes))

    def _mistake(self, place: Place, message: str, hint: str = "", *, key: bool = False) -> None:
        where = self._document.key(place) if key else self._document.mark(place)
        self._mistakes.append(Mistake(where, message, hint))

    def _check_sections(self) -> None:
        for key in self._template:
            place = (*self._place, key)
            if key in ("Transform", "Fn::Transform"):
                self._mistake(place, "Transform needs CloudFormation itself", PROCESSED, key=True)
            elif str(key).startswith("Fn::ForEach"):
                self._mistake(place, "Fn::ForEach needs CloudFormation itself", PROCESSED, key=True)
            elif key not in SECTIONS:
                hint = nearest(str(key), SECTIONS)
                self._mistake(place, f"a template has no section {key}", hint, key=True)
        version = self._template.get("AWSTemplateFormatVersion", VERSION)
        if version != VERSION:
            place = (*self._place, "AWSTemplateFormatVersion")
            self._mistake(place, f'AWSTemplateFormatVersion must be "{VERSION}", not {version!r}')
        for key in ("Conditions", "Mappings", "Outputs"):
            if not isinstance(self._template.get(key) or {}, dict):
                self._mistake((*self._place, key), f"{key} must be a mapping")
        if not isinstance(self._template.get("Resources"), dict):
            self._mistake(self._place, "a template needs Resources")
        self._check_mappings()

    def _check_mappings(self) -> None:
        """Two levels of keys, which are text whatever YAML makes of them (account ids, years)."""
        mappings = self._template.get("Mappings")
        for name, mapping in mappings.items() if isinstance(mappings, dict) else ():
            place = (*self._place, "Mappings", name)
            if not isinstance(mapping, dict):
                self._mistake(place, f"the mapping {name} must have keys of two levels")
                continue
            self._names.mappings[str(name)] = {}
            for key, inner in mapping.items():
                if not isinstance(inner, dict):
                    self._mistake((*place, key), f"{key} of the mapping {name} must be a mapping")
                    continue
                texts = {str(second): value for second, value in inner.items()}
                self._names.mappings[str(name)][str(key)] = texts

    def _check_conditions(self) -> None:
        """Conditions that nothing asks for are decided too, as AWS does."""
        for name in self._template.get("Conditions") or {}:
            try:
                self._names.condition(name, (*self._place, "Conditions", name))
            except ScenarioError as problem:
                self._mistakes += problem.mistakes

    def _select(self) -> list[str]:
        """The resources to make, in order; those of unknown or refused types are mistakes."""
        resources = self._template["Resources"]
        base = (*self._place, "Resources")
        chosen = []
        for name, body in resources.items():
            place = (*base, name)
            if str(name).startswith("Fn::ForEach"):
                self._mistake(place, "Fn::ForEach needs CloudFormation itself", PROCESSED, key=True)
                continue
            if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
                self._mistake(place, f"the resource {name} needs a Type")
                continue
            if not str(name).isalnum():
                self._mistake(place, f"a logical id has letters and digits only: {name}", key=True)
            for key in body:
                if key not in RESOURCE_KEYS:
                    hint = nearest(str(key), RESOURCE_KEYS)
                    self._mistake((*place, key), f"a resource has no {key}", hint, key=True)
            condition = body.get("Condition")
            try:
                if condition is not None:
                    truth = self._names.condition(str(condition), place)
                    if truth is None:
                        self._mistake((*place, "Condition"), f"there is no condition {condition}")
                    if not truth:
                        continue
            except ScenarioError as problem:
                self._mistakes += problem.mistakes
                continue
            if not isinstance(body.get("Properties") or {}, dict):
                self._mistake((*place, "Properties"), "Properties must be a mapping")
                continue
            type_ = body["Type"]
            self._names.bodies[str(name)] = body
            if type_ in types.SIMULATED or type_ == RECORD_SET_GROUP:
                chosen.append(name)
            elif not types.is_inert(type_):
                self._refuse_type(type_, (*place, "Type"))
        aside = self._records.aside(chosen)
        chosen = [name for name in chosen if name not in aside]
        kinds = {name: str(body["Type"]) for name, body in self._names.bodies.items()} | aside
        inert = [f"{name} ({kind})" for name, kind in kinds.items() if name not in chosen]
        if inert:
            where = self._document.mark(base)
            self._remarks.append(Mistake(where, f"kept, but not simulated: {', '.join(inert)}"))
        if "Rules" in self._template:
            where = self._document.key((*self._place, "Rules"))
            self._remarks.append(Mistake(where, "the Rules about parameters are not checked"))
        for name, body in resources.items():
            self._check_depends(resources, name, body)
        return chosen

    def _refuse_type(self, type_: str, place: Place) -> None:
        if type_ in types.STACKS:
            self._mistake(place, f"{type_} needs CloudFormation itself", PROCESSED)
        elif type_ in types.REFUSED:
            what = types.REFUSED[type_]
            self._mistake(
                place, f"{type_} is not simulated yet and could change the outcome: {what}"
            )
        else:
            known = [*types.SIMULATED, *types.REFUSED, *types.INERT_TYPES]
            service = type_.rpartition("::")[0]
            hint = nearest(type_, [name for name in known if name.startswith(f"{service}::")])
            self._mistake(place, f"{type_} is no resource type that Spillover knows", hint)

    def _check_depends(self, resources: dict[str, Any], name: str, body: Any) -> None:
        if not isinstance(body, dict) or "DependsOn" not in body:
            return
        wanted = body["DependsOn"]
        place = (*self._place, "Resources", name, "DependsOn")
        for other in wanted if isinstance(wanted, list) else [wanted]:
            if not isinstance(other, str):
                self._mistake(place, "DependsOn takes a logical id, or a list of them")
            elif other not in resources:
                hint = nearest(other, resources)
                self._mistake(place, f"DependsOn {other}: there is no such resource", hint)
            elif name in self._names.bodies and other in self._names.bodies:
                self._names.needs.setdefault(name, {})[other] = None

    def _resolve(self, names: list[str]) -> None:
        for name in names:
            body = self._names.bodies[name]
            place = (*self._place, "Resources", name, "Properties")
            self._names.resolving = name
            try:
                self._names.identity(name)
                properties = self._names.resolver.resolve(body.get("Properties") or {}, place)
            except ScenarioError as problem:
                self._mistakes += problem.mistakes
                continue
            if not isinstance(properties, dict):
                self._mistake(place, "Properties must be a mapping")
                continue
            self._names.resolved[name] = properties
        self._names.resolving = None

    def _place_subnets(self) -> None:
        """Subnets that name no zone get zones in order."""
        count = 0
        for name, properties in self._names.resolved.items():
            if (
                self._names.identities[name].type == Subnet.TYPE
                and "AvailabilityZone" not in properties
            ):
                properties["AvailabilityZone"] = ZONES[count % len(ZONES)]
                count += 1

    def _admit_outside(self) -> None:
        """What exists already: things that are only known by their ids or ARNs."""
        typed = [
            (str(self._template["Parameters"][name].get("Type", "")), value)
            for name, value in self._names.values.items()
        ]
        identities = self._names.identities.values()
        known = {(who.type, name) for who in identities for name in who.names}
        found = outside(typed, self._names.resolved, known)
        for thing in found:
            name = thing.identity.logical_id
            self._names.identities[name] = thing.identity
            self._names.resolved[name] = dict(thing.properties)
        if found:
            where = self._document.mark((*self._place, "Parameters"))
            listed = ", ".join(thing.described for thing in found)
            self._remarks.append(Mistake(where, f"outside the template, taken as given: {listed}"))

    def _make(self) -> dict[str, Resource]:
        structurer = Structurer(self._document, reference=self._reference())
        made: dict[str, Resource] = {}
        inert: dict[str, None] = {}
        for name, properties in self._names.resolved.items():
            identity = self._names.identities[name]
            kind = types.SIMULATED[identity.type]
            place = self._records.place((name, "Properties"))
            if name not in self._template["Resources"] and not self._records.is_member(name):
                place = (*self._place, "Parameters")
            resource, mistakes = structurer.structure(
                {**properties, "Identity": identity}, kind, place
            )
            self._mistakes += mistakes
            if resource is not None:
                made[name] = resource
            inert |= {f"{name}.{key}": None for key, _ in structurer.inert if key != "Tags"}
            structurer.inert.clear()
        if inert and not self._mistakes:
            where = self._document.mark((*self._place, "Resources"))
            message = f"read, but without effect here: {', '.join(inert)}"
            self._remarks.append(Mistake(where, message))
        return made

    def _reference(self) -> Any:
        return reference_in(self._names.identities)

    def _ask_for_inert(self) -> None:
        """What resources that are not simulated ask of the scenario is asked for, too."""
        for name, body in self._names.bodies.items():
            if name not in self._names.resolved:
                place = (*self._place, "Resources", name, "Properties")
                with suppress(ScenarioError):
                    self._names.resolver.resolve(body.get("Properties"), place)

    def _check_outputs(self) -> None:
        outputs = self._template.get("Outputs") or {}
        for name, body in outputs.items() if isinstance(outputs, dict) else ():
            if isinstance(body, dict) and "Value" in body:
                condition = body.get("Condition")
                try:
                    if condition is not None and not self._names.condition(
                        str(condition), self._place
                    ):
                        continue
                    place = (*self._place, "Outputs", name, "Value")
                    self._names.resolver.resolve(body["Value"], place)
                except ScenarioError as problem:
                    self._mistakes += problem.mistakes
