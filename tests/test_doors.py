"""Doors open one way: the terminal may know the scenarios and the model, they only the model."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model.samples import write

ROOT = Path(__file__).parents[1]


@functools.cache
def imported(path: Path) -> frozenset[str]:
    """The packages that a module imports anywhere in its code, by their first name."""
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (name.name.partition(".")[0] for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case ast.ImportFrom():
                pytest.fail(f"{path}: a relative import")
            case ast.Call(func=ast.Name(id="import_module" | "__import__"), args=[argument]):
                if isinstance(argument, ast.Constant):
                    yield str(argument.value).partition(".")[0]


@pytest.mark.parametrize(
    ("package", "closed"),
    [
        # lark it may know: the languages of CloudWatch (expressions, searches) are AWS's own
        ("model", {"scenarios", "tui", "textual", "rich", "yaml", "cattrs"}),
        ("scenarios", {"tui", "textual"}),
    ],
)
def test_doors_open_one_way(package: str, closed: set[str]) -> None:
    modules = list((ROOT / package).rglob("*.py"))
    assert len(modules) > 10
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules
        for name in closed & imported(path)
    }
    assert not found


def test_the_model_reads_no_wall_clock_and_no_common_randomness() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "model").rglob("*.py")
        if {"time", "random", "secrets", "threading", "asyncio"} & imported(path)
    }
    assert not found


def modules_loaded(*command: str) -> set[str]:
    """Every package that a command line of Spillover imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tui.cli", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_help_needs_neither_a_screen_nor_numbers() -> None:
    loaded = modules_loaded("--help")
    assert "argparse" in loaded
    assert not {"textual", "numpy", "model", "scenarios"} & loaded


def test_playing_needs_no_screen(tmp_path: Path) -> None:
    loaded = modules_loaded("play", str(write(tmp_path)))
    assert {"numpy", "model", "scenarios"} <= loaded
    assert "textual" not in loaded
