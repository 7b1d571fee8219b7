"""`spillover play`: a scenario to its end without a screen, its files and its summary."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.headless.common import (
    FAILED,
    OK,
    UnusableError,
    add_scenario,
    check_outputs,
    hush,
    load_scenario,
)

if TYPE_CHECKING:
    from scenarios.loader import Loaded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_scenario(parser)
    parser.add_argument(
        "--report",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="write the report: .json, .html, or .xml for JUnit; may be given more than once",
    )
    parser.add_argument(
        "--metrics",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="write every datapoint: .csv, or .parquet; may be given more than once",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but mistakes")


def run(options: argparse.Namespace) -> int:
    """The command; returns the exit status."""
    from scenarios.exports import METRIC_FORMATS, REPORT_FORMATS

    check_outputs(options.report, REPORT_FORMATS, "--report")
    check_outputs(options.metrics, METRIC_FORMATS, "--metrics")
    _check_parquet(options.metrics)
    loaded = load_scenario(options)
    return play(loaded, reports=options.report, metrics=options.metrics, quiet=options.quiet)


def _check_parquet(paths: Sequence[Path]) -> None:
    """Parquet needs a library that not everybody has: better known before anything is played."""
    from scenarios.parquet import INSTALL, is_installed

    for path in paths:
        if path.suffix == ".parquet" and not is_installed():
            raise UnusableError(f"--metrics {path}: {INSTALL}")


def play(
    loaded: Loaded,
    *,
    reports: Sequence[Path] = (),
    metrics: Sequence[Path] = (),
    quiet: bool = False,
) -> int:
    """Play headless, write what was asked for, print the summary."""
    from scenarios.exports import metrics_content, report_text, write
    from scenarios.player import play as play_scenario
    from tui.summary import Bar, summary

    with Bar(loaded.scenario.name, loaded.scenario.duration, hidden=quiet) as bar:
        outcome = play_scenario(loaded.scenario, bar.advance)
    world, report = outcome.world, outcome.report
    for path in (*reports, *metrics):
        try:
            if path in reports:
                write(path, report_text(loaded.scenario, world, report, path))
            else:
                write(path, metrics_content(world, path))
        except OSError as problem:
            raise UnusableError(f"{path}: it cannot be written: {problem.strerror}") from None
    if not quiet:
        _tell_refusals(outcome.report)
        try:
            print(summary(outcome.report), flush=True)
        except BrokenPipeError:
            hush()  # seen enough; the verdict stays the verdict
    return OK if outcome.passed else FAILED


def _tell_refusals(report: Mapping[str, Any]) -> None:
    """Moves that AWS refused, and faults that found nothing to break, did nothing: nobody should
    miss that."""
    for event in report["events"]:
        detail = event["detail"]
        if "errorMessage" in detail:
            where = f"{event['source'].removeprefix('aws.')}:{detail['eventName']}"
            message = f"warning: at {event['time']} s {where} was refused: {detail['errorMessage']}"
            print(message, file=sys.stderr)
        elif detail.get("new-state", {}).get("status") == "failed":
            reason = detail["new-state"]["reason"]
            message = f"warning: at {event['time']} s {detail['action-id']} did nothing: {reason}"
            print(message, file=sys.stderr)
