"""What a template's functions can refer to: parameters, mappings, conditions, resources.

Everything resolves when it is first asked for, so that the order of a template does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model.ecs.task_definitions import TaskDefinition
from model.resources import Identity
from scenarios.cloudformation import types
from scenarios.cloudformation.identity import NAMED_BY, identify, revised
from scenarios.cloudformation.intrinsics import Resolver
from scenarios.document import Document, Place
from scenarios.mistakes import error, nearest

OWN_PROPERTIES = ("AvailabilityZone", "CidrBlock", "SecurityGroups", "VpcId")
"""Attributes that are the properties of the same name, as in `!GetAtt Vpc.CidrBlock`."""


class TemplateNames:
    """The names of one template (`intrinsics.Names`); `resolver` resolves values by them."""

    def __init__(
        self,
        document: Document,
        place: Place,
        template: Mapping[str, Any],
        given: Mapping[str, Any],
    ) -> None:
        self.resolver = Resolver(document, self)
        self.values: dict[str, Any] = {}
        """Of parameters."""
        self.mappings: dict[str, dict[str, dict[str, Any]]] = {}
        self.bodies: dict[str, dict[str, Any]] = {}
        """Of the resources that are made, as the template gives them."""
        self.identities: dict[str, Identity] = {}
        self.resolved: dict[str, dict[str, Any]] = {}
        """Properties of the resources that are simulated."""
        self.resolving: str | None = None
        """The resource whose properties are being resolved."""
        self.needs: dict[str, dict[str, None]] = {}
        """Which resources each one needs to be made before it."""
        self.answered: set[str] = set()
        """Imports and dynamic references that the scenario answered."""
        self._document = document
        self._place = place
        self._template = template
        self._given = given
        self._conditions: dict[str, bool] = {}
        self._deciding: list[str] = []
        self._naming: list[str] = []
        self._asked: list[str] = []

    def parameter(self, name: str) -> Any | None:
        return self.values.get(name)

    def given(self, name: str) -> str | None:
        if name not in self._given:
            return None
        self.answered.add(name)
        return str(self._given[name])

    def ref(self, name: str) -> str | None:
        identity = self.identity(name)
        self._note_need(name)
        return None if identity is None else identity.ref

    def attribute(self, name: str, attribute: str, place: Place) -> Any | None:
        identity = self.identity(name)
        self._note_need(name)
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
        return self.mappings.get(name)

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
            try:
                self._conditions[name] = self.resolver.truth(declared[name], inner)
            finally:
                self._deciding.pop()
        return self._conditions[name]

    def known(self) -> list[str]:
        return [*self.values, *self.bodies]

    def _note_need(self, name: str) -> None:
        """The resource that is being resolved cannot be made before this one."""
        if self.resolving is not None and name in self.bodies:
            self.needs.setdefault(self.resolving, {})[name] = None

    def identity(self, name: str) -> Identity | None:
        """What a resource is called; None if there is no such resource.

        Its name may itself be made by functions, so it is resolved when it is first asked for,
        wherever in the template that is.
        """
        if name in self.identities or name not in self.bodies:
            return self.identities.get(name)
        body = self.bodies[name]
        place = (*self._place, "Resources", name, "Properties")
        if name in self._naming:
            circle = " -> ".join([*self._naming, name])
            raise error(self._document.mark(place), f"resources go in a circle: {circle}")
        properties = body.get("Properties") or {}
        self._naming.append(name)
        try:
            naming = {
                key: self.resolver.resolve(properties[key], (*place, key))
                for key in NAMED_BY.get(body["Type"], ())
                if key in properties
            }
        finally:
            self._naming.pop()
        identity = identify(body["Type"], name, naming)
        if identity.type == TaskDefinition.TYPE:
            identity = revised(identity, self._earlier(name))
        self.identities[name] = identity
        return identity

    def _earlier(self, name: str) -> list[Identity]:
        """The task definitions that stand before one in the template."""
        of_type = [n for n, body in self.bodies.items() if body["Type"] == TaskDefinition.TYPE]
        found = map(self.identity, of_type[: of_type.index(name)])
        return [identity for identity in found if identity is not None]

    def _property_of(self, name: str, attribute: str, place: Place) -> Any | None:
        """Attributes that are the resource's own properties, as Vpc.CidrBlock."""
        if attribute not in OWN_PROPERTIES:
            return None
        if name in self._asked:
            circle = " -> ".join([*self._asked, name])
            raise error(self._document.mark(place), f"resources go in a circle: {circle}")
        if attribute == "AvailabilityZone" and name in self.resolved:
            return self.resolved[name].get(attribute)
        properties = self.bodies[name].get("Properties") or {}
        if attribute not in properties:
            return None
        self._asked.append(name)
        inner = (*self._place, "Resources", name, "Properties", attribute)
        try:
            return self.resolver.resolve(properties[attribute], inner)
        finally:
            self._asked.pop()
