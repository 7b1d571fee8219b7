"""A template's parameters: types, defaults, allowed values, and what the scenario gives."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scenarios.document import Document, Place
from scenarios.mistakes import Mark, Mistake, nearest

PROPERTIES = frozenset(
    {
        "AllowedPattern",
        "AllowedValues",
        "ConstraintDescription",
        "Default",
        "Description",
        "MaxLength",
        "MaxValue",
        "MinLength",
        "MinValue",
        "NoEcho",
        "Type",
    }
)
LISTS = ("CommaDelimitedList", "List<")


ANY_IMAGE = "ami-0abcdef1234567890"
"""Stands for an image that AWS would look up."""


class Parameters:
    """The values of a template's parameters."""

    def __init__(
        self,
        document: Document,
        place: Place,
        declared: Any,
        given: Mapping[str, Any],
        given_at: Callable[[str], Mark],
    ) -> None:
        self._document = document
        self._place = place
        self._declared = declared if isinstance(declared, dict) else {}
        self._given = given
        self._given_at = given_at
        self.values: dict[str, Any] = {}
        self.mistakes = list(self._read(declared))

    def unused(self, answered: set[str]) -> list[str]:
        """Names that the scenario gives and nothing asked for."""
        return [n for n in self._given if n not in self._declared and n not in answered]

    def _read(self, declared: Any) -> Iterator[Mistake]:
        if declared is not None and not isinstance(declared, dict):
            yield Mistake(self._document.mark(self._place), "Parameters must be a mapping")
            return
        for name, definition in self._declared.items():
            place = (*self._place, name)
            if not isinstance(definition, dict) or "Type" not in definition:
                yield Mistake(self._document.mark(place), f"the parameter {name} needs a Type")
                continue
            for key in definition:
                if key not in PROPERTIES:
                    where = self._document.key((*place, key))
                    hint = nearest(str(key), PROPERTIES)
                    yield Mistake(where, f"there is no property {key} here", hint)
            limits = ("MaxLength", "MaxValue", "MinLength", "MinValue")
            wrong = [key for key in limits if not _is_number(definition.get(key, 0))]
            for key in wrong:
                yield Mistake(self._document.mark((*place, key)), f"{key} must be a number")
            if not wrong:
                yield from self._value(name, definition, place)

    def _value(self, name: str, definition: dict[str, Any], place: Place) -> Iterator[Mistake]:
        where = self._document.mark(place)
        if name in self._given:
            value, where = self._given[name], self._given_at(name)
        elif "Default" in definition:
            value = definition["Default"]
        else:
            value = None
        if "Parameter::Value<AWS::EC2::Image::Id>" in str(definition["Type"]):
            # which image is the latest changes nothing here
            self.values[name] = self._given.get(name, ANY_IMAGE)
            return
        if value is None:
            yield Mistake(
                where,
                f"the parameter {name} has no value",
                f"give it in the scenario: parameters: {{{name}: ...}}",
            )
            return
        type_ = str(definition["Type"])
        if type_.startswith("AWS::SSM::Parameter"):
            if name not in self._given:
                yield Mistake(
                    where,
                    f"the parameter {name} reads its value from SSM",
                    f"give the value itself in the scenario: parameters: {{{name}: ...}}",
                )
                return
            type_ = "CommaDelimitedList" if "List<" in type_ else "String"
        if type_.startswith(LISTS):
            items = value if isinstance(value, list) else str(value).split(",")
            value = [str(item).strip() for item in items]
        elif isinstance(value, bool):
            value = _text(value)
        elif isinstance(value, list | dict):
            yield Mistake(where, f"the parameter {name} must be one value")
            return
        if "Number" in type_:
            for item in value if isinstance(value, list) else [value]:
                if not _is_number(item):
                    yield Mistake(where, f"the parameter {name} must be a number, not {item!r}")
                    return
        for item in value if isinstance(value, list) else [value]:
            problem = _problem(definition, item, type_)
            if problem:
                hint = str(definition.get("ConstraintDescription", ""))
                yield Mistake(where, f"the parameter {name} must be {problem}, not {item!r}", hint)
        self.values[name] = value


def _text(value: Any) -> str:
    """A value as CloudFormation takes it: parameters are text, `true` too."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_number(value: Any) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return math.isfinite(number) and not isinstance(value, bool)


def _problem(definition: Mapping[str, Any], value: Any, type_: str) -> str | None:
    """What would be right where a value breaks one of the parameter's rules."""
    allowed = definition.get("AllowedValues")
    if isinstance(allowed, list) and _text(value) not in map(_text, allowed):
        return "one of " + ", ".join(map(_text, allowed))
    pattern = definition.get("AllowedPattern")
    if isinstance(pattern, str):
        try:
            if not re.fullmatch(pattern, str(value)):
                return f"text that matches {pattern}"
        except re.error:
            return f"checked by a right pattern ({pattern} is none)"
    if "Number" in type_:
        low, high = definition.get("MinValue"), definition.get("MaxValue")
        if low is not None and float(value) < float(low):
            return f"at least {low}"
        if high is not None and float(value) > float(high):
            return f"at most {high}"
        return None
    low, high = definition.get("MinLength"), definition.get("MaxLength")
    if low is not None and len(str(value)) < int(low):
        return f"at least {low} characters"
    if high is not None and len(str(value)) > int(high):
        return f"at most {high} characters"
    return None
