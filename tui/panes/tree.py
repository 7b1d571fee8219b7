"""The way of requests as rows: record, listener, rule, target group, zone, target.

What a single listener with one target group would only repeat is left out, so that a small site has
its targets and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from model.elb.views import BalancerView, ListenerView, RuleView, TargetView
from model.route53.service import RecordView
from tui.views import RoutingView, TargetGroupView, ZoneView
from tui.widgets.rows import Cell, Kind, Row

GLYPHS = {
    "healthy": "●",
    "unhealthy": "✗",
    "initial": "○",
    "draining": "◌",
    "unused": "-",
    "InService": "●",
    "OutOfService": "✗",
    "unhealthy.draining": "✗",
    "unavailable": "●",
}
"""A shape for each state, so that nothing hangs on colour alone."""

SHORT = {
    "OutOfService": "OutOfSvc",
    "unavailable": "unchecked",
    "unhealthy.draining": "unh.drain",
}
"""States that are too long for their column."""

KINDS: dict[str, Kind] = {
    "healthy": "healthy",
    "unhealthy": "unhealthy",
    "initial": "initial",
    "draining": "draining",
    "unused": "unused",
    "InService": "healthy",
    "OutOfService": "unhealthy",
    "unhealthy.draining": "unhealthy",
    "unavailable": "unused",
}
STEP = "  "
"""How far a level is indented."""


def tree(routing: RoutingView) -> list[Row]:
    """All rows."""
    groups = {group.id: group for group in routing.groups}
    rows = [_record(record) for record in routing.records]
    rows += [row for balancer in routing.balancers for row in _balancer(routing, balancer, groups)]
    for group in groups.values():  # those that nobody forwards to
        rows += _group(group, 0, share_of=0.0, named=True)
    return rows


def _record(record: RecordView) -> Row:
    """Where a name leads: the record's share of the answers, and of the clients while that is
    another because old answers have not expired."""
    given, held = f"{record.answers:.0%}", f"{record.traffic:.0%}"
    text = f"{record.name}  {record.id or record.type}  {given}"
    if held != given:
        text += f" (clients {held})"
    if record.healthy is not None:
        state = "healthy" if record.healthy else "unhealthy"
        text += f"  {GLYPHS[state]} {state}"
    text += f"  → {record.leads_to}"
    key = f"{record.zone}/{record.name}/{record.type}/{record.id}"
    style: Kind = "warning" if record.healthy is False else "text"
    return Row(key, (Cell(text, style),), heading=True)


def _balancer(
    routing: RoutingView, balancer: BalancerView, groups: dict[str, TargetGroupView]
) -> Iterator[Row]:
    """The rows of a load balancer; the groups that it shows are taken out of `groups`."""
    level, whole = 0, sum(listener.rate for listener in balancer.listeners)
    if len(routing.balancers) > 1:
        yield _heading(balancer.id, balancer.id, share(whole))
        level = 1
    for status, why, number in balancer.errors:
        text = f"{STEP * level}✗ {status} {why}  {number:,}/min"
        yield Row(f"{balancer.id}/{status}/{why}", (Cell(text, "error"),), heading=True)
    if balancer.waiting >= 1.0:
        text = f"{STEP * level}{balancer.waiting:,.0f} wait in the surge queue"
        yield Row(f"{balancer.id}/surge", (Cell(text, "warning"),), heading=True)
    if balancer.shifted_from is not None:
        text = f"{STEP * level}traffic is shifted away from {balancer.shifted_from}"
        yield Row(f"{balancer.id}/shift", (Cell(text, "warning"),), heading=True)
    plain = len(balancer.listeners) == 1 and len(balancer.listeners[0].rules) == 1
    for listener in balancer.listeners:
        only = plain and len(listener.rules[0].groups) == 1
        if not only:
            key = f"{balancer.id}/{listener.port}"
            name = f"{STEP * level}{listener.protocol} :{listener.port}"
            yield _heading(key, name, f"{listener.rate:,.1f} req/s")
        for rule in listener.rules:
            yield from _rule(listener, rule, whole, 0 if only else level + 1, groups, only)


def _rule(
    listener: ListenerView,
    rule: RuleView,
    whole: float,
    level: int,
    groups: dict[str, TargetGroupView],
    only: bool,
) -> Iterator[Row]:
    key = f"{listener.id}/{rule.priority}"
    if not only:
        number = "default" if rule.priority is None else str(rule.priority)
        text = f"{STEP * level}{number}  {' and '.join(rule.conditions)}".rstrip()
        if rule.answer is not None:
            text += f"  → {rule.answer}"
        yield _heading(key, text, share(rule.rate, whole))
    total = sum(weight for _, weight in rule.groups)
    for name, weight in rule.groups:
        group = groups.pop(name, None)
        inner = level if only else level + 1
        weighted = f"  weight {weight} of {total}" if len(rule.groups) > 1 else ""
        if group is None:
            yield _heading(
                f"{key}/{name}", f"{STEP * inner}→ {name} (shown above)", weighted.strip()
            )
            continue
        if weighted:
            yield _heading(
                f"{key}/{name}", f"{STEP * inner}→ {name}{weighted}", share(group.rate, whole)
            )
        yield from _group(group, inner, share_of=whole, named=not only and not weighted)


def _group(group: TargetGroupView, level: int, *, share_of: float, named: bool) -> Iterator[Row]:
    for zone in group.zones:
        name = f"→ {group.id}  {zone.zone}" if named else zone.zone
        text = f"{STEP * level}{name}  {_state(zone)}"
        if not group.in_use:
            text += "  not in use"
        rate = sum(target.rate for target in zone.targets)
        yield _heading(f"{group.id}/{zone.zone}", text, share(rate, share_of).split(" ")[0])
        for target in zone.targets:
            yield _target(group, target)


def _state(zone: ZoneView) -> str:
    healthy = sum(target.healthy for target in zone.targets)
    words = [f"{healthy}/{len(zone.targets)} healthy"]
    if zone.targets and all(target.state == "unavailable" for target in zone.targets):
        words = ["not checked"]
    if zone.dark:
        words.append("NETWORK DOWN")
    if not zone.in_dns:
        words.append("not in DNS")
    return "  ".join(words)


def _heading(key: str, text: str, amount: str) -> Row:
    return Row(key, (f"{text}  {amount}".rstrip(),), heading=True)


def share(rate: float, whole: float | None = None) -> str:
    """A part of the requests: in percent of the whole, or (without one) in requests per second."""
    if whole is None:
        return f"{rate:,.1f} req/s"
    return f"{rate / whole:.0%} of traffic" if whole > 0 else ""


def _target(group: TargetGroupView, target: TargetView) -> Row:
    overloaded = target.utilisation > 1 or target.backlog >= 1
    load: Kind = "error" if overloaded else "warning" if target.utilisation > 0.8 else "text"
    return Row(
        f"{group.id}/{target.id}",
        (
            target.instance[:11],
            Cell(
                f"{GLYPHS[target.state]} {SHORT.get(target.state, target.state)}",
                KINDS[target.state],
            ),
            f"{target.rate:.1f}",
            Cell(f"{target.utilisation:.0%}", load),
            seconds(target.response_time),
            Cell(_why(target), "muted"),
        ),
    )


def _why(target: TargetView) -> str:
    if target.reason in ("ELB", "Instance") or target.description.endswith("in progress."):
        return target.description
    if target.reason not in ("", "N/A"):
        return target.reason.split(".", 1)[-1]
    if target.override != "no_override":
        return "zonal shift"
    if target.mitigated:
        return "mitigated"
    if target.anomaly == "anomalous":
        return "anomalous"
    return f"{target.backlog:.0f} waiting" if target.backlog >= 1 else ""


def seconds(value: float) -> str:
    """A response time in a few characters."""
    if value <= 0:
        return "-"
    return f"{1000 * value:.0f} ms" if value < 1 else f"{value:.1f} s"
