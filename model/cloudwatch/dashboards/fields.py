"""Reads the fields of a JSON object and notes what is wrong with them, each at its path.

A message is what PutDashboard returns as a DashboardValidationMessage: a path into the body
(`/widgets/0/properties`) and a sentence. Errors refuse the dashboard; warnings tell what is not
shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from attrs import define, field, frozen

Choice = TypeVar("Choice", bound=str)


@frozen
class ValidationMessage:
    """One thing that is wrong with a body."""

    path: str
    """DataPath, a JSON pointer."""
    message: str
    warning: bool = False


@define
class Messages:
    """What was found so far."""

    found: list[ValidationMessage] = field(factory=list)

    def error(self, path: str, message: str) -> None:
        self.found.append(ValidationMessage(path, message))

    def warn(self, path: str, message: str) -> None:
        self.found.append(ValidationMessage(path, message, warning=True))


def kind(value: Any) -> str:
    """A value in an error message."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Mapping():
            return "an object"
        case list():
            return "an array"
    return f"{value!r:.60}"


class Fields:
    """The fields of one object. Each is asked for once; `close` warns of those nobody asked for."""

    def __init__(self, value: Any, path: str, messages: Messages) -> None:
        self.path = path
        self.messages = messages
        self._asked: set[str] = set()
        if not isinstance(value, Mapping):
            messages.error(path, f"must be an object, not {kind(value)}")
            value = {}
        self.values: Mapping[str, Any] = value

    def error(self, key: str, message: str) -> None:
        """Note what is wrong with a field."""
        self.messages.error(f"{self.path}/{key}", f"{key} {message}")

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return self.values.get(key) is not None

    def get(self, key: str) -> Any:
        """Whatever is there."""
        self._asked.add(key)
        return self.values.get(key)

    def inside(self, key: str) -> Fields:
        """A field that is an object, if it is there."""
        return Fields(self.get(key) if self.has(key) else {}, f"{self.path}/{key}", self.messages)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        if not self.has(key):
            if required:
                self.messages.error(self.path, f"needs {key}")
            return default
        value = self.values[key]
        if not isinstance(value, str):
            self.error(key, f"must be text, not {kind(value)}")
            return default
        return value

    def boolean(self, key: str, default: bool) -> bool:
        if not self.has(key):
            return default
        value = self.values[key]
        if not isinstance(value, bool):
            self.error(key, f"must be true or false, not {kind(value)}")
            return default
        return value

    def number(self, key: str) -> float | None:
        if not self.has(key):
            return None
        value = self.values[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.error(key, f"must be a number, not {kind(value)}")
            return None
        return float(value)

    def whole(self, key: str, low: int, high: int | None = None) -> int | None:
        """A whole number from `low` to `high`."""
        if not self.has(key):
            return None
        value = self.values[key]
        wanted = f"a whole number, {low} or more" if high is None else f"from {low} to {high}"
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value < low or (high is not None and value > high):
            self.error(key, f"must be {wanted}, not {kind(value)}")
            return None
        return int(value)

    def choice(self, key: str, known: Sequence[Choice], default: Choice) -> Choice:
        """One of a few words."""
        if not self.has(key):
            return default
        value = self.values[key]
        for word in known:
            if value == word:
                return word
        hint = suggest(value, known)
        self.error(key, f"must be one of {', '.join(known)}, not {kind(value)}{hint}")
        return default

    def items(self, key: str, low: int = 0, high: int | None = None) -> list[tuple[str, Any]]:
        """The items of an array, each with its path."""
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.error(key, f"must be an array, not {kind(value)}")
            return []
        if len(value) < low or (high is not None and len(value) > high):
            wanted = f"from {low} to {high}" if high is not None else f"at least {low}"
            self.error(key, f"must have {wanted} items, not {len(value)}")
        return [(f"{self.path}/{key}/{index}", item) for index, item in enumerate(value)]

    def close(self, *ignored: str) -> None:
        """Warn of every field that means nothing; `ignored` ones mean nothing here."""
        known = self._asked | set(ignored)
        for key in self.values:
            if key not in known:
                hint = suggest(key, known)
                self.messages.warn(f"{self.path}/{key}", f"there is no {key} here{hint}")


def suggest(word: object, known: Sequence[str] | set[str]) -> str:
    """` (did you mean WORD?)` where a known one is close."""
    by_lower = {candidate.lower(): candidate for candidate in sorted(known)}
    close = get_close_matches(str(word).lower(), by_lower, 1, 0.6)
    return f" (did you mean {by_lower[close[0]]}?)" if close else ""
