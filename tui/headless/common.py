"""What the commands without a screen share: how they end, what they read, what they may write."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.loader import Loaded

OK, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses."""


class UnusableError(Exception):
    """What was given cannot be used; the message says why."""


def hush() -> None:
    """Whoever read our output is gone: keep the interpreter from complaining at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# -- arguments --------------------------------------------------------------------------------


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """The scenario, and what may be changed of it."""
    parser.add_argument("scenario", metavar="SCENARIO", help="a shipped scenario's name or a file")
    add_overrides(parser)


def add_overrides(parser: argparse.ArgumentParser) -> None:
    """`--seed` and `--set`."""
    parser.add_argument("--seed", type=_seed, metavar="N", help="another seed, another outcome")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_override,
        metavar="PATH=VALUE",
        help="set one value of the scenario, such as parameters.CpuTarget=40",
    )


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 up, not {text!r}")
    return int(text)


def _override(text: str) -> str:
    where, equals, _ = text.partition("=")
    if not equals or not where:
        raise argparse.ArgumentTypeError(f"takes PATH=VALUE, not {text!r}")
    return text


# -- scenarios --------------------------------------------------------------------------------


def load_scenario(options: argparse.Namespace) -> Loaded:
    """The scenario, its remarks printed; what is wrong with it ends the command."""
    from scenarios.mistakes import ScenarioError

    try:
        loaded = read_scenario(options)
    except ScenarioError as problem:
        raise UnusableError(str(problem)) from None
    if not getattr(options, "quiet", False):
        for remark in loaded.remarks:
            print(f"warning: {remark}", file=sys.stderr)
    return loaded


def read_scenario(options: argparse.Namespace) -> Loaded:
    """The scenario that the options name. Raises `ScenarioError`."""
    from scenarios.library import find
    from scenarios.loader import load

    overrides = dict(item.split("=", 1) for item in options.set)
    return load(find(options.scenario), overrides=overrides, seed=options.seed)


# -- files to write ---------------------------------------------------------------------------


def check_outputs(paths: Sequence[Path], formats: Sequence[str], option: str) -> None:
    """Refuse before anything is played what could not be written after it."""
    for path in paths:
        if path.suffix not in formats:
            wanted = " or ".join(formats)
            raise UnusableError(f"{option} {path}: the name must end in {wanted}")
        if not path.resolve().parent.is_dir():
            raise UnusableError(f"{option} {path}: there is no folder {path.parent}")
        if path.is_dir():
            raise UnusableError(f"{option} {path}: this is a folder")
        if not os.access(path.resolve().parent, os.W_OK):
            raise UnusableError(f"{option} {path}: nothing can be written into {path.parent}")
