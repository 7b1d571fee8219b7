"""What Route 53 does not let records of one hosted zone be, once they are seen together.

Source: API ChangeResourceRecordSets, ResourceRecordSet; "Choosing between alias and non-alias
records".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from model.route53.names import Directory, Key, key_of
from model.route53.resources import RecordSet


@frozen
class RecordProblem:
    """Something wrong with a record beside others."""

    record: RecordSet
    key: str
    """The property that is wrong."""
    message: str


def record_problems(
    records: Sequence[RecordSet], load_balancers: dict[str, str]
) -> Iterator[RecordProblem]:
    """Everything that is wrong between records that are right by themselves."""
    directory = Directory.of(records, load_balancers)
    yield from _same(records)
    yield from _names(directory)
    for group in directory.groups.values():
        yield from _policies(list(group.values()))
    for record in records:
        yield from _destination(record, directory)
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


def _destination(record: RecordSet, directory: Directory) -> Iterator[RecordProblem]:
    key = "ResourceRecords" if record.alias_target is None else "AliasTarget"
    found = directory.destination(record)
    if found is None:
        yield RecordProblem(
            record,
            key,
            f"{record.logical_id} leads to no load balancer of this template; what becomes of "
            f"the clients of {record.domain} that it answers is not simulated",
        )
    elif isinstance(found, str) and record.alias_target is not None and record.type == "CNAME":
        yield RecordProblem(record, "Type", "an alias to a load balancer is of type A or AAAA")


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
