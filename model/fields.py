"""What a field may hold: ranges, choices, references, and how a wrong value is told.

The messages say what would be right, for a person who reads them beside the line of their file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import Attribute, frozen


class FieldError(ValueError):
    """A field of an attrs class cannot have this value."""

    def __init__(
        self, attribute: Attribute[Any], message: str, index: int | None = None, key: str = ""
    ) -> None:
        super().__init__(message)
        self.field = attribute.name
        self.index = index
        """Which item of a list it is, if it is one."""
        self.key = key
        """Which key of that item, as the file spells it, if it is one."""


@frozen
class RefersTo:
    """Marks (in `Annotated[str, refers_to(...)]`) a field that holds another's logical id."""

    types: tuple[str, ...]
    read: Callable[[str], str] = str
    """What is looked up of what is written."""
    admits: Callable[[str], bool] | None = None
    """What needs no resource of the template."""
    beside: tuple[str, ...] = ()
    """Names that may stand in its place."""


def refers_to(
    *types: str,
    read: Callable[[str], str] = str,
    admits: Callable[[str], bool] | None = None,
    beside: tuple[str, ...] = (),
) -> RefersTo:
    """A reference to a resource of one of these CloudFormation types (or what it `admits`, or one
    of the names `beside` it)."""
    return RefersTo(types, read, admits, beside)


Validator = Callable[[Any, "Attribute[Any]", Any], None]


def between(low: float, high: float) -> Validator:
    """A number from `low` to `high`, both included."""

    def validate(_: Any, attribute: Attribute[Any], value: float | None) -> None:
        if value is not None and not low <= value <= high:
            raise FieldError(attribute, f"must be from {low:g} to {high:g}, not {value:g}")

    return validate


def at_least(low: float) -> Validator:
    """A number not below `low`."""

    def validate(_: Any, attribute: Attribute[Any], value: float | None) -> None:
        if value is not None and value < low:
            raise FieldError(attribute, f"must be at least {low:g}, not {value:g}")

    return validate


def one_of(*values: Any) -> Validator:
    """One of a few values."""

    def validate(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if value is not None and value not in values:
            listed = ", ".join(str(known) for known in values)
            raise FieldError(attribute, f"must be one of {listed}, not {value!r}")

    return validate


def not_simulated(**values: str) -> Validator:
    """Values that AWS knows but that are not simulated yet, each with a sentence that says so."""

    def validate(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if isinstance(value, str) and value in values:
            raise FieldError(attribute, f"{value!r} is not simulated yet: {values[value]}")

    return validate


def length(low: int, high: int | None = None) -> Validator:
    """A list (or a text) with so many items."""

    def validate(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if value is not None and (len(value) < low or (high is not None and len(value) > high)):
            wanted = f"at least {low}" if high is None else f"from {low} to {high}"
            raise FieldError(attribute, f"must have {wanted} items, not {len(value)}")

    return validate


def above(low: float) -> Validator:
    """A number greater than `low`."""

    def validate(_: Any, attribute: Attribute[Any], value: float | None) -> None:
        if value is not None and value <= low:
            raise FieldError(attribute, f"must be above {low:g}, not {value:g}")

    return validate


def each(validator: Validator) -> Validator:
    """A list whose items all pass."""

    def validate(instance: Any, attribute: Attribute[Any], value: tuple[Any, ...]) -> None:
        for index, item in enumerate(value):
            try:
                validator(instance, attribute, item)
            except FieldError as error:
                raise FieldError(attribute, str(error), index) from None

    return validate
