"""Which records of a template lead to its load balancers: those are simulated, the others inert.

A record group is taken apart into its records, which are known as `Group.0`, `Group.1` and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from attrs import define

from model.elb.resources import ClassicLoadBalancer, LoadBalancer
from model.resources import Identity
from model.route53.names import find_load_balancer
from model.route53.resources import TYPES, RecordSet, plain_name
from scenarios.cloudformation.names import TemplateNames
from scenarios.document import Document, Place
from scenarios.mistakes import Mistake, ScenarioError, nearest

RECORD_SET_GROUP = "AWS::Route53::RecordSetGroup"
ZONE_KEYS = ("HostedZoneId", "HostedZoneName")
GROUP_KEYS = (*ZONE_KEYS, "Comment", "RecordSets")


@define(eq=False)
class _Found:
    """A record as far as its values can be made out before the template is resolved."""

    resource: str
    """The logical id of the record or of its group."""
    index: int | None
    """Its place in its group, if it is in one."""
    zone: tuple[Any, ...]
    name: str
    type: str
    targets: tuple[str, ...]
    """The names that it leads to."""
    leads: bool = False

    @property
    def logical_id(self) -> str:
        return self.resource if self.index is None else f"{self.resource}.{self.index}"


class Records:
    """The records of one template."""

    def __init__(self, names: TemplateNames, base: Place) -> None:
        """`base` is the place of the template's `Resources`."""
        self._names = names
        self._base = base
        self._members: dict[str, Place] = {}
        """Records of groups that are simulated, by what they are called here."""
        self._found: list[_Found] = []

    def aside(self, chosen: Iterable[str]) -> dict[str, str]:
        """Records that lead to no load balancer of the template, with their types; `chosen` are all
        resources that may be simulated. A group is among them if none of its records does."""
        bodies = self._names.bodies
        kinds = {name: bodies[name]["Type"] for name in chosen}
        own = {name: t for name, t in kinds.items() if t in (RecordSet.TYPE, RECORD_SET_GROUP)}
        if not own:
            return {}
        self._found = [found for name in own for found in self._read(name)]
        self._follow()
        leading = {found.resource for found in self._found if found.leads}
        left = {name: kind for name, kind in own.items() if name not in leading}
        members = (found for found in self._found if found.resource in leading)
        return left | {item.logical_id: RecordSet.TYPE for item in members if not item.leads}

    def _read(self, name: str) -> Iterator[_Found]:
        body = self._names.bodies[name]
        place = (*self._base, name, "Properties")
        given = body.get("Properties") or {}
        # what cannot be resolved is told of when the record turns out to lead to a load balancer
        quiet: dict[str, Any] = {}
        for key, value in given.items():
            with suppress(ScenarioError):
                quiet[key] = self._names.resolver.resolve(value, (*place, key))
        if body["Type"] == RecordSet.TYPE:
            yield _found(name, None, quiet)
            return
        records = quiet.get("RecordSets")
        zone = {key: quiet[key] for key in ZONE_KEYS if key in quiet}
        for index, record in enumerate(records if isinstance(records, list) else ()):
            if isinstance(record, dict):
                yield _found(name, index, zone | record)

    def _follow(self) -> None:
        """Find out which records lead to a load balancer, perhaps by way of others, and which are
        answered with beside those."""
        balancers: dict[str, str] = {}
        for name, body in self._names.bodies.items():
            if body["Type"] in (LoadBalancer.TYPE, ClassicLoadBalancer.TYPE):
                with suppress(ScenarioError):
                    identity = self._names.identity(name)
                    assert identity is not None
                    balancers[plain_name(identity.attributes["DNSName"])] = name
        names: set[str] = set()
        groups: set[tuple[Any, ...]] = set()
        more = True
        while more:
            more = False
            for found in self._found:
                group = (found.zone, found.name, found.type)
                if found.leads or found.type not in TYPES:
                    continue
                if group in groups or any(
                    find_load_balancer(balancers, target) or plain_name(target) in names
                    for target in found.targets
                ):
                    found.leads = more = True
                    names.add(found.name)
                    groups.add(group)

    def expand(self, document: Document) -> Iterator[Mistake]:
        """Have the records of groups stand beside each other in the resolved template."""
        resolved = self._names.resolved
        groups = [n for n in resolved if self._names.bodies[n]["Type"] == RECORD_SET_GROUP]
        for name in groups:
            properties = resolved.pop(name)
            place = (*self._base, name, "Properties")
            for key in properties:
                if key not in GROUP_KEYS:
                    where, hint = document.key((*place, key)), nearest(str(key), GROUP_KEYS)
                    yield Mistake(where, f"there is no property {key} here", hint)
            zone = {key: properties[key] for key in ZONE_KEYS if key in properties}
            for found in self._found:
                if found.resource == name and found.leads:
                    record, own = properties["RecordSets"][found.index], found.logical_id
                    resolved[own] = zone | record
                    ref = str(record.get("Name", own))
                    self._names.identities[own] = Identity(own, RecordSet.TYPE, ref)
                    self._members[own] = (*place, "RecordSets", found.index or 0)

    def is_member(self, name: str) -> bool:
        """Whether a resource is a record that stands in a group."""
        return name in self._members

    def place(self, place: Place) -> Place:
        """Where in the file something is that is told of as `(logical id, "Properties", ...)`."""
        member = self._members.get(str(place[0]))
        return (*self._base, *place) if member is None else (*member, *place[2:])


def _found(resource: str, index: int | None, given: dict[str, Any]) -> _Found:
    alias = given.get("AliasTarget")
    targets = [alias.get("DNSName")] if isinstance(alias, dict) else given.get("ResourceRecords")
    return _Found(
        resource,
        index,
        tuple(str(given.get(key)) for key in ZONE_KEYS),
        plain_name(str(given.get("Name"))),
        str(given.get("Type")),
        tuple(t for t in (targets if isinstance(targets, list) else ()) if isinstance(t, str)),
    )
