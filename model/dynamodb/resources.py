"""DynamoDB tables, as CloudFormation describes them.

Sources: the CloudFormation reference of AWS::DynamoDB::Table; API CreateTable; "Quotas in Amazon
DynamoDB" and "Constraints in Amazon DynamoDB".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, fields_dict, frozen

from model.fields import FieldError, at_least, between, length, not_simulated, one_of, refers_to
from model.resources import Resource

TableRef = Annotated[str, refers_to("AWS::DynamoDB::Table")]
TABLE_QUOTA = 40_000
"""Capacity units per second of each kind that a table or an index may have, of either mode."""
PROVISIONED, ON_DEMAND = "PROVISIONED", "PAY_PER_REQUEST"
_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def _name(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None and not _NAME.fullmatch(value):
        raise FieldError(
            attribute, f"must be 3 to 255 letters, digits, dots, hyphens or _, not {value!r}"
        )


@frozen(kw_only=True)
class AttributeDefinition:
    """An attribute that a key is made of."""

    attribute_name: str = field(validator=length(1, 255))
    attribute_type: str = field(validator=one_of("S", "N", "B"))


@frozen(kw_only=True)
class KeyElement:
    """An attribute of a key: the partition key (HASH) or the sort key (RANGE)."""

    attribute_name: str = field(validator=length(1, 255))
    key_type: str = field(validator=one_of("HASH", "RANGE"))


def _key(_: Any, attribute: Attribute[Any], value: tuple[KeyElement, ...]) -> None:
    kinds = [element.key_type for element in value]
    if kinds not in (["HASH"], ["HASH", "RANGE"]):
        raise FieldError(
            attribute, "must be one HASH key, and perhaps one RANGE key after it", len(kinds) - 1
        )


@frozen(kw_only=True)
class Projection:
    """Which attributes an index holds a copy of, besides the keys."""

    projection_type: str = field(default="ALL", validator=one_of("ALL", "INCLUDE", "KEYS_ONLY"))
    non_key_attributes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if bool(self.non_key_attributes) != (self.projection_type == "INCLUDE"):
            problem = "must be given with ProjectionType INCLUDE, and only with it"
            raise FieldError(fields_dict(Projection)["non_key_attributes"], problem)


@frozen(kw_only=True)
class ProvisionedThroughput:
    """Capacity units per second that are there whether they are used or not."""

    read_capacity_units: int = field(validator=between(1, TABLE_QUOTA))
    write_capacity_units: int = field(validator=between(1, TABLE_QUOTA))


@frozen(kw_only=True)
class OnDemandThroughput:
    """What an on-demand table or index may use at most (units per second); None: no limit."""

    max_read_request_units: int | None = field(default=None, validator=at_least(1))
    max_write_request_units: int | None = field(default=None, validator=at_least(1))


@frozen(kw_only=True)
class WarmThroughput:
    """What an on-demand table or index can do at once, because it was prepared for it."""

    read_units_per_second: int = field(default=12_000, validator=at_least(12_000))
    write_units_per_second: int = field(default=4_000, validator=at_least(4_000))


@frozen(kw_only=True)
class LocalSecondaryIndex:
    """Another sort key; it uses the capacity of its table."""

    index_name: str = field(validator=_name)
    key_schema: tuple[KeyElement, ...] = field(validator=_key)
    projection: Projection


@frozen(kw_only=True)
class GlobalSecondaryIndex:
    """Another key, with a capacity of its own."""

    INERT: ClassVar[frozenset[str]] = frozenset({"ContributorInsightsSpecification"})

    index_name: str = field(validator=_name)
    key_schema: tuple[KeyElement, ...] = field(validator=_key)
    projection: Projection
    provisioned_throughput: ProvisionedThroughput | None = None
    on_demand_throughput: OnDemandThroughput = OnDemandThroughput()
    warm_throughput: WarmThroughput = WarmThroughput()


@frozen(kw_only=True)
class Table(Resource):
    """A table: items by their keys, and how many of them may be read and written per second."""

    TYPE: ClassVar[str] = "AWS::DynamoDB::Table"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "ContributorInsightsSpecification",
            "DeletionProtectionEnabled",
            "ImportSourceSpecification",
            "KinesisStreamSpecification",
            "PointInTimeRecoverySpecification",
            "ResourcePolicy",
            "SSESpecification",
            "StreamSpecification",
            "Tags",
            "TimeToLiveSpecification",
        }
    )

    table_name: str | None = field(default=None, validator=_name)
    attribute_definitions: tuple[AttributeDefinition, ...] = ()
    key_schema: tuple[KeyElement, ...] = field(validator=_key)
    billing_mode: str = field(default=PROVISIONED, validator=one_of(PROVISIONED, ON_DEMAND))
    provisioned_throughput: ProvisionedThroughput | None = None
    on_demand_throughput: OnDemandThroughput = OnDemandThroughput()
    warm_throughput: WarmThroughput = WarmThroughput()
    table_class: str = field(
        default="STANDARD",
        validator=[
            one_of("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
            not_simulated(STANDARD_INFREQUENT_ACCESS="its prices are others"),
        ],
    )
    global_secondary_indexes: tuple[GlobalSecondaryIndex, ...] = field(
        default=(), validator=length(0, 20)
    )
    local_secondary_indexes: tuple[LocalSecondaryIndex, ...] = field(
        default=(), validator=length(0, 5)
    )

    def __attrs_post_init__(self) -> None:
        self._check_attributes()
        self._check_indexes()
        check_throughput(self.billing_mode, fields_dict(Table)["provisioned_throughput"], self)
        for index, own in enumerate(self.global_secondary_indexes):
            place = fields_dict(Table)["global_secondary_indexes"]
            check_throughput(self.billing_mode, place, own, index)

    def _check_attributes(self) -> None:
        """That the attributes of keys are defined, and no others (API CreateTable)."""
        used = {element.attribute_name for element in self._key_elements()}
        defined = [item.attribute_name for item in self.attribute_definitions]
        place = fields_dict(Table)["attribute_definitions"]
        for index, name in enumerate(defined):
            if name not in used:
                raise FieldError(place, f"{name} is in no key: only keys are defined here", index)
            if name in defined[:index]:
                raise FieldError(place, f"{name} is defined twice", index)
        for name in sorted(used.difference(defined)):
            raise FieldError(place, f"must define {name}, which a key is made of")

    def _key_elements(self) -> Iterator[KeyElement]:
        yield from self.key_schema
        for index in self.global_secondary_indexes:
            yield from index.key_schema
        for local in self.local_secondary_indexes:
            yield from local.key_schema

    def _check_indexes(self) -> None:
        names = [index.index_name for index in self.global_secondary_indexes]
        names += [index.index_name for index in self.local_secondary_indexes]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two indexes are named {name}")
        for number, local in enumerate(self.local_secondary_indexes):
            own, ours = local.key_schema, self.key_schema
            if len(own) < 2 or len(ours) < 2 or own[0] != ours[0]:
                raise FieldError(
                    fields_dict(Table)["local_secondary_indexes"],
                    "must have the partition key of the table and a sort key, as the table has",
                    number,
                )

    @property
    def name(self) -> str:
        return self.identity.ref

    @property
    def on_demand(self) -> bool:
        """Whether it is paid for by the request."""
        return self.billing_mode == ON_DEMAND

    @property
    def dimension(self) -> tuple[str, str]:
        """Name and value of the dimension that its metrics are known by."""
        return "TableName", self.name


def check_throughput(
    mode: str,
    place: Attribute[Any],
    own: Table | GlobalSecondaryIndex,
    index: int | None = None,
) -> None:
    """Provisioned throughput is given where it is provisioned, and only there. Raises `FieldError`
    at a field."""
    given = own.provisioned_throughput is not None
    what = "" if index is None else "must have ProvisionedThroughput"
    if mode == PROVISIONED and not given:
        problem = what or "must be given: BillingMode is PROVISIONED unless it says otherwise"
        raise FieldError(place, problem, index)
    if mode == ON_DEMAND and given:
        problem = "must have no ProvisionedThroughput" if what else "must be left out"
        raise FieldError(place, f"{problem} where BillingMode is PAY_PER_REQUEST", index)
