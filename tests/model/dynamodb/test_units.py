"""Capacity units of requests: the worked examples of the developer guide."""

from __future__ import annotations

from typing import Any

import pytest

from model.dynamodb.requests import KB, ItemRequest, Side
from model.fields import FieldError
from tests.model.dynamodb.samples import index, table, units


def total(**request: Any) -> float:
    """The units of the table that a request takes."""
    wanted = ItemRequest(**request)
    return wanted.units(table())["", wanted.side]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"size": 3.5 * KB, "consistent_read": True}, 1),
        ({"size": 3.5 * KB}, 0.5),
        ({"size": 8 * KB, "consistent_read": True}, 2),
        ({"size": 8 * KB}, 1),
        ({"size": 10 * KB, "consistent_read": True}, 3),
        ({"operation": "TransactGetItems", "size": 8 * KB}, 4),
        ({"operation": "Query", "size": 40.8 * KB, "consistent_read": True}, 11),
        ({"operation": "Query", "size": 1500 * 64.0, "consistent_read": True}, 24),
        ({"operation": "Scan", "size": 80 * KB}, 10),
        ({"operation": "PutItem", "size": 512.0}, 1),
        ({"operation": "DeleteItem", "size": 1.6 * KB}, 2),
        ({"operation": "UpdateItem", "size": 2 * KB}, 2),
        ({"operation": "TransactWriteItems", "size": 2 * KB}, 4),
        ({"operation": "TransactWriteItems", "size": 500.0, "items": 3}, 6),
    ],
)
def test_what_the_guide_says_requests_take(request_: dict[str, Any], expected: float) -> None:
    assert total(**request_) == expected


def test_an_index_is_read_and_written_by_its_own_units() -> None:
    own = units(10, 10)
    orders = table(
        global_secondary_indexes=(
            index("ByCustomer", provisioned_throughput=own),
            index("Keys", "KEYS_ONLY", provisioned_throughput=own),
        )
    )
    # the guide: eight items of 2,000 bytes in one query of an index take 2 units
    query = ItemRequest(operation="Query", index_name="ByCustomer", size=16_000.0)
    assert query.units(orders) == {("ByCustomer", Side.READ): 2.0}
    put = ItemRequest(operation="PutItem", size=2000.0)
    assert put.units(orders) == {
        ("", Side.WRITE): 2.0,
        ("ByCustomer", Side.WRITE): 2.0,
        ("Keys", Side.WRITE): 1.0,
    }
    untouched = ItemRequest(operation="UpdateItem", size=2000.0, indexes=())
    assert untouched.units(orders) == {("", Side.WRITE): 2.0}


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"operation": "GetItems"}, "must be one of GetItem, Query"),
        ({"size": 500 * KB}, "at most 409600"),
        ({"index_name": "ByCustomer"}, "is for Query and Scan, not GetItem"),
        ({"operation": "PutItem", "consistent_read": True}, "is for reads"),
        ({"items": 2}, "is for TransactGetItems and TransactWriteItems"),
        ({"indexes": ("ByCustomer",)}, "is for writes"),
    ],
)
def test_what_cannot_be_asked(request_: dict[str, Any], problem: str) -> None:
    with pytest.raises(FieldError, match=problem):
        ItemRequest(**request_)


def test_indexes_must_be_there_and_are_never_strongly_consistent() -> None:
    orders = table(global_secondary_indexes=(index("A1b", provisioned_throughput=units(1, 1)),))
    with pytest.raises(FieldError, match="must be an index of Orders: A1b"):
        ItemRequest(operation="Query", index_name="B").check(orders)
    with pytest.raises(FieldError, match="eventually consistent"):
        ItemRequest(operation="Query", index_name="A1b", consistent_read=True).check(orders)
    with pytest.raises(FieldError, match="must be an index"):
        ItemRequest(operation="PutItem", indexes=("B",)).check(orders)
