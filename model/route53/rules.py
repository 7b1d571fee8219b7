"""What Route 53 does not let records of one hosted zone be, once they are seen together.

Source: API ChangeResourceRecordSets, ResourceRecordSet; "Choosing between alias and non-alias
records".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from model.elb.resources.shapes import Balancer
from model.route53.names import Directory, Key, key_of, load_balancer_names
from model.route53.resources import HostedZone, RecordSet, plain_name


@frozen
class RecordProblem:
    """Something wrong with a record beside others."""

    record: RecordSet
    key: str
    """The property that is wrong."""
    message: str


@frozen
class Around:
    """What records lead to, and where they stand."""

    load_balancers: Mapping[str, str]
    """Logical ids by all names."""
    zone_ids: Mapping[str, str]
    """The hosted zones that the names of load balancers are in, by logical id."""
    domains: Mapping[str, str]
    """The domains of hosted zones, by their ids."""

    @classmethod
    def of(cls, balancers: Iterable[Balancer], zones: Iterable[HostedZone]) -> Around:
        """These load balancers, and these hosted zones."""
        balancers, ids = list(balancers), {}
        for balancer in balancers:
            given = balancer.identity.attributes
            found = given.get("CanonicalHostedZoneID") or given.get("CanonicalHostedZoneNameID")
            if found is not None:
                ids[balancer.logical_id] = found
        domains = {zone.identity.ref: plain_name(zone.name) for zone in zones}
        return cls(load_balancer_names(balancers), ids, domains)

    def domain(self, record: RecordSet) -> str | None:
        """The domain of a record's hosted zone; None: it is only known by an id."""
        zone = record.hosted_zone
        return self.domains.get(zone) or (zone if "." in zone else None)


def record_problems(records: Sequence[RecordSet], around: Around) -> Iterator[RecordProblem]:
    """Everything that is wrong between records that are right by themselves."""
    directory = Directory.of(records, around.load_balancers)
    yield from _same(records)
    for record in records:
        yield from _zone(record, around)
    yield from _names(directory)
    for group in directory.groups.values():
        yield from _policies(list(group.values()))
    for record in records:
        yield from _destination(record, directory, around)
    yield from _circles(directory)


def _described(record: RecordSet) -> str:
    return f"{record.domain} of type {record.type}"


def _same(records: Sequence[RecordSet]) -> Iterator[RecordProblem]:
    first: dict[tuple[Key, str], RecordSet] = {}
    for record in records:
        other = first.setdefault((key_of(record), record.id), record)
        if other is record:
            continue
        what = f"the record {_described(record)}"
        if record.set_identifier:
            message = f"{other.logical_id} is {what} with SetIdentifier {record.id} already"
            yield RecordProblem(record, "SetIdentifier", message)
        else:
            yield RecordProblem(record, "Name", f"{other.logical_id} is {what} already")


def _zone(record: RecordSet, around: Around) -> Iterator[RecordProblem]:
    """A record is in its hosted zone, and a CNAME not at its top."""
    domain = around.domain(record)
    if domain is None:
        return
    what = f"DNS name {record.domain}. is not permitted"
    if record.domain == domain and record.type == "CNAME":
        message = f"RRSet of type CNAME with {what} at apex in zone {domain}.; an alias is"
        yield RecordProblem(record, "Type", message)
    elif record.domain != domain and not record.domain.endswith(f".{domain}"):
        yield RecordProblem(record, "Name", f"RRSet with {what} in zone {domain}.")


def _names(directory: Directory) -> Iterator[RecordProblem]:
    """A name with a CNAME has no other records."""
    for (zone, name, type_), group in directory.groups.items():
        if type_ == "CNAME":
            for other in ("A", "AAAA"):
                if (zone, name, other) in directory.groups:
                    message = f"{name} has a record of type {other}: a CNAME stands alone"
                    yield RecordProblem(next(iter(group.values())), "Type", message)


def _policies(group: list[RecordSet]) -> Iterator[RecordProblem]:
    first, roles = group[0], dict[str, RecordSet]()
    for record in group[1:]:
        if record.policy != first.policy:
            yield RecordProblem(
                record,
                "Name",
                f"{first.logical_id} is a {first.policy} record {_described(record)}, this is a "
                f"{record.policy} one: all of one name and type are of one kind",
            )
    for record in group:
        if record.failover is not None:
            other = roles.setdefault(record.failover, record)
            if other is not record:
                message = f"{other.logical_id} is the {record.failover} record already"
                yield RecordProblem(record, "Failover", message)


def _destination(
    record: RecordSet, directory: Directory, around: Around
) -> Iterator[RecordProblem]:
    key = "ResourceRecords" if record.alias_target is None else "AliasTarget"
    found = directory.destination(record)
    if found is None:
        yield RecordProblem(
            record,
            key,
            f"{record.logical_id} leads to no load balancer of this template; what becomes of "
            f"the clients of {record.domain} that it answers is not simulated",
        )
    elif isinstance(found, str) and record.alias_target is not None:
        if record.type == "CNAME":
            yield RecordProblem(record, "Type", "an alias to a load balancer is of type A or AAAA")
        own, given = around.zone_ids.get(found), record.alias_target.hosted_zone_id
        if own not in (None, given):
            yield RecordProblem(
                record,
                key,
                f"Tried to create an alias that targets {record.target}, type {record.type} in "
                f"zone {given}, but the alias target name does not lie within the target zone; "
                f"HostedZoneId of {found} is {own}",
            )


def _circles(directory: Directory) -> Iterator[RecordProblem]:
    """Names that lead to each other, so that nobody ever comes to an address."""
    done: set[Key] = set()

    def follow(key: Key, way: tuple[Key, ...]) -> Iterator[RecordProblem]:
        if key in done:
            return
        for record in directory.groups[key].values():
            found = directory.destination(record)
            if isinstance(found, tuple):
                if found in (*way, key):
                    names = [name for _, name, _ in (*way, key, found)]
                    message = f"names lead to each other in a circle: {' -> '.join(names)}"
                    where = "ResourceRecords" if record.alias_target is None else "AliasTarget"
                    yield RecordProblem(record, where, message)
                else:
                    yield from follow(found, (*way, key))
        done.add(key)

    for key in directory.groups:
        yield from follow(key, ())
