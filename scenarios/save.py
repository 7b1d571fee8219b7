"""A session as a scenario file: the loaded document with a timeline of what was really done."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import NOTHING, fields, has

from model.actions import REGISTER, TARGET_KEYS, Action, first_lower, spelling
from scenarios.durations import format_duration
from scenarios.scenario import TimelineEntry
from scenarios.structure import key_of


class _Dumper(yaml.SafeDumper):
    """Plain YAML without aliases, texts with line breaks as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump(
    document: Mapping[str, Any],
    entries: Iterable[TimelineEntry],
    *,
    duration: float,
    source: Path,
    folder: Path,
) -> str:
    """The text of a scenario in `folder` that plays `document` with another timeline.

    `source` is the folder that the document's own file names are relative to.
    """
    content: dict[str, Any] = copy.deepcopy(dict(document))
    content["duration"] = format_duration(duration)
    for section in ("traffic", "metrics"):
        for item in content.get(section) or ():
            trace = item.get("trace") if isinstance(item, dict) else None
            if isinstance(trace, dict) and "file" in trace:
                trace["file"] = _moved(source / trace["file"], folder)
    content["timeline"] = [_line(entry) for entry in entries]
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _moved(path: Path, folder: Path) -> str:
    """A file's name as seen from another folder; whole where they share no root."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return str(path.resolve())


def _line(entry: TimelineEntry) -> dict[str, Any]:
    action = entry.action
    line: dict[str, Any] = {"at": format_duration(entry.at), "action": action.name}
    if action.id is not None:
        line["id"] = action.id
    targets = _targets(action)
    if targets:
        line["targets"] = targets
    parameters = _parameters(action)
    if parameters:
        line["parameters"] = parameters
    if action.duration is not None:
        line["for"] = format_duration(action.duration)
    return line


def _targets(action: Action) -> dict[str, Any]:
    named: dict[str, Any] = {
        TARGET_KEYS[key]: list(getattr(action.targets, key))
        for key in TARGET_KEYS
        if getattr(action.targets, key)
    }
    for key in ("count", "percent"):
        if getattr(action.targets, key) is not None:
            named[key] = getattr(action.targets, key)
    return named


def _parameters(action: Action) -> dict[str, Any]:
    kind = REGISTER[action.name]
    style = first_lower if kind.is_fault else spelling
    given = {name: getattr(action.parameters, name) for name in kind.parameter_fields}
    return {
        key_of(attribute, style): _plain(given[name], style)
        for name, attribute in kind.parameter_fields.items()
        if given[name] is not None and (given[name] != () or attribute.default is NOTHING)
    }


def _plain(value: Any, style: Callable[[str], str]) -> Any:
    """A value of a parameter as a file spells it; what is as by default is left out."""
    if has(type(value)):
        return {
            key_of(attribute, style): _plain(getattr(value, attribute.name), style)
            for attribute in fields(type(value))
            if attribute.init and getattr(value, attribute.name) != attribute.default
        }
    if isinstance(value, list | tuple):
        return [_plain(item, style) for item in value]
    return json.loads(json.dumps(value, default=str))
