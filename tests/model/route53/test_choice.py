"""Which records answer: by weight, by health, by failover."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.route53.choice import shares
from model.route53.resources import RecordSet
from tests.model.route53.samples import record


def answers(weights: dict[str, int], unhealthy: str = "") -> dict[str, float]:
    records = [record(name, weight) for name, weight in weights.items()]
    return shares(records, lambda item: item.id not in unhealthy.split())


def test_the_documentation_s_weights_of_1_and_255() -> None:
    assert answers({"a": 1, "b": 255}) == {"a": 1 / 256, "b": 255 / 256}


@pytest.mark.parametrize(
    ("weights", "unhealthy", "expected"),
    [
        ({"a": 90, "b": 10}, "", {"a": 0.9, "b": 0.1}),
        ({"a": 90, "b": 10}, "a", {"b": 1.0}),
        ({"a": 90, "b": 10}, "a b", {"a": 0.9, "b": 0.1}),  # none healthy: as if all were
        ({"a": 10, "b": 0}, "", {"a": 1.0}),
        ({"a": 10, "b": 0}, "a", {"b": 1.0}),  # weight 0: when the others are unhealthy
        ({"a": 10, "b": 20, "c": 0}, "a", {"b": 1.0}),
        ({"a": 10, "b": 0, "c": 0}, "a", {"b": 0.5, "c": 0.5}),
        ({"a": 10, "b": 0}, "a b", {"a": 1.0}),
        ({"a": 0, "b": 0}, "", {"a": 0.5, "b": 0.5}),
        ({"a": 0, "b": 0}, "b", {"a": 1.0}),
        ({"a": 0, "b": 0}, "a b", {"a": 0.5, "b": 0.5}),
    ],
)
def test_weights_and_health(
    weights: dict[str, int], unhealthy: str, expected: dict[str, float]
) -> None:
    assert answers(weights, unhealthy) == pytest.approx(expected)


@given(
    st.lists(st.tuples(st.integers(0, 255), st.booleans()), min_size=1, max_size=6),
)
def test_shares_are_a_whole_and_of_healthy_records_if_there_are_any(
    given: list[tuple[int, bool]],
) -> None:
    records = {f"r{n}": record(f"r{n}", weight) for n, (weight, _) in enumerate(given)}
    healthy = {f"r{n}" for n, (_, well) in enumerate(given) if well}
    found = shares(records.values(), lambda item: item.id in healthy)
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-12)
    assert not healthy or set(found) <= healthy


@pytest.mark.parametrize(
    ("unhealthy", "chosen"), [("", "one"), ("one", "two"), ("two", "one"), ("one two", "one")]
)
def test_failover(unhealthy: str, chosen: str) -> None:
    records = [record("two", failover="SECONDARY"), record("one", failover="PRIMARY")]
    assert shares(records, lambda item: item.id not in unhealthy.split()) == {chosen: 1.0}


def test_a_simple_record_answers_whatever_its_health() -> None:
    def never(_: RecordSet) -> bool:
        return False

    assert shares([record("only")], never) == {"": 1.0}
