"""Event patterns: which events a rule takes, and which messages a subscription takes.

Sources: "Creating Amazon EventBridge event patterns", "Comparison operators for use in event
patterns" and the README of Event Ruler, the engine behind both EventBridge and SNS. A pattern
mirrors the event: all its keys must match, and of each leaf, which is a list, any item may. An
array in the event matches if any of its items does; objects in arrays are tried one by one.

A pattern is compiled once, into objects that only compare.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from typing import Any

from attrs import frozen

from model.events.comparisons import (
    ABSENT,
    KEYWORDS,
    PATTERN,
    Comparison,
    Language,
    PatternError,
    comparison,
)

MOST_ALTERNATIVES = 1000
"""Combinations that all `$or` of a pattern may make."""


@frozen
class Leaf:
    """The list at the end of a path: any of its items may match."""

    items: tuple[Comparison, ...]

    def matches(self, value: Any) -> bool:
        """Whether a field has such a value (`ABSENT`: there is no such field)."""
        if isinstance(value, Mapping):
            value = ABSENT  # only leaves exist
        if isinstance(value, list | tuple):
            return any(self.matches(inner) for inner in value or (ABSENT,))
        return any(item.matches(value) for item in self.items)


@frozen
class Node:
    """An object of a pattern: every key must match, and one object of each `$or`."""

    fields: tuple[tuple[str, Node | Leaf], ...]
    alternatives: tuple[tuple[Node, ...], ...] = ()

    def matches(self, value: Any) -> bool:
        """Whether an object has such fields; of a list, whether one of its objects has."""
        if isinstance(value, list | tuple):
            return any(self.matches(inner) for inner in value)
        if not isinstance(value, Mapping):
            value = {}  # what is not there can still be asked not to exist
        return all(inner.matches(value.get(key, ABSENT)) for key, inner in self.fields) and all(
            any(node.matches(value) for node in nodes) for nodes in self.alternatives
        )


def compile_pattern(pattern: Any, language: Language = PATTERN) -> Node:
    """A pattern ready to match. Raises `PatternError` with AWS's reason and the place in it."""
    if not isinstance(pattern, Mapping):
        raise PatternError("Filter is not an object")
    if language.longest is not None and len(json.dumps(pattern)) > language.longest:
        raise PatternError(f"the pattern is longer than {language.longest} characters")
    node = _node(pattern, (), language)
    combinations = _combinations(node)
    if combinations > MOST_ALTERNATIVES:
        raise PatternError(
            f"there are {combinations} combinations of $or, more than {MOST_ALTERNATIVES}"
        )
    return node


def _node(pattern: Mapping[Any, Any], place: tuple[str | int, ...], language: Language) -> Node:
    if not pattern:
        raise PatternError("Empty objects are not allowed", place)
    fields: list[tuple[str, Node | Leaf]] = []
    alternatives: list[tuple[Node, ...]] = []
    for key, value in pattern.items():
        inner = (*place, key)
        if key == "$or" and _is_or(value):
            items = enumerate(value)
            alternatives.append(tuple(_node(item, (*inner, i), language) for i, item in items))
        elif isinstance(value, Mapping):
            if not language.nested:
                raise PatternError(
                    f'"{key}" must be an array: only a filter on the message body is nested', inner
                )
            fields.append((str(key), _node(value, inner, language)))
        elif isinstance(value, list | tuple):
            if not value:
                raise PatternError("Empty arrays are not allowed", inner)
            compared = (comparison(v, (*inner, i), language) for i, v in enumerate(value))
            fields.append((str(key), Leaf(tuple(compared))))
        else:
            raise PatternError(f'"{key}" must be an object or an array', inner)
    return Node(tuple(fields), tuple(alternatives))


def _is_or(value: Any) -> bool:
    """Whether `$or` means alternatives; else it is a field that happens to be called so."""
    return (
        isinstance(value, list | tuple)
        and len(value) >= 2
        and all(isinstance(item, Mapping) and not KEYWORDS.intersection(item) for item in value)
    )


def _combinations(node: Node) -> int:
    """How many patterns without `$or` it stands for."""
    inside = (_combinations(inner) for _, inner in node.fields if isinstance(inner, Node))
    return prod(inside) * prod(sum(map(_combinations, nodes)) for nodes in node.alternatives)
