"""The comparisons at the leaves of event patterns: exact values and operators.

Source: "Comparison operators for use in event patterns"; the reasons of errors are those that
PutRule gives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Protocol

from attrs import frozen

Place = tuple[str | int, ...]


class Absent(Enum):
    """A field that an event does not have."""

    FIELD = "absent"


ABSENT = Absent.FIELD


class PatternError(ValueError):
    """A pattern that AWS refuses; `place` is the way to what is wrong with it."""

    def __init__(self, reason: str, place: Place = ()) -> None:
        super().__init__(reason)
        self.place = place


class Comparison(Protocol):
    """One item of a leaf."""

    def matches(self, value: Any) -> bool:
        """Whether a field that is no list and no object has such a value."""


@frozen
class Language:
    """Which operators a service knows, and the range of its numbers."""

    operators: frozenset[str]
    largest: float
    longest: int | None = None
    """Characters of the whole."""
    nested: bool = True


def _text_of(value: Any) -> str:
    """A value as JSON: numbers are the same if they are written the same."""
    return json.dumps(value, ensure_ascii=False)


@frozen
class Exact:
    """A string, a number, true, false or null, as it is written."""

    text: str

    def matches(self, value: Any) -> bool:
        return value is not ABSENT and _text_of(value) == self.text


@frozen
class Exists:
    """Whether the field is there."""

    wanted: bool

    def matches(self, value: Any) -> bool:
        return (value is not ABSENT) is self.wanted


@frozen
class Shape:
    """A string with this prefix or suffix, equal to this, or in the form of this wildcard."""

    expression: re.Pattern[str]

    def matches(self, value: Any) -> bool:
        return isinstance(value, str) and self.expression.fullmatch(value) is not None


@frozen
class Numeric:
    """A number within bounds."""

    bounds: tuple[tuple[str, float], ...]

    def matches(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return all(_holds(value, operator, bound) for operator, bound in self.bounds)


def _holds(value: float, operator: str, bound: float) -> bool:
    match operator:
        case "<":
            return value < bound
        case "<=":
            return value <= bound
        case ">":
            return value > bound
        case ">=":
            return value >= bound
    return value == bound


@frozen
class Cidr:
    """An IP address in a network."""

    network: IPv4Network | IPv6Network

    def matches(self, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        try:
            return ip_address(value) in self.network
        except ValueError:
            return False


@frozen
class AnythingBut:
    """A field that is there and is none of these."""

    items: tuple[Comparison, ...]

    def matches(self, value: Any) -> bool:
        return value is not ABSENT and not any(item.matches(value) for item in self.items)


def comparison(item: Any, place: Place, language: Language) -> Comparison:
    """What an item of a leaf compares. Raises `PatternError`."""
    if not isinstance(item, Mapping):
        if item is not None and not isinstance(item, str | int | float | bool):
            raise PatternError("Match value must be String, number, true, false, or null", place)
        return Exact(_text_of(item))
    if len(item) != 1:
        raise PatternError("Only one key allowed in match expression", place)
    ((operator, operand),) = item.items()
    inner = (*place, operator)
    maker = _OPERATORS.get(operator)
    if maker is None or operator not in language.operators:
        raise PatternError(f"Unrecognized match type {operator}", inner)
    return maker(operand, inner, language)


def _string(operand: Any, place: Place) -> str:
    if not isinstance(operand, str):
        raise PatternError(f"{place[-1]} match pattern must be a string", place)
    return operand


def _edge(operand: Any, place: Place, before: str, after: str) -> Shape:
    """A prefix or a suffix, in its own case or in any."""
    flags = re.DOTALL
    if isinstance(operand, Mapping):
        if tuple(operand) != ("equals-ignore-case",):
            raise PatternError(f"{place[-1]} match pattern must be a string", place)
        flags |= re.IGNORECASE
        place = (*place, "equals-ignore-case")
        operand = operand["equals-ignore-case"]
    text = re.escape(_string(operand, place))
    return Shape(re.compile(f"{before}{text}{after}", flags))


def _prefix(operand: Any, place: Place, _: Language) -> Shape:
    return _edge(operand, place, "", ".*")


def _suffix(operand: Any, place: Place, _: Language) -> Shape:
    return _edge(operand, place, ".*", "")


def _ignore_case(operand: Any, place: Place, _: Language) -> Shape:
    return Shape(re.compile(re.escape(_string(operand, place)), re.IGNORECASE))


def _wildcard(operand: Any, place: Place, _: Language) -> Shape:
    """`*` stands for any characters, `\\*` and `\\\\` for themselves."""
    text = _string(operand, place)
    parts: list[str] = []
    index = 0
    while index < len(text):
        letter = text[index]
        if letter == "\\":
            if text[index + 1 : index + 2] not in ("*", "\\"):
                raise PatternError(f"Invalid escape character at pos {index}", place)
            parts.append(re.escape(text[index + 1]))
            index += 1
        elif letter == "*":
            if parts and parts[-1] == ".*":
                raise PatternError(f"Consecutive wildcard characters at pos {index - 1}", place)
            parts.append(".*")
        else:
            parts.append(re.escape(letter))
        index += 1
    return Shape(re.compile("".join(parts), re.DOTALL))


def _exists(operand: Any, place: Place, _: Language) -> Exists:
    if not isinstance(operand, bool):
        raise PatternError("exists match pattern must be either true or false.", place)
    return Exists(operand)


def _numeric(operand: Any, place: Place, language: Language) -> Numeric:
    if not isinstance(operand, list | tuple):
        raise PatternError("Value of numeric must be an array.", place)
    if not operand or len(operand) % 2:
        raise PatternError("Value of numeric must be pairs of an operator and a number", place)
    bounds: list[tuple[str, float]] = []
    for index in range(0, len(operand), 2):
        operator, bound = operand[index : index + 2]
        if operator not in ("=", "<", "<=", ">", ">="):
            raise PatternError(f"Unrecognized numeric range operator: {operator}", (*place, index))
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            raise PatternError(f"Value of {operator} must be numeric", (*place, index + 1))
        if not -language.largest <= bound <= language.largest:
            raise PatternError(
                f"Value must be between -{language.largest:.0f} and {language.largest:.0f}, "
                "inclusive",
                (*place, index + 1),
            )
        bounds.append((operator, bound))
    signs = "".join(operator[0] for operator, _ in bounds)
    if signs not in ("=", "<", ">", "><", "<>"):
        raise PatternError("Too many terms in numeric range expression", place)
    if len(bounds) == 2:
        low, high = (bound for _, bound in sorted(bounds, key=_is_upper))
        if low >= high:
            raise PatternError("Bottom must be less than top", place)
    return Numeric(tuple(bounds))


def _is_upper(bound: tuple[str, float]) -> bool:
    return bound[0].startswith("<")


def _cidr(operand: Any, place: Place, _: Language) -> Cidr:
    text = _string(operand, place)
    if text.count("/") != 1:
        raise PatternError("Malformed CIDR, one '/' required", place)
    try:
        return Cidr(ip_network(text, strict=False))
    except ValueError as problem:
        raise PatternError(f"Malformed CIDR: {problem}", place) from None


def _anything_but(operand: Any, place: Place, language: Language) -> AnythingBut:
    if isinstance(operand, Mapping):
        if len(operand) != 1:
            raise PatternError("Only one key allowed in match expression", place)
        ((operator, values),) = operand.items()
        inner = (*place, operator)
        known = {"prefix", "suffix", "equals-ignore-case", "wildcard"} & language.operators
        if operator not in known:
            raise PatternError(f"Unsupported anything-but pattern: {operator}", inner)
        listed = values if isinstance(values, list | tuple) else (values,)
        if not listed:
            raise PatternError("Empty arrays are not allowed", inner)
        for value in listed:
            if _string(value, inner) == "":
                raise PatternError(f"Null {operator} not allowed", inner)
        make = _OPERATORS[operator]
        return AnythingBut(tuple(make(value, inner, language) for value in listed))
    listed = operand if isinstance(operand, list | tuple) else (operand,)
    kinds = {"text" if isinstance(value, str) else "number" for value in listed}
    if not listed or any(
        isinstance(value, bool) or not isinstance(value, str | int | float) for value in listed
    ):
        raise PatternError(
            "Value of anything-but must be an array or single string/number value.", place
        )
    if len(kinds) > 1:
        raise PatternError(
            "Inside anything but list, either all values are number or string, mixed type is not "
            "supported",
            place,
        )
    return AnythingBut(tuple(Exact(_text_of(value)) for value in listed))


_OPERATORS: Mapping[str, Callable[[Any, Place, Language], Comparison]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _ignore_case,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
    "wildcard": _wildcard,
}

KEYWORDS = frozenset(_OPERATORS) | {"exactly"}
"""What `$or` is not about: objects with these keys compare."""
PATTERN = Language(frozenset(_OPERATORS), largest=5e9, longest=4096)
"""Of EventBridge."""
ATTRIBUTES = Language(frozenset(_OPERATORS) - {"wildcard"}, largest=1e9, nested=False)
"""Of filter policies of SNS on message attributes; they know no wildcards."""
BODY = Language(ATTRIBUTES.operators, largest=1e9)
"""Of filter policies of SNS on the message's body."""
