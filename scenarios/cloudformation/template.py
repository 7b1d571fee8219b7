"""From a CloudFormation template to a stack of resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from model.autoscaling.resources import AutoScalingGroup
from model.ec2.resources import Subnet
from model.elb.resources import Listener, LoadBalancer
from model.resources import ZONES, Identity, Resource
from model.stack import Stack
from scenarios.cloudformation import types
from scenarios.cloudformation.identity import identify
from scenarios.cloudformation.intrinsics import PROCESSED, Resolver
from scenarios.cloudformation.parameters import Parameters
from scenarios.document import Document, Place
from scenarios.mistakes import Mistake, ScenarioError, error, nearest
from scenarios.structure import Structurer, reference_in

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


def build(document: Document, place: Place, given: Mapping[str, Any]) -> Built:
    """Build the stack of the template that stands at `place` of a document.

    `given` are the scenario's `parameters:`. Raises `ScenarioError` with all mistakes found.
    """
    return _Builder(document, place, given).build()


class _Builder:
    def __init__(self, document: Document, place: Place, given: Mapping[str, Any]) -> None:
        self._document = document
        self._place = place
        self._given = given
        self._answered: set[str] = set()
        self._mistakes: list[Mistake] = []
        self._remarks: list[Mistake] = []
        content = document.content
        for key in place:
            content = content[key]
        if not isinstance(content, dict):
            raise error(document.mark(place), "a template must be a mapping with Resources")
        self._template: dict[str, Any] = content
        self._resolver = Resolver(document, self)
        self._identities: dict[str, Identity] = {}
        self._resolved: dict[str, dict[str, Any]] = {}
        self._deciding: list[str] = []
        self._conditions: dict[str, bool] = {}
        self._asked: list[str] = []
        self._values: dict[str, Any] = {}

    # -- what functions can refer to (intrinsics.Names) ---------------------------------------

    def parameter(self, name: str) -> Any | None:
        return self._values.get(name)

    def given(self, name: str) -> str | None:
        if name not in self._given:
            return None
        self._answered.add(name)
        return str(self._given[name])

    def ref(self, name: str) -> str | None:
        identity = self._identities.get(name)
        return None if identity is None else identity.ref

    def attribute(self, name: str, attribute: str, place: Place) -> Any | None:
        identity = self._identities.get(name)
        if identity is None:
            return None
        if identity.type in types.SIMULATED:
            own = self._property_of(name, attribute, place)
            if own is not None:
                return own
        if attribute in identity.attributes:
            return identity.attributes[attribute]
        if identity.type not in types.SIMULATED:
            return f"{identity.ref}.{attribute}"
        raise error(
            self._document.mark(place),
            f"Fn::GetAtt {name}.{attribute}: an {identity.type} has no such attribute",
            nearest(attribute, identity.attributes),
        )

    def mapping(self, name: str) -> Mapping[str, Any] | None:
        found = (self._template.get("Mappings") or {}).get(name)
        return found if isinstance(found, dict) else None

    def condition(self, name: str, place: Place) -> bool | None:
        declared = self._template.get("Conditions") or {}
        if name not in declared:
            return None
        if name not in self._conditions:
            if name in self._deciding:
                circle = " -> ".join([*self._deciding, name])
                raise error(self._document.mark(place), f"conditions go in a circle: {circle}")
            self._deciding.append(name)
            inner = (*self._place, "Conditions", name)
            self._conditions[name] = self._resolver.truth(declared[name], inner)
            self._deciding.pop()
        return self._conditions[name]

    def known(self) -> list[str]:
        return [*self._values, *self._identities]

    def _property_of(self, name: str, attribute: str, place: Place) -> Any | None:
        """Attributes that are the resource's own properties, as Vpc.CidrBlock."""
        if attribute not in ("CidrBlock", "AvailabilityZone", "VpcId"):
            return None
        if name in self._asked:
            circle = " -> ".join([*self._asked, name])
            raise error(self._document.mark(place), f"resources go in a circle: {circle}")
        if attribute == "AvailabilityZone" and name in self._resolved:
            return self._resolved[name].get(attribute)
        properties = self._template["Resources"][name].get("Properties") or {}
        if attribute not in properties:
            return None
        self._asked.append(name)
        inner = (*self._place, "Resources", name, "Properties", attribute)
        value = self._resolver.resolve(properties[attribute], inner)
        self._asked.pop()
        return value

    # -- building -----------------------------------------------------------------------------

    def build(self) -> Built:
        self._check_sections()
        parameters = Parameters(
            self._document,
            (*self._place, "Parameters"),
            self._template.get("Parameters"),
            self._given,
        )
        self._mistakes += parameters.mistakes
        self._values = parameters.values
        self._stop()
        resources = self._select()
        self._stop()
        self._resolve(resources)
        self._stop()
        self._place_subnets()
        stack = Stack(self._make())
        self._stop()
        self._check_outputs()
        unused = parameters.unused(self._answered)
        for name in unused:
            where = self._document.mark(self._place)
            message = f"the template has no parameter {name}"
            self._mistakes.append(Mistake(where, message, nearest(name, self._values)))
        self._check_stack(stack)
        self._stop()
        return Built(stack, self._identities, tuple(self._remarks))

    def _stop(self) -> None:
        if self._mistakes:
            raise ScenarioError(self._mistakes)

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
        if not isinstance(self._template.get("Resources"), dict):
            self._mistake(self._place, "a template needs Resources")

    def _select(self) -> list[str]:
        """The resources to make, in order; those of unknown or refused types are mistakes."""
        resources = self._template["Resources"]
        base = (*self._place, "Resources")
        inert: dict[str, None] = {}
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
                    truth = self.condition(str(condition), place)
                    if truth is None:
                        self._mistake((*place, "Condition"), f"there is no condition {condition}")
                    if not truth:
                        continue
            except ScenarioError as problem:
                self._mistakes += problem.mistakes
                continue
            type_ = body["Type"]
            properties = body.get("Properties")
            self._identities[name] = identify(
                type_, name, properties if isinstance(properties, dict) else {}
            )
            if type_ in types.SIMULATED:
                chosen.append(name)
            elif types.is_inert(type_):
                inert[f"{name} ({type_})"] = None
            else:
                self._refuse_type(type_, (*place, "Type"))
        if inert:
            where = self._document.mark(base)
            self._remarks.append(Mistake(where, f"kept, but not simulated: {', '.join(inert)}"))
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
            hint = nearest(type_, [*types.SIMULATED, *types.REFUSED, *types.INERT_TYPES])
            self._mistake(place, f"{type_} is no resource type that Spillover knows", hint)

    def _check_depends(self, resources: dict[str, Any], name: str, body: Any) -> None:
        if not isinstance(body, dict) or "DependsOn" not in body:
            return
        wanted = body["DependsOn"]
        place = (*self._place, "Resources", name, "DependsOn")
        for other in wanted if isinstance(wanted, list) else [wanted]:
            if other not in resources:
                hint = nearest(str(other), resources)
                self._mistake(place, f"DependsOn {other}: there is no such resource", hint)

    def _resolve(self, names: list[str]) -> None:
        for name in names:
            body = self._template["Resources"][name]
            place = (*self._place, "Resources", name, "Properties")
            try:
                properties = self._resolver.resolve(body.get("Properties") or {}, place)
            except ScenarioError as problem:
                self._mistakes += problem.mistakes
                continue
            if not isinstance(properties, dict):
                self._mistake(place, "Properties must be a mapping")
                continue
            self._resolved[name] = properties
            # explicit names may themselves be made by functions
            self._identities[name] = identify(body["Type"], name, properties)

    def _place_subnets(self) -> None:
        """Subnets that name no zone, and subnets that only parameters know, get zones in order."""
        count = 0
        for name, properties in self._resolved.items():
            if self._identities[name].type == Subnet.TYPE and "AvailabilityZone" not in properties:
                properties["AvailabilityZone"] = ZONES[count % len(ZONES)]
                count += 1
        outside: dict[str, None] = {}
        for name, value in self._values.items():
            type_ = str(self._template["Parameters"][name].get("Type", ""))
            if "Subnet::Id" in type_:
                outside |= dict.fromkeys(value if isinstance(value, list) else [str(value)])
        for index, subnet in enumerate(outside):
            zone = ZONES[index % len(ZONES)]
            self._identities[subnet] = Identity(subnet, Subnet.TYPE, subnet, {})
            block = f"10.{200 + index // 256}.{index % 256}.0/24"
            self._resolved[subnet] = {"AvailabilityZone": zone, "CidrBlock": block}
        if outside:
            where = self._document.mark((*self._place, "Parameters"))
            zones = ", ".join(
                f"{subnet} in {self._resolved[subnet]['AvailabilityZone']}" for subnet in outside
            )
            message = f"subnets outside the template get zones in order: {zones}"
            self._remarks.append(Mistake(where, message))

    def _make(self) -> dict[str, Resource]:
        structurer = Structurer(self._document, reference=self._reference())
        made: dict[str, Resource] = {}
        inert: dict[str, None] = {}
        for name, properties in self._resolved.items():
            identity = self._identities[name]
            kind = types.SIMULATED[identity.type]
            place = (*self._place, "Resources", name, "Properties")
            if name not in self._template["Resources"]:
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
        return reference_in(self._identities)

    def _check_outputs(self) -> None:
        outputs = self._template.get("Outputs") or {}
        for name, body in outputs.items() if isinstance(outputs, dict) else ():
            if isinstance(body, dict) and "Value" in body:
                condition = body.get("Condition")
                try:
                    if condition is not None and not self.condition(str(condition), self._place):
                        continue
                    place = (*self._place, "Outputs", name, "Value")
                    self._resolver.resolve(body["Value"], place)
                except ScenarioError as problem:
                    self._mistakes += problem.mistakes

    def _check_stack(self, stack: Stack) -> None:
        """What only shows once resources are seen together."""
        base = (*self._place, "Resources")
        for balancer in stack.of(LoadBalancer):
            place = (*base, balancer.logical_id, "Properties")
            zones = [_zone(stack, subnet) for subnet in balancer.subnet_ids]
            if len(set(zones)) < len(zones):
                self._mistake(
                    place,
                    f"{balancer.logical_id} has two subnets in one zone ({', '.join(zones)}); "
                    "a load balancer takes one subnet for each zone",
                )
        ports: dict[tuple[str, int], str] = {}
        for listener in stack.of(Listener):
            key = (listener.load_balancer_arn, listener.port)
            if key in ports:
                place = (*base, listener.logical_id, "Properties", "Port")
                self._mistake(place, f"{ports[key]} listens on port {listener.port} already")
            ports[key] = listener.logical_id
        self._check_attachments(stack, base)

    def _check_attachments(self, stack: Stack, base: Place) -> None:
        owners: dict[str, str] = {}
        for listener in stack.of(Listener):
            for action in listener.default_actions:
                group = action.forward_to
                owner = owners.setdefault(group, listener.load_balancer_arn) if group else None
                if owner not in (None, listener.load_balancer_arn):
                    place = (*base, listener.logical_id, "Properties")
                    self._mistake(place, f"{group} serves {owner} already; it can serve only one")
        for asg in stack.of(AutoScalingGroup):
            for group in asg.target_group_arns:
                if group not in owners:
                    place = (*base, asg.logical_id, "Properties", "TargetGroupARNs")
                    self._mistake(place, f"no listener forwards to {group}")


def _zone(stack: Stack, subnet: str) -> str:
    place = stack.resources[subnet]
    assert isinstance(place, Subnet)
    return place.availability_zone
