"""YAML read as CloudFormation reads it (YAML 1.1), with the place of everything in the file.

PyYAML composes the nodes; a walker turns them into plain values and remembers where each one stood,
by its path. Short CloudFormation tags (`!Ref X`) become their long form (`{Ref: X}`). Keys given
twice, which PyYAML would silently merge, are mistakes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen

from scenarios.mistakes import Mark, Mistake, ScenarioError, error

Place = tuple[str | int, ...]
"""The way to a value: keys and indices from the top."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 100
_SAFE_DEPTH = 500
_MOST_VALUES = 500_000
"""Aliases of aliases may stand for more than a machine can hold; nobody writes so much."""
_TRAP = re.compile(r"[-+]?0[0-7]+|[-+]?\d+(:[0-5]?\d)+(\.\d*)?|(?i:yes|no|on|off)")
"""Plain words that YAML 1.1 reads as something else than they seem."""


@frozen
class Trap:
    """A plain word, and what YAML 1.1 took it for."""

    word: str
    value: bool | float


@frozen
class Document:
    """A file's content as plain values, and where each of them stood."""

    file: str
    content: Any
    marks: Mapping[Place, Mark] = field(repr=False)
    """Of values, by place."""
    keys: Mapping[Place, Mark] = field(repr=False)
    """Of keys, by the place of their value."""
    traps: Mapping[Place, Trap] = field(factory=dict, repr=False)
    """Words that YAML 1.1 read as something else than they seem (`on`, `0300`, `1:30`)."""

    def mark(self, place: Place) -> Mark:
        """Where a value stood, or the nearest thing around it."""
        while place and place not in self.marks:
            place = place[:-1]
        return self.marks.get(place, Mark(self.file))

    def key(self, place: Place) -> Mark:
        """Where the key of a value stood."""
        return self.keys.get(place) or self.mark(place)


def read(path: Path) -> Document:
    """Read a file. Raises `ScenarioError` where it cannot be read as YAML."""
    where = Mark(str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error(where, "there is no such file") from None
    except IsADirectoryError:
        raise error(where, "this is a folder, not a file") from None
    except UnicodeDecodeError:
        raise error(where, "this is not text in UTF-8") from None
    except (OSError, ValueError) as problem:
        raise error(where, f"it cannot be read: {problem}") from None
    return parse(text, str(path))


def parse(text: str, file: str) -> Document:
    """Read a text that came from `file`."""
    text = _without_tabs(text)
    try:
        _refuse_depths(text, file)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        hint = "in flow style ({...}) quote values that contain a comma or a colon"
        raise error(_place(mark, file), f"this is not YAML: {problem.problem}", hint) from None
    except yaml.YAMLError as problem:
        raise error(Mark(file), f"this is not YAML: {problem}") from None
    if root is None:
        raise error(Mark(file, 1, 1), "the file is empty")
    walker = _Walker(file)
    content = walker.value(root, ())
    if walker.mistakes:
        raise ScenarioError(walker.mistakes)
    return Document(file, content, walker.marks, walker.keys, walker.traps)


def _place(mark: Any, file: str) -> Mark:
    """Where PyYAML says that something stood."""
    return Mark(file, mark.line + 1, mark.column + 1) if mark else Mark(file)


def _refuse_depths(text: str, file: str) -> None:
    """PyYAML's C parser composes by recursion and would crash; its events come one by one."""
    if sum(map(text.count, "[{-?")) < _SAFE_DEPTH:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _SAFE_DEPTH:
            raise error(_place(event.start_mark, file), "this is nested too deeply")


def _without_tabs(text: str) -> str:
    """JSON may be indented with tabs, YAML may not; in JSON they only ever stand between values."""
    if "\t" not in text or not text.lstrip().startswith("{"):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text.replace("\t", " ")


class _Walker:
    def __init__(self, file: str) -> None:
        self.marks: dict[Place, Mark] = {}
        self.keys: dict[Place, Mark] = {}
        self.traps: dict[Place, Trap] = {}
        self.mistakes: list[Mistake] = []
        self._file = file
        self._scalars = _Loader("")
        self._open: set[int] = set()

    def _mark(self, node: yaml.Node) -> Mark:
        return _place(node.start_mark, self._file)

    def value(self, node: yaml.Node, place: Place) -> Any:
        """The plain value of a node."""
        self.marks[place] = self._mark(node)
        if id(node) in self._open:
            self.mistakes.append(Mistake(self._mark(node), "an alias must not contain itself"))
            return None
        if len(place) > _DEEPEST:
            self.mistakes.append(Mistake(self._mark(node), "this is nested too deeply"))
            return None
        if len(self.marks) > _MOST_VALUES:
            raise error(self._mark(node), "this holds too much (aliases of aliases?)")
        self._open.add(id(node))
        try:
            if node.tag.startswith("!") and not node.tag.startswith("!!"):
                return self._tagged(node, place)
            return self._untagged(node, place)
        finally:
            self._open.discard(id(node))

    def _tagged(self, node: yaml.Node, place: Place) -> Any:
        """`!Sub x` is `{"Fn::Sub": x}`; Ref and Condition keep their names."""
        short = node.tag[1:]
        name = short if short in ("Ref", "Condition") else f"Fn::{short}"
        inner = (*place, name)
        self.marks[inner] = self.keys[inner] = self._mark(node)
        if isinstance(node, yaml.ScalarNode):
            value: Any = node.value
            if name == "Fn::GetAtt":
                value = value.split(".", 1)
        else:
            value = self._untagged(node, inner)
        return {name: value}

    def _untagged(self, node: yaml.Node, place: Place) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, i)) for i, item in enumerate(node.value)]
        value = self._scalar(node)
        if not isinstance(value, str) and _TRAP.fullmatch(node.value):
            self.traps[place] = Trap(node.value, value)
        return value

    def _scalar(self, node: yaml.Node) -> Any:
        implicit = node.tag.startswith("tag:yaml.org")
        try:
            value = self._scalars.construct_object(node) if implicit else node.value
        except (ValueError, yaml.YAMLError):
            value = node.value
        if value is None or isinstance(value, str | int | float | bool):
            return value
        return node.value  # dates (2010-09-09) stay text, as CloudFormation wants it

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                merged |= self._merge(value_node, place)
                continue
            key = self._scalar(key_node)
            if not isinstance(key, str | int | float | bool) or isinstance(
                key_node, yaml.MappingNode | yaml.SequenceNode
            ):
                self.mistakes.append(Mistake(self._mark(key_node), "a key must be plain text"))
                continue
            inner = (*place, key if isinstance(key, int | str) else str(key))
            if key in mapping:
                first = self.keys[inner].line
                message = f"the key {key!r} is given twice (first in line {first})"
                self.mistakes.append(Mistake(self._mark(key_node), message))
                continue
            self.keys[inner] = self._mark(key_node)
            mapping[key] = self.value(value_node, inner)
        return merged | mapping

    def _merge(self, node: yaml.Node, place: Place) -> dict[Any, Any]:
        """`<<: *anchor`: what the anchor holds, where the mapping does not say otherwise."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[Any, Any] = {}
        for item in nodes:
            mark = self.marks[place]
            value = self.value(item, place)
            self.marks[place] = mark
            if not isinstance(value, dict):
                self.mistakes.append(Mistake(self._mark(item), "<<: takes a mapping"))
                continue
            merged = value | merged
        return merged
