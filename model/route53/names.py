"""Which records answer together, and where each of them leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from model.elb.resources.shapes import Balancer
from model.route53.resources import TYPES, RecordSet, plain_name

Key = tuple[str, str, str]
"""The hosted zone, the name and the type of records that answer together."""
Destination = str | Key
"""The logical id of a load balancer, or the records of another name."""

DUALSTACK = "dualstack."
"""What the console writes before the name of a load balancer; it leads to the same one."""


def key_of(record: RecordSet) -> Key:
    """What a record shares with those that it answers together with."""
    return record.hosted_zone, record.domain, record.type


def load_balancer_names(balancers: Iterable[Balancer]) -> dict[str, str]:
    """The load balancers by what an alias may call them: their DNS names, and their logical ids
    for whoever writes a move by hand."""
    names = {}
    for balancer in balancers:
        names[balancer.logical_id] = balancer.logical_id
        host = balancer.identity.attributes.get("DNSName")
        if host is not None:
            names[plain_name(host)] = balancer.logical_id
    return names


def find_load_balancer(names: Mapping[str, str], target: str) -> str | None:
    """The load balancer that a DNS name means."""
    return names.get(target) or names.get(plain_name(target).removeprefix(DUALSTACK))


@frozen
class Directory:
    """Records by what they answer for, and the load balancers that they may lead to."""

    groups: Mapping[Key, Mapping[str, RecordSet]]
    """Records that answer together, by their SetIdentifier."""
    load_balancers: Mapping[str, str]

    @staticmethod
    def of(records: Iterable[RecordSet], load_balancers: Mapping[str, str]) -> Directory:
        """Of two records with one name, type and SetIdentifier the first is kept."""
        groups: dict[Key, dict[str, RecordSet]] = {}
        for record in records:
            groups.setdefault(key_of(record), {}).setdefault(record.id, record)
        return Directory(groups, load_balancers)

    def records(self) -> Iterator[RecordSet]:
        """All of them."""
        for group in self.groups.values():
            yield from group.values()

    def destination(self, record: RecordSet) -> Destination | None:
        """Where a record leads; None: to nothing that is simulated."""
        if record.target is None:
            return None
        found = find_load_balancer(self.load_balancers, record.target)
        if found is not None:
            return found
        # an alias leads to records of its own type and hosted zone, a CNAME to any of that name
        name, alias = plain_name(record.target), record.alias_target is not None
        types = (record.type,) if alias else TYPES
        own = [(record.hosted_zone, name, type_) for type_ in types]
        others = [] if alias else [key for key in self.groups if key[1] == name]
        return next((key for key in (*own, *others) if key in self.groups), None)

    def asked(self, to: str) -> Key | None:
        """The records that clients ask for by a DNS name or by a record's logical id. Raises
        `ValueError` where records of that name are in several hosted zones."""
        for record in self.records():
            if record.logical_id == to:
                return self._preferred(record.hosted_zone, record.domain)
        zones = dict.fromkeys(zone for zone, name, _ in self.groups if name == plain_name(to))
        if len(zones) > 1:
            raise ValueError(
                f"{to} has records in several hosted zones ({', '.join(zones)}); "
                "name one of the records by its logical id"
            )
        return self._preferred(next(iter(zones)), plain_name(to)) if zones else None

    def _preferred(self, zone: str, name: str) -> Key:
        """Clients are taken to use IPv4: A records, others where there is none."""
        return next(key for type_ in TYPES if (key := (zone, name, type_)) in self.groups)
