"""Requests to tables, and the capacity units that they use.

Sources: "DynamoDB read and write operations", "DynamoDB Item sizes and formats", "Using Global
Secondary Indexes in DynamoDB: read and write capacity units", "Amazon DynamoDB Transactions:
capacity management".

A read unit is a strongly consistent read of 4 KB, or two eventually consistent ones; a write unit
is a write of 1 KB; transactions take twice as much. A write takes units of each global secondary
index that holds the item, too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum

from attrs import field, fields_dict, frozen

from model.dynamodb.resources import GlobalSecondaryIndex, LocalSecondaryIndex, Table
from model.fields import FieldError, above, between, one_of
from model.traffic.source import Source

KB = 1024.0
READ_UNIT, WRITE_UNIT = 4 * KB, 1 * KB
LARGEST_ITEM, LARGEST_PAGE = 400 * KB, 1024 * KB
"""Bytes of an item, and of what one Query or Scan reads at most."""
MOST_ITEMS = 100
"""Items of a transaction."""


class Side(StrEnum):
    """Reads and writes have capacities of their own."""

    READ = "Read"
    WRITE = "Write"


Place = tuple[str, Side]
"""An index (the table itself: an empty name), and the side of it."""

READS = ("GetItem", "Query", "Scan", "TransactGetItems")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
PAGES = ("Query", "Scan")
TRANSACTIONS = ("TransactGetItems", "TransactWriteItems")


@frozen(kw_only=True)
class ItemRequest:
    """A request to a table, in the words of DynamoDB's API."""

    operation: str = field(default="GetItem", validator=one_of(*READS, *WRITES))
    size: float = field(default=KB, validator=[above(0), between(0, LARGEST_PAGE)])
    """Bytes of the item (of an update: the larger of before and after); of a Query or Scan: of all
    that it reads."""
    items: int = field(default=1, validator=between(1, MOST_ITEMS))
    """Items of a transaction."""
    consistent_read: bool = False
    """Whether a read is strongly consistent."""
    index_name: str | None = None
    """The index that a Query or Scan reads; None: the table."""
    indexes: tuple[str, ...] | None = None
    """The indexes whose entries a write changes; None: all that the table has."""
    hottest_key: float = field(default=0.0, validator=between(0, 100))
    """Percent of these requests that are for one and the same partition key."""

    def __attrs_post_init__(self) -> None:
        own = fields_dict(ItemRequest)
        operation = self.operation
        if operation not in PAGES:
            if self.size > LARGEST_ITEM:
                problem = f"must be at most {LARGEST_ITEM:.0f} (400 KB), the largest item"
                raise FieldError(own["size"], problem)
            if self.index_name is not None:
                raise FieldError(own["index_name"], f"is for Query and Scan, not {operation}")
        if self.items > 1 and operation not in TRANSACTIONS:
            raise FieldError(own["items"], f"is for {' and '.join(TRANSACTIONS)}")
        if self.consistent_read and operation not in ("GetItem", *PAGES):
            raise FieldError(own["consistent_read"], f"is for reads, not for {operation}")
        if self.indexes is not None and self.side is Side.READ:
            raise FieldError(own["indexes"], f"is for writes, not for {operation}")

    @property
    def side(self) -> Side:
        return Side.READ if self.operation in READS else Side.WRITE

    def check(self, table: Table) -> None:
        """That the table has the indexes which it names. Raises `FieldError`."""
        own = fields_dict(ItemRequest)
        global_ = [index.index_name for index in table.global_secondary_indexes]
        known = [*global_, *(index.index_name for index in table.local_secondary_indexes)]
        listed = ", ".join(known) or "none"
        if self.index_name is not None and self.index_name not in known:
            problem = f"must be an index of {table.logical_id}: {listed}"
            raise FieldError(own["index_name"], problem)
        for number, name in enumerate(self.indexes or ()):
            if name not in known:
                problem = f"must be an index of {table.logical_id}: {listed}"
                raise FieldError(own["indexes"], problem, number)
        if self.consistent_read and self.index_name in global_:
            problem = "must be left out: a global secondary index is eventually consistent"
            raise FieldError(own["consistent_read"], problem)

    def units(self, table: Table) -> Mapping[Place, float]:
        """The capacity units that one such request takes, by where."""
        if self.side is Side.READ:
            return {self._read_from(table): self._read_units()}
        taken = {("", Side.WRITE): self._write_units(self.size)}
        changed = self.indexes
        for local in table.local_secondary_indexes:
            if changed is None or local.index_name in changed:
                taken["", Side.WRITE] += self._write_units(self._entry(local))
        for index in table.global_secondary_indexes:
            if changed is None or index.index_name in changed:
                # an index follows after the transaction, by plain writes
                units = math.ceil(self._entry(index) / WRITE_UNIT) * self.items
                taken[index.index_name, Side.WRITE] = float(units)
        return taken

    def _read_from(self, table: Table) -> Place:
        """The index, if it has a capacity of its own."""
        names = [index.index_name for index in table.global_secondary_indexes]
        return (self.index_name or "") if self.index_name in names else "", Side.READ

    def _read_units(self) -> float:
        whole = math.ceil(self.size / READ_UNIT)
        if self.operation in TRANSACTIONS:
            return 2.0 * whole * self.items
        return float(whole) if self.consistent_read else whole / 2

    def _write_units(self, size: float) -> float:
        factor = 2 if self.operation in TRANSACTIONS else 1
        return float(math.ceil(size / WRITE_UNIT) * factor * self.items)

    def _entry(self, index: GlobalSecondaryIndex | LocalSecondaryIndex) -> float:
        """Bytes of an index entry: those of the item, unless it has only its keys."""
        return WRITE_UNIT if index.projection.projection_type == "KEYS_ONLY" else self.size


@frozen(kw_only=True)
class TableSource(Source):
    """A source of requests to a table; `request` says nothing of it."""

    item: ItemRequest = ItemRequest()
