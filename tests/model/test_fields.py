"""What fields may hold, and how a wrong value is told."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import field, frozen

from model.fields import (
    FieldError,
    above,
    at_least,
    between,
    each,
    length,
    not_simulated,
    one_of,
)
from model.services import Service


@frozen(kw_only=True)
class Thing:
    """A field for each validator."""

    percent: float | None = field(default=None, validator=between(0, 100))
    size: float | None = field(default=None, validator=at_least(1))
    period: float | None = field(default=None, validator=above(0))
    color: str | None = field(default=None, validator=one_of("red", "green"))
    shape: str | None = field(default=None, validator=not_simulated(round="only corners are"))
    names: tuple[str, ...] | None = field(default=None, validator=length(1, 2))
    many: tuple[str, ...] | None = field(default=None, validator=length(2))
    colors: tuple[str, ...] = field(default=(), validator=each(one_of("red", "green")))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"percent": 0, "size": 1, "period": 0.001},
        {"percent": 100.0},
        {"color": "green", "shape": "square", "colors": ("red", "red")},
        {"names": ("a", "b"), "many": ("a", "b", "c")},
    ],
)
def test_right_values_and_nothing_at_all_pass(given: dict[str, Any]) -> None:
    Thing(**given)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("percent", 100.5, "must be from 0 to 100, not 100.5"),
        ("percent", -1, "must be from 0 to 100, not -1"),
        ("size", 0, "must be at least 1, not 0"),
        ("period", 0, "must be above 0, not 0"),
        ("color", "blue", "must be one of red, green, not 'blue'"),
        ("shape", "round", "'round' is not simulated yet: only corners are"),
        ("names", (), "must have from 1 to 2 items, not 0"),
        ("many", ("a",), "must have at least 2 items, not 1"),
    ],
)
def test_a_wrong_value_is_told_with_what_would_be_right(
    name: str, value: Any, message: str
) -> None:
    with pytest.raises(FieldError) as error:
        Thing(**{name: value})
    assert str(error.value) == message
    assert (error.value.field, error.value.index) == (name, None)


def test_a_wrong_item_of_a_list_is_told_by_its_place() -> None:
    with pytest.raises(FieldError) as error:
        Thing(colors=("red", "blue"))
    assert (error.value.field, error.value.index) == ("colors", 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [("cpu_time", -0.001), ("wait_time", -1), ("variation", -1), ("workers", 0), ("backlog", -1)],
)
def test_a_service_cannot_take_less_than_nothing(name: str, value: Any) -> None:
    with pytest.raises(FieldError):
        Service(name="web", runs_on=("Group",), **{name: value})
