"""The resources of the namespace AWS::Route53."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from attrs import Attribute, field, fields, frozen

from model.fields import FieldError, between, one_of
from model.resources import Resource

ALIAS_TTL = 60.0
"""Seconds that an answer of an alias to a load balancer holds (that of the load balancer's own
name)."""
TYPES = ("A", "AAAA", "CNAME")
"""Types of records that can lead to a load balancer."""

NAME = re.compile(r"[^\s.]+(\.[^\s.]+)+\.?")
LONGEST_NAME = 255


def plain_name(name: str) -> str:
    """A domain name as names are compared: in small letters, without the dot at its end."""
    return name.lower().replace("\\052", "*").rstrip(".")


@frozen(kw_only=True)
class HostedZone(Resource):
    """A hosted zone: the names of one domain."""

    TYPE: ClassVar[str] = "AWS::Route53::HostedZone"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "HostedZoneConfig",
            "HostedZoneFeatures",
            "HostedZoneTags",
            "QueryLoggingConfig",
            "VPCs",
        }
    )

    name: str


@frozen(kw_only=True)
class AliasTarget:
    """Where an alias record leads."""

    dns_name: str = field(metadata={"name": "DNSName"})
    hosted_zone_id: str
    evaluate_target_health: bool = False


@frozen(kw_only=True)
class RecordSet(Resource):
    """One record of a hosted zone: where a domain name leads."""

    TYPE: ClassVar[str] = "AWS::Route53::RecordSet"
    INERT: ClassVar[frozenset[str]] = frozenset({"Comment"})
    REFUSED: ClassVar[Mapping[str, str]] = {
        "CidrRoutingConfig": "answers by the client's address; weighted and failover records are",
        "GeoLocation": "answers by the client's place; weighted and failover records are",
        "GeoProximityLocation": "answers by the client's place; weighted and failover records are",
        "HealthCheckId": "health checks of Route 53's own; EvaluateTargetHealth of an alias is",
        "MultiValueAnswer": "several answers at a time; weighted and failover records are",
        "Region": "answers by latency; weighted and failover records are",
    }

    name: str = field()
    type: str = field(validator=one_of(*TYPES))
    alias_target: AliasTarget | None = None
    ttl: int | None = field(
        default=None, metadata={"name": "TTL"}, validator=between(0, 2_147_483_647)
    )
    resource_records: tuple[str, ...] = ()
    set_identifier: str | None = None
    weight: int | None = field(default=None, validator=between(0, 255))
    failover: str | None = field(default=None, validator=one_of("PRIMARY", "SECONDARY"))
    hosted_zone_id: str | None = None
    hosted_zone_name: str | None = None

    @name.validator
    def _domain(self, attribute: Attribute[str], value: str) -> None:
        if not NAME.fullmatch(value) or len(value) > LONGEST_NAME:
            message = f"must be a domain name such as shop.example.com, not {value!r}"
            raise FieldError(attribute, message)

    def __attrs_post_init__(self) -> None:
        own = fields(RecordSet)
        if self.alias_target is not None:
            if self.resource_records:
                message = "a record has either AliasTarget or ResourceRecords"
                raise FieldError(own.resource_records, message)
            if self.ttl is not None:
                raise FieldError(own.ttl, "an alias has no TTL: that of its target counts")
        elif not self.resource_records:
            raise ValueError("a record needs AliasTarget or ResourceRecords")
        elif self.ttl is None:
            raise ValueError("a record that is no alias needs a TTL")
        if self.type == "CNAME" and len(self.resource_records) > 1:
            message = f"a CNAME leads to one name, not to {len(self.resource_records)}"
            raise FieldError(own.resource_records, message)
        self._check_policy()

    def _check_policy(self) -> None:
        own = fields(RecordSet)
        if self.weight is not None and self.failover is not None:
            raise FieldError(own.failover, "a record has either Weight or Failover")
        for attribute in (own.weight, own.failover):
            if getattr(self, attribute.name) is not None and not self.set_identifier:
                key = attribute.name.capitalize()
                raise FieldError(attribute, f"a record with {key} needs a SetIdentifier")
        if self.set_identifier and self.simple:
            message = "a SetIdentifier tells records with Weight or Failover apart; this has none"
            raise FieldError(own.set_identifier, message)

    @property
    def domain(self) -> str:
        """Its name as names are compared."""
        return plain_name(self.name)

    @property
    def hosted_zone(self) -> str:
        """The hosted zone that it is in, by id or by name."""
        return self.hosted_zone_id or plain_name(self.hosted_zone_name or "")

    @property
    def id(self) -> str:
        """What tells it from the others of its name and type; empty where there is one only."""
        return self.set_identifier or ""

    @property
    def simple(self) -> bool:
        """Whether it answers alone."""
        return self.weight is None and self.failover is None

    @property
    def policy(self) -> str:
        """How it takes turns with the others of its name and type."""
        if self.simple:
            return "simple"
        return "failover" if self.weight is None else "weighted"

    @property
    def target(self) -> str | None:
        """The name that it leads to; None: to addresses."""
        if self.alias_target is not None:
            return self.alias_target.dns_name
        return self.resource_records[0] if self.type == "CNAME" else None

    @property
    def evaluates(self) -> bool:
        """Whether it answers only while its target is healthy."""
        return self.alias_target is not None and self.alias_target.evaluate_target_health

    @property
    def seconds(self) -> float:
        """How long an answer of it holds."""
        return ALIAS_TTL if self.ttl is None else float(self.ttl)
