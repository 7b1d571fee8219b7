"""The report as one HTML page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from model.world import World
from scenarios.durations import format_duration
from scenarios.page.graphs import Graph, graphs_of
from scenarios.page.style import STYLE
from scenarios.page.svg import COLOURS, Axis, Span, amount, chart, timeline
from scenarios.report import brief, observed, takers
from scenarios.scenario import Scenario

MOST_EVENTS = 500
"""Events that are listed, the first ones."""


def page(scenario: Scenario, world: World, report: Mapping[str, Any]) -> str:
    """The whole page of a world that was played until now."""
    axis = Axis(scenario.start, world.now)
    parts = [
        _head(scenario, axis, report),
        _expectations(report),
        _figures(report),
        _alarms(report, axis),
        _graphs(world, axis, report),
        _events(report, axis),
        _costs(report),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(scenario.name)} - Spillover</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{''.join(part for part in parts if part)}</main>\n</body>\n</html>\n"
    )


def _head(scenario: Scenario, axis: Axis, report: Mapping[str, Any]) -> str:
    items = report["expectations"]
    held = sum(item["passed"] for item in items)
    verdict = ""
    if items:
        good = held == len(items)
        words = "all that was expected held" if good else f"{len(items) - held} did not hold"
        verdict = (
            f'<p class="verdict {"good" if good else "bad"}">{held} of {len(items)}: {words}</p>'
        )
    length = format_duration(report["duration"])
    told = f"{axis.stamp(0)} UTC, {length}, seed {report['seed']}"
    description = f"<p>{escape(scenario.description.strip())}</p>" if scenario.description else ""
    return (
        f"<header>\n<h1>{escape(scenario.name)}</h1>\n{verdict}\n"
        f'<p class="dim">{told}</p>\n{description}\n</header>\n'
    )


def _section(title: str, *content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{''.join(content)}\n</section>\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML already."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "\n".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows)
    return f'<div class="wide"><table>\n<tr>{top}</tr>\n{body}\n</table></div>'


def _expectations(report: Mapping[str, Any]) -> str:
    rows = [
        (
            '<span class="good">✓ held</span>'
            if item["passed"]
            else '<span class="bad">✗ failed</span>',
            f"<code>{escape(item['text'])}</code>",
            escape(observed(item["observed"])),
        )
        for item in report["expectations"]
    ]
    return _section("Expectations", _table(("", "expected", "observed"), rows)) if rows else ""


def _figures(report: Mapping[str, Any]) -> str:
    tiles = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(text)}</dd></div>"
        for label, text in brief(report)
    )
    figures = f"<dl>{tiles}</dl>"
    if not takers(report):
        return _section("In short", figures)
    rows = []
    for name, taker in takers(report).items():
        requests = taker["requests"]
        latency = requests["latency"]
        rows.append(
            (
                escape(name),
                f"{requests['total']:,}",
                *("-" if v is None else amount(v, "Seconds") for v in latency.values()),
                ", ".join(f"{escape(s)}: {n:,}" for s, n in requests["by_status"].items()),
            )
        )
    head = ("sent to", "requests", "mean", "p50", "p90", "p99", "by status")
    return _section("Requests", figures, _table(head, rows))


# -- alarms -----------------------------------------------------------------------------------


def _alarms(report: Mapping[str, Any], axis: Axis) -> str:
    rows = [(name, list(_states(states, axis))) for name, states in report["alarms"].items()]
    if not rows:
        return ""
    legend = "".join(
        f'<span class="key"><i class="{state}"></i>{words}</span>'
        for state, words in (
            ("OK", "OK"),
            ("ALARM", "ALARM"),
            ("INSUFFICIENT_DATA", "INSUFFICIENT_DATA"),
        )
    )
    spells = [
        (
            escape(name),
            escape(spell["began"]),
            "the end" if spell["ended"] is None else escape(spell["ended"]),
            "" if spell["until"] is None else format_duration(spell["until"] - spell["time"]),
        )
        for name, found in report["in_alarm"].items()
        for spell in found[:20]
    ]
    listed = _table(("alarm", "in ALARM from", "to", "for"), spells) if spells else ""
    return _section("Alarms", timeline(rows, axis), f"<p>{legend}</p>", listed)


def _states(states: list[Mapping[str, Any]], axis: Axis) -> Iterator[Span]:
    ends = [*(state["time"] for state in states[1:]), axis.end]
    for state, end in zip(states, ends, strict=True):
        note = f"{state['state']} from {axis.stamp(state['time'])}: {state['reason']}"
        yield Span(state["time"], end, state["state"], note)


# -- graphs -----------------------------------------------------------------------------------


def _graphs(world: World, axis: Axis, report: Mapping[str, Any]) -> str:
    faults = _faults(report, axis)
    drawn = [
        f"<figure>\n<figcaption><b>{escape(graph.title)}</b> {_legend(graph)}</figcaption>\n"
        f"{chart(graph, axis, faults)}\n</figure>\n"
        for graph in graphs_of(world, report)
    ]
    return _section("Metrics", *drawn) if drawn else ""


def _legend(graph: Graph) -> str:
    keys = [
        f'<span class="key"><i class="s{number % COLOURS}"></i>{escape(line.label)}</span>'
        for number, line in enumerate(graph.lines)
    ]
    keys += [
        f'<span class="key"><i class="limit"></i>{escape(name)} at '
        f"{escape(amount(limit, graph.unit))}</span>"
        for limit, name in graph.limits
    ]
    return "".join(keys)


def _faults(report: Mapping[str, Any], axis: Axis) -> list[Span]:
    """When faults were at work, from their events."""
    began: dict[str, tuple[float, str]] = {}
    found = []
    for event in report["events"]:
        if event["detail-type"] != "FIS Experiment State Change":
            continue
        detail = event["detail"]
        name, status = detail["experiment-id"], detail["new-state"]["status"]
        if status == "running":
            began[name] = event["time"], detail["action-id"]
        elif name in began:
            start, action = began.pop(name)
            found.append(Span(start, event["time"], "fault", f"{action} until {status}"))
    return [*found, *(Span(start, axis.end, "fault", action) for start, action in began.values())]


# -- the rest ---------------------------------------------------------------------------------


def _events(report: Mapping[str, Any], axis: Axis) -> str:
    events = report["events"]
    if not events:
        return ""
    rows = [
        (axis.stamp(event["time"]), escape(event["detail-type"]), escape(_told(event)))
        for event in events[:MOST_EVENTS]
    ]
    more = f"<p>and {len(events) - MOST_EVENTS} more</p>" if len(events) > MOST_EVENTS else ""
    table = _table(("time (UTC)", "event", ""), rows)
    shown = f"<details><summary>{len(events)} events</summary>{table}{more}</details>"
    return _section("Events", shown)


def _told(event: Mapping[str, Any]) -> str:
    """An event's subject in a few words."""
    detail = event["detail"]
    match event["detail-type"]:
        case "CloudWatch Alarm State Change":
            return f"{detail['alarmName']} is {detail['state']['value']}"
        case "FIS Experiment State Change":
            return f"{detail['action-id']} {detail['new-state']['status']}"
        case "AWS API Call via CloudTrail":
            return " ".join(filter(None, (detail["eventName"], detail.get("errorMessage"))))
        case "EC2 Instance State-change Notification":
            return f"{detail['instance-id']} {detail['state']}"
    return str(detail.get("Description") or "") or ", ".join(
        str(resource).rpartition("/")[2] for resource in event["resources"]
    )


def _costs(report: Mapping[str, Any]) -> str:
    costs = report["cost"]["by_resource"]
    rows = [(escape(name), f"$ {value:.4f}") for name, value in costs.items()]
    return _section("Cost", _table(("resource", "US dollars"), rows)) if rows else ""
