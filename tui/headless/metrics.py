"""`spillover metrics`: a scenario played without a screen, looked at as GetMetricData would."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.headless.common import OK, UnusableError, add_scenario, hush, load_scenario

if TYPE_CHECKING:
    from model.cloudwatch.queries import MetricQuery
    from model.world import World
    from scenarios.metric_data import Answer
    from scenarios.scenario import Scenario

DESCRIPTION = """\
Play a scenario to its end and print its metrics, as GetMetricData would give them.

A query is one of
  AWS/ApplicationELB RequestCount LoadBalancer=Shop Sum 5m   (logical ids serve as values)
  Shop.TargetResponseTime.p99 5m                             (a resource, as expectations name it)
  e1=SUM(METRICS())/60                                       (metric math, SEARCH included)
each perhaps with an id before it, by which expressions know it: m1=Shop.RequestCount.
Without a query the metrics that there are are listed.
"""
FORMATS = ("table", "csv", "json", "plot")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_scenario(parser)
    parser.add_argument(
        "--query",
        action="append",
        default=[],
        metavar="QUERY",
        help="what to ask for; may be given more than once",
    )
    parser.add_argument(
        "--queries",
        type=Path,
        metavar="FILE",
        help="the same as a JSON file, as get-metric-data --metric-data-queries takes it",
    )
    parser.add_argument("--namespace", metavar="NAME", help="list the metrics of this one only")
    parser.add_argument(
        "--period", metavar="5m", help="of queries that do not say theirs (default: 60 s)"
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="TIME",
        default="0s",
        help="from then on: 10m after the start, --from=-10m before it, or a date and time",
    )
    parser.add_argument("--to", dest="end", metavar="TIME", help="until before then (the end)")
    parser.add_argument(
        "--format", choices=FORMATS, default="table", help="what to print (default: %(default)s)"
    )
    parser.add_argument(
        "--charts",
        choices=("braille", "block", "ascii"),
        help="what a plot is drawn with (default: what the terminal can show)",
    )


def run(options: argparse.Namespace) -> int:
    """The command; returns the exit status."""
    listing = not options.query and options.queries is None
    if listing and options.format == "plot":
        raise UnusableError("--format plot needs a --query")
    if not listing and options.namespace is not None:
        raise UnusableError("--namespace is for listing: it goes without a query")
    loaded = load_scenario(options)
    from scenarios.player import make_world

    scenario, world = loaded.scenario, make_world(loaded.scenario)
    start, end = _span(options, scenario)
    queries = () if listing else _queries(options, world)
    _play(scenario, world, end)
    text = _listing(options, world) if listing else _data(options, world, queries, start, end)
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        hush()
    return OK


# -- what is asked for ------------------------------------------------------------------------


def _span(options: argparse.Namespace, scenario: Scenario) -> tuple[float, float]:
    """From and to, seconds since the start."""
    start = _time(options.start, "--from", scenario)
    end = scenario.duration if options.end is None else _time(options.end, "--to", scenario)
    if start < -scenario.history:
        raise UnusableError(f"--from {options.start}: nothing is played before the history")
    if end > scenario.duration:
        raise UnusableError(f"--to {options.end}: the scenario ends before that")
    if start >= end:
        raise UnusableError("--from must be before --to")
    return start, end


def _time(text: str, option: str, scenario: Scenario) -> float:
    from scenarios.durations import EXAMPLES, parse_duration

    try:
        if "-" in text[1:]:
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
            aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            return (aware - scenario.start).total_seconds()
        return -parse_duration(text[1:]) if text.startswith("-") else parse_duration(text)
    except ValueError:
        hint = "or a date and time: 2026-11-25T09:00:00Z"
        raise UnusableError(f"{option} {text}: {EXAMPLES}; {hint}") from None


def _queries(options: argparse.Namespace, world: World) -> tuple[MetricQuery, ...]:
    from scenarios.mistakes import ScenarioError
    from scenarios.queries import QueryReader, QueryTextError, read_query_file

    reader = QueryReader(world, _period(options.period))
    try:
        filed = () if options.queries is None else read_query_file(options.queries, world)
        queries = reader.read(options.query, known=filed)
    except ScenarioError as problem:
        raise UnusableError(str(problem)) from None
    except QueryTextError as problem:
        text = options.query[problem.index]
        hint = f" ({problem.hint})" if problem.hint else ""
        message = f"--query '{text}', column {problem.column}: {problem}{hint}"
        raise UnusableError(message) from None
    return queries


def _period(text: str | None) -> float | None:
    from scenarios.queries import read_period

    try:
        return None if text is None else read_period(text)
    except ValueError as problem:
        raise UnusableError(f"--period {text}: {problem}") from None


def _play(scenario: Scenario, world: World, end: float) -> None:
    from scenarios.player import advance
    from tui.summary import Bar

    with Bar(scenario.name, end, hidden=False) as bar:
        advance(world, end, bar.advance)


# -- what is printed --------------------------------------------------------------------------


def _listing(options: argparse.Namespace, world: World) -> str:
    from scenarios import metric_data
    from scenarios.mistakes import nearest

    metrics = metric_data.metrics_in(world, options.namespace)
    if not metrics and options.namespace is not None:
        known = {metric.key.namespace for metric in metric_data.metrics_in(world)}
        hint = nearest(options.namespace, known)
        _warn(f"there is no metric in the namespace {options.namespace}", hint)
    match options.format:
        case "json":
            return metric_data.listing_json(metrics)
        case "csv":
            return metric_data.listing_csv(metrics)
    return metric_data.listing_table(metrics, world)


def _data(
    options: argparse.Namespace,
    world: World,
    queries: tuple[MetricQuery, ...],
    start: float,
    end: float,
) -> str:
    from scenarios import metric_data

    answer = _ask(world, queries, start, end)
    match options.format:
        case "json":
            return metric_data.data_json(answer)
        case "csv":
            return metric_data.data_csv(answer)
        case "plot":
            from tui.headless.plot import plot

            return plot(world, queries, answer, options.charts)
    from rich.console import Console

    terminal = Console()
    return metric_data.data_table(answer, terminal.width if terminal.is_terminal else None)


def _ask(world: World, queries: tuple[MetricQuery, ...], start: float, end: float) -> Answer:
    from model.cloudwatch.queries import QueryError
    from scenarios.metric_data import ask, missing

    for query, hint in missing(world, queries):
        _warn(f"{query}: there is no such metric", hint)
    try:
        return ask(world, queries, start, end)
    except QueryError as problem:
        raise UnusableError(f"query {queries[problem.index].id}: {problem}") from None


def _warn(message: str, hint: str) -> None:
    print(f"warning: {message}{f' ({hint})' if hint else ''}", file=sys.stderr)
