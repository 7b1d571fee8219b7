"""The scenarios that come with Spillover."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from attrs import frozen

from scenarios.mistakes import Mark, error, nearest

ENDING = ".scenario.yaml"


@frozen
class Entry:
    """A shipped scenario."""

    name: str
    """What the command line calls it."""
    title: str
    """Its own name, from the file."""
    path: Path


def folder() -> Path:
    """Where the shipped scenarios lie."""
    with as_file(files(__name__)) as path:
        return path


def entries() -> list[Entry]:
    """All shipped scenarios, by name. Only the first lines are read."""
    found = []
    for path in sorted(folder().glob(f"*{ENDING}")):
        with path.open(encoding="utf-8") as file:
            title = next((line for line in file if line.startswith("name:")), "name:")
        name = path.name.removesuffix(ENDING)
        found.append(Entry(name, title.partition(":")[2].strip(), path))
    return found


def find(name: str) -> Path:
    """The file that a command-line argument means: a shipped name or a path."""
    shipped = {entry.name: entry.path for entry in entries()}
    if name in shipped:
        return shipped[name]
    path = Path(name)
    if path.exists() or path.suffix or "/" in name:
        return path
    raise error(
        Mark(name), "there is no such file and no such shipped scenario", nearest(name, shipped)
    )
