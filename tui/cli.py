"""The command line: `spillover [SCENARIO]`, `play`, `metrics`, `check`, `list`.

What the longer ones do is in `tui.headless`, a module each. Textual is imported only where a screen
is wanted, the model only where something is read or played. Exit status: 0 all that was expected
held, 1 something did not, 2 the input is unusable, 130 interrupted.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn

from tui.headless import metrics, play
from tui.headless.common import (
    FAILED,
    INTERRUPTED,
    OK,
    UNUSABLE,
    UnusableError,
    add_overrides,
    add_scenario,
    hush,
    load_scenario,
    read_scenario,
)

__all__ = ["FAILED", "INTERRUPTED", "OK", "UNUSABLE", "main"]

COMMANDS = ("play", "metrics", "check", "list")

DESCRIPTION = """\
A flight simulator for AWS load balancing and auto scaling, in the terminal.

spillover [SCENARIO]         open the app on a shipped scenario's name or a file
spillover play SCENARIO      play it to the end without a screen
spillover metrics SCENARIO   play it and print its metrics, as GetMetricData would
spillover check SCENARIO     say all that is wrong with it
spillover list               the shipped scenarios
"""
ABOUT = {
    "play": "Play a scenario to its end.",
    "metrics": metrics.DESCRIPTION,
    "check": "Say all that is wrong with it.",
}


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
        hush()
        return OK
    except OSError as problem:
        hush()
        return _complain(f"the output cannot be written: {problem.strerror}")


def _run(given: list[str]) -> int:
    command = given[0] if given else ""
    if command in COMMANDS:
        options = _parser(command).parse_args(given[1:])
        runs = {"play": play.run, "metrics": metrics.run, "check": _check, "list": _list}
        return runs[command](options)
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
        add_overrides(parser)
        return parser
    parser = _Parser(prog=f"spillover {command}", description=ABOUT[command], formatter_class=raw)
    if command == "play":
        play.add_arguments(parser)
    elif command == "metrics":
        metrics.add_arguments(parser)
    else:
        add_scenario(parser)
    return parser


# -- commands ---------------------------------------------------------------------------------


def _list(_: argparse.Namespace) -> int:
    from scenarios.library import entries

    width = max(len(entry.name) for entry in entries())
    for entry in entries():
        print(f"{entry.name:<{width}}  {entry.title}")
    return OK


def _check(options: argparse.Namespace) -> int:
    loaded = load_scenario(options)
    scenario = loaded.scenario
    counts = [
        (len(scenario.stack.resources), "resource"),
        (len(scenario.traffic), "source of traffic"),
        (len(scenario.timeline), "timeline line"),
        (len(scenario.expect), "expectation"),
    ]
    if scenario.metrics:
        counts.insert(1, (len(scenario.metrics), "metric feed"))
    listed = ", ".join(f"{count} {_plural(what, count)}" for count, what in counts)
    print(f"{loaded.path}: good ({listed})")
    return OK


def _plural(what: str, count: int) -> str:
    if count == 1:
        return what
    head, of, tail = what.partition(" of ")
    return f"{head}s{of}{tail}"


def _open(options: argparse.Namespace) -> int:
    if options.scenario is None:
        options.scenario = DEFAULT
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        loaded = load_scenario(options)
        print("no terminal here: playing the scenario headless", file=sys.stderr)
        return play.play(loaded)
    from tui.app import SpilloverApp, check_theme

    problem = check_theme(options.theme)
    if problem is not None:
        raise UnusableError(problem)
    app = SpilloverApp(lambda: read_scenario(options), theme=options.theme, charts=options.charts)
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


def _complain(message: str) -> int:
    for line in message.splitlines():
        print(f"spillover: {line}", file=sys.stderr)
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
