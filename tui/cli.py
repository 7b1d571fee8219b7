"""The command line: `spillover [SCENARIO]`, `play`, `check`, `list`.

Textual is imported only where a screen is wanted, the model only where something is read or played.
Exit status: 0 all that was expected held, 1 something did not, 2 the input is unusable, 130
interrupted.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from scenarios.loader import Loaded

OK, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
COMMANDS = ("play", "check", "list")

DESCRIPTION = """\
A flight simulator for AWS load balancing and auto scaling, in the terminal.

spillover [SCENARIO]         open the app on a shipped scenario's name or a file
spillover play SCENARIO      play it to the end without a screen
spillover check SCENARIO     say all that is wrong with it
spillover list               the shipped scenarios
"""


class UnusableError(Exception):
    """What was given cannot be used; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no check marks
    try:
        return _run(given)
    except UnusableError as problem:
        return _complain(str(problem))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _hush()
        return OK
    except OSError as problem:
        _hush()
        return _complain(f"the output cannot be written: {problem.strerror}")


def _hush() -> None:
    """Whoever read our output is gone: keep the interpreter from complaining at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(given: list[str]) -> int:
    command = given[0] if given else ""
    if command in COMMANDS:
        options = _parser(command).parse_args(given[1:])
        return {"play": _play, "check": _check, "list": _list}[command](options)
    if len([word for word in given if not word.startswith("-")]) > 1 and command[:1] != "-":
        close = get_close_matches(command, COMMANDS, 1)
        if close:
            raise UnusableError(f"there is no command {command}; did you mean {close[0]}?")
    options = _parser("").parse_args(given)
    if options.version:
        from importlib.metadata import version

        print(f"spillover {version('spillover')}")
        return OK
    return _open(options)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UnusableError(f"{message} (spillover --help tells more)")


def _parser(command: str) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    if command == "list":
        return _Parser(prog="spillover list", description="List the shipped scenarios.")
    if command == "":
        parser = _Parser(prog="spillover", description=DESCRIPTION, formatter_class=raw)
        parser.add_argument("scenario", nargs="?", metavar="SCENARIO", default=None)
        parser.add_argument("--version", action="store_true", help="print the version")
        parser.add_argument("--theme", metavar="NAME", help="a theme, such as textual-light")
        parser.add_argument(
            "--charts",
            choices=("braille", "block", "ascii"),
            default="braille",
            help="what graphs are drawn with (default: %(default)s)",
        )
        _add_common(parser)
        return parser
    text = {"play": "Play a scenario to its end.", "check": "Say all that is wrong with it."}
    parser = _Parser(prog=f"spillover {command}", description=text[command])
    parser.add_argument("scenario", metavar="SCENARIO", help="a shipped scenario's name or a file")
    _add_common(parser)
    if command == "play":
        parser.add_argument(
            "--report",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help="write the report: .json, or .xml for JUnit; may be given more than once",
        )
        parser.add_argument(
            "--metrics",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help="write every datapoint: .csv",
        )
        parser.add_argument("--quiet", action="store_true", help="print nothing but mistakes")
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
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


# -- commands ---------------------------------------------------------------------------------


def _list(_: argparse.Namespace) -> int:
    from scenarios.library import entries

    width = max(len(entry.name) for entry in entries())
    for entry in entries():
        print(f"{entry.name:<{width}}  {entry.title}")
    return OK


def _check(options: argparse.Namespace) -> int:
    loaded = _load(options)
    scenario = loaded.scenario
    counts = (
        (len(scenario.stack.resources), "resource"),
        (len(scenario.traffic), "source of traffic"),
        (len(scenario.timeline), "timeline line"),
        (len(scenario.expect), "expectation"),
    )
    listed = ", ".join(f"{count} {_plural(what, count)}" for count, what in counts)
    print(f"{loaded.path}: good ({listed})")
    return OK


def _plural(what: str, count: int) -> str:
    if count == 1:
        return what
    head, of, tail = what.partition(" of ")
    return f"{head}s{of}{tail}"


def _play(options: argparse.Namespace) -> int:
    from scenarios.exports import METRIC_FORMATS, REPORT_FORMATS

    _check_outputs(options.report, REPORT_FORMATS, "--report")
    _check_outputs(options.metrics, METRIC_FORMATS, "--metrics")
    loaded = _load(options)
    return play(loaded, reports=options.report, metrics=options.metrics, quiet=options.quiet)


def play(
    loaded: Loaded,
    *,
    reports: Sequence[Path] = (),
    metrics: Sequence[Path] = (),
    quiet: bool = False,
) -> int:
    """Play headless, write what was asked for, print the summary."""
    from scenarios.exports import metrics_csv, report_text, write
    from scenarios.player import play as run
    from tui.summary import Bar, summary

    with Bar(loaded.scenario.name, loaded.scenario.duration, hidden=quiet) as bar:
        outcome = run(loaded.scenario, bar.advance)
    for path in (*reports, *metrics):
        is_report = path in reports
        text = report_text(outcome.report, path) if is_report else metrics_csv(outcome.world)
        try:
            write(path, text)
        except OSError as problem:
            raise UnusableError(f"{path}: it cannot be written: {problem.strerror}") from None
    if not quiet:
        _tell_refusals(outcome.report)
        try:
            print(summary(outcome.report), flush=True)
        except BrokenPipeError:
            _hush()  # seen enough; the verdict stays the verdict
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


def _open(options: argparse.Namespace) -> int:
    if options.scenario is None:
        options.scenario = DEFAULT
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        loaded = _load(options)
        print("no terminal here: playing the scenario headless", file=sys.stderr)
        return play(loaded)
    from tui.app import SpilloverApp, check_theme

    problem = check_theme(options.theme)
    if problem is not None:
        raise UnusableError(problem)
    app = SpilloverApp(lambda: _read(options), theme=options.theme, charts=options.charts)
    try:
        status = app.run()
    finally:
        app.keep_recording()
        if app.kept is not None:
            print(f"spillover: what you did was saved as {app.kept}", file=sys.stderr)
    if app.problem is not None:
        raise UnusableError(str(app.problem))
    return app.return_code or OK if status is None else status


DEFAULT = "calm-day"
"""The shipped scenario that opens when none is named."""


# -- helpers ----------------------------------------------------------------------------------


def _load(options: argparse.Namespace) -> Loaded:
    """The scenario, its remarks printed; what is wrong with it ends the command."""
    from scenarios.mistakes import ScenarioError

    try:
        loaded = _read(options)
    except ScenarioError as problem:
        raise UnusableError(str(problem)) from None
    if not getattr(options, "quiet", False):
        for remark in loaded.remarks:
            print(f"warning: {remark}", file=sys.stderr)
    return loaded


def _read(options: argparse.Namespace) -> Loaded:
    from scenarios.library import find
    from scenarios.loader import load

    overrides = dict(item.split("=", 1) for item in options.set)
    return load(find(options.scenario), overrides=overrides, seed=options.seed)


def _override(text: str) -> str:
    where, equals, _ = text.partition("=")
    if not equals or not where:
        raise argparse.ArgumentTypeError(f"takes PATH=VALUE, not {text!r}")
    return text


def _check_outputs(paths: Sequence[Path], formats: Sequence[str], option: str) -> None:
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


def _complain(message: str) -> int:
    for line in message.splitlines():
        print(f"spillover: {line}", file=sys.stderr)
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
