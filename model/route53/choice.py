"""Which of the records of one name and type Route 53 answers with.

Source: "Weighted routing", "How Amazon Route 53 chooses records when health checking is
configured". What is told are shares of the answers; resolvers and clients draw them at random.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from model.route53.resources import RecordSet


def shares(records: Iterable[RecordSet], healthy: Callable[[RecordSet], bool]) -> dict[str, float]:
    """The share of the answers that each record gives, by its SetIdentifier; those that give none
    are left out."""
    records = list(records)
    if records[0].failover is not None:
        return {_in_charge(records, healthy).id: 1.0}
    return _weighted(records, healthy)


def _in_charge(records: list[RecordSet], healthy: Callable[[RecordSet], bool]) -> RecordSet:
    """The primary record while it is healthy or nothing else is, else the secondary one."""
    order = sorted(records, key=lambda record: record.failover != "PRIMARY")
    return next((record for record in order if healthy(record)), order[0])


def _weighted(records: list[RecordSet], healthy: Callable[[RecordSet], bool]) -> dict[str, float]:
    """By weight among those that are healthy (all of them if none is). Records of weight 0 have
    their turn only if all the others are unhealthy or there are no others, and then equally."""
    chosen = [record for record in records if healthy(record)] or records
    weights = {record.id: record.weight or 0 for record in chosen}
    total = sum(weights.values())
    if total == 0:
        return {name: 1 / len(weights) for name in weights}
    return {name: weight / total for name, weight in weights.items() if weight}
