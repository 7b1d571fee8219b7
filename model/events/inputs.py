"""What a target is given of an event: the whole, a part of it, a constant, or a text made of it.

Source: "Amazon EventBridge input transformation" and the API references of Target and
InputTransformer. What is given is JSON text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from model.events.comparisons import ABSENT

_STEP = re.compile(r"\.([\w/-]+|\*)|\[(\d+|\*)\]|\['([^']*)'\]")
_VARIABLE = re.compile(r"<([\w.-]+)>")
RESERVED = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event",
    "aws.events.event.ingestion-time",
    "aws.events.event.json",
)
"""Variables that are there without a path."""


@frozen
class Path:
    """A JSON path: `$.detail.instance-id`, `$.resources[0]`, `$.items[*].name`."""

    text: str
    steps: tuple[str | int | None, ...]
    """Keys and indices; None: all there are."""

    def find(self, value: Any, *, reading: bool = False) -> Any:
        """What stands there, or `ABSENT`. With `reading`, text that holds JSON is looked into."""
        return _find(self.steps, value, reading)


def parse_path(text: str) -> Path:
    """The path that a text means. Raises `ValueError`."""
    steps: list[str | int | None] = []
    index = 1
    while text.startswith("$") and index < len(text):
        found = _STEP.match(text, index)
        if found is None:
            break
        key, number, quoted = found.groups()
        if "*" in (key, number):
            steps.append(None)
        elif number is not None:
            steps.append(int(number))
        else:
            steps.append(quoted if key is None else key)
        index = found.end()
    if index != len(text):
        raise ValueError(f"{text!r} is no path such as $.detail.instance-id")
    return Path(text, tuple(steps))


def _find(steps: tuple[str | int | None, ...], value: Any, reading: bool) -> Any:
    if not steps:
        return value
    if reading and isinstance(value, str):
        value = _read(value)
    step, *rest = steps
    if step is None:
        inside = value.values() if isinstance(value, Mapping) else value
        if not isinstance(value, Mapping | list | tuple):
            return ABSENT
        found = (_find(tuple(rest), inner, reading) for inner in inside)
        return [inner for inner in found if inner is not ABSENT]
    if isinstance(step, int):
        there = isinstance(value, list | tuple) and step < len(value)
    else:
        there = isinstance(value, Mapping) and step in value
    return _find(tuple(rest), value[step], reading) if there else ABSENT


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def compact(value: Any) -> str:
    """JSON as AWS sends it, without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@frozen
class Transformer:
    """A template, and the paths of its variables."""

    paths: tuple[tuple[str, Path], ...]
    template: str

    def text(self, event: Mapping[str, Any], rule_arn: str, rule_name: str) -> str:
        """The template filled in; as minified JSON where it is JSON, else as it is.

        Outside of quotes a variable stands for its value as JSON, inside for its bare text, which
        is not escaped. A variable whose path leads nowhere is empty.
        """
        values = {name: path.find(event) for name, path in self.paths}
        bare = {key: value for key, value in event.items() if key != "detail"}
        values |= dict(
            zip(
                RESERVED,
                (rule_arn, rule_name, bare, event["time"], event),
                strict=True,
            )
        )
        filled = "".join(_filled(self.template, values))
        try:
            return compact(json.loads(filled))
        except ValueError:
            return filled


def variables(template: str) -> Iterator[str]:
    """The variables that a template names, in order."""
    return (found[1] for found in _VARIABLE.finditer(template))


def _filled(template: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The parts of a template, with values in place of variables."""
    quoted = False
    index = 0
    while index < len(template):
        letter = template[index]
        found = _VARIABLE.match(template, index) if letter == "<" else None
        if found is not None and found[1] in values:
            value = values[found[1]]
            if value is ABSENT:
                value = ""
            yield value if quoted and isinstance(value, str) else compact(value)
            index = found.end()
            continue
        if letter == "\\":
            yield template[index : index + 2]
            index += 2
            continue
        quoted ^= letter == '"'
        yield letter
        index += 1
