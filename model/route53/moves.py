"""What an operator does by the Route 53 API."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

from model.actions import Action, move
from model.fields import length, one_of
from model.resources import Identity
from model.route53.resources import AliasTarget, RecordSet, plain_name

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class ResourceRecord:
    """One value of a record."""

    value: str


@frozen(kw_only=True)
class ResourceRecordSet:
    """A record as the API has it."""

    REFUSED = RecordSet.REFUSED

    name: str
    type: str
    alias_target: AliasTarget | None = None
    ttl: int | None = field(default=None, metadata={"name": "TTL"})
    resource_records: tuple[ResourceRecord, ...] = ()
    set_identifier: str | None = None
    weight: int | None = None
    failover: str | None = None

    def __attrs_post_init__(self) -> None:
        self.record_set("")

    def record_set(self, hosted_zone: str) -> RecordSet:
        """The same as a template has it. Raises `ValueError` where it cannot be so."""
        domain = plain_name(self.name)
        name = f"{domain}/{self.set_identifier or self.type}"
        given = {key: getattr(self, key) for key in _SHARED}
        return RecordSet(
            identity=Identity(name, RecordSet.TYPE, domain),
            hosted_zone_id=hosted_zone,
            resource_records=tuple(item.value for item in self.resource_records),
            **given,
        )


_SHARED = ("name", "type", "alias_target", "ttl", "set_identifier", "weight", "failover")


@frozen(kw_only=True)
class Change:
    """One change of a batch."""

    action: str = field(validator=one_of("CREATE", "DELETE", "UPSERT"))
    resource_record_set: ResourceRecordSet


@frozen(kw_only=True)
class ChangeBatch:
    """Changes that are made together."""

    INERT: ClassVar[frozenset[str]] = frozenset({"Comment"})

    changes: tuple[Change, ...] = field(validator=length(1, 1000))


@frozen(kw_only=True)
class ChangeResourceRecordSets:
    """The parameters of the call."""

    hosted_zone_id: str | None = None
    change_batch: ChangeBatch


@move("route53:ChangeResourceRecordSets", ChangeResourceRecordSets)
def change_resource_record_sets(world: World, action: Action) -> None:
    """Change records of a hosted zone, such as their weights, all of them or none."""
    wanted: ChangeResourceRecordSets = action.parameters
    changes = []
    for change in wanted.change_batch.changes:
        given = change.resource_record_set
        zone = world.route53.zone_of(plain_name(given.name), wanted.hosted_zone_id)
        changes.append((change.action, given.record_set(zone)))
    world.route53.change_resource_record_sets(changes)
