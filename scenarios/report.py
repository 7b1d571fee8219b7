"""The report of a run: what happened, as plain data in the order of the contract.

Everything comes from the describe-style views and the journal of the world; times are seconds since
the scenario's start, latencies are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from attrs import asdict

from model.billing import cost
from model.books import Books, succeeds
from model.elb.resources import TargetGroup
from model.flow.latency import no_latencies
from model.journal import Change
from model.world import World
from scenarios.containers import services_told
from scenarios.deliveries import events_told, sent
from scenarios.deliveries import whole as _time
from scenarios.histories import since_start as _since_start
from scenarios.judge import Verdict, response_time
from scenarios.scenario import Scenario


def build(scenario: Scenario, world: World, verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """The whole report of a world that was played until now."""
    costs = cost(world)
    sendings = sent(world)
    alarms = {
        name: [
            {"time": _time(change.time), **asdict(change.value)}
            for change in _since_start(world.journal.history(name, "alarm"))
        ]
        for name in _alarms(world)
    }
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "start": f"{scenario.start:%Y-%m-%dT%H:%M:%SZ}",
        "duration": _time(world.now),
        "requests": _requests(world, list(world.books)),
        "load_balancers": {
            name: {"requests": _requests(world, [name]), **_instances(world, name)}
            for name in world.elb.balancers
        },
        "target_groups": {
            group.logical_id: {"targets": _targets(world, group.logical_id)}
            for group in world.stack.of(TargetGroup)
        },
        **_tables(world),
        **_databases(world),
        "alarms": alarms,
        "in_alarm": {name: _in_alarm(states, scenario) for name, states in alarms.items()},
        "groups": {name: _group(world, name) for name in world.autoscaling.groups},
        **({"services": services} if (services := services_told(world)) else {}),
        "events": [
            {
                "time": _time(event.time),
                "source": event.source,
                "detail-type": event.detail_type,
                "resources": list(event.resources),
                "detail": dict(event.detail),
            }
            for event in world.bus.events
            if event.time >= 0
        ],
        "notifications": [
            {
                "time": _time(delivery.time),
                "topic": delivery.topic,
                "subject": delivery.subject,
                "message": delivery.message,
                **sendings.get(number, {}),
            }
            for number, delivery in enumerate(world.sns.deliveries)
            if delivery.time >= 0
        ],
        **events_told(world),
        "expectations": [
            {
                "text": verdict.text,
                "passed": verdict.passed,
                "observed": _plain(verdict.observed),
            }
            for verdict in verdicts
        ],
        "cost": {
            "total": round(sum(costs.values()), 6),
            "by_resource": {name: round(value, 6) for name, value in costs.items()},
        },
    }


def _tables(world: World) -> dict[str, Any]:
    """The requests to each table, and its throughput as it changed; without tables, nothing."""
    tables = {
        name: {
            "requests": _requests(world, [name]),
            "throughput": [
                {"time": _time(change.time), **asdict(change.value)}
                for change in _since_start(world.journal.history(name, "table"))
            ],
        }
        for name in world.dynamodb.tables
    }
    return {"tables": tables} if tables else {}


def _databases(world: World) -> dict[str, Any]:
    """The requests to each cluster (or DB instance that stands alone), and the status, role and
    zone of its instances as they changed; without databases, nothing."""
    databases: dict[str, Any] = {}
    for name, deployment in world.rds.deployments.items():
        instances = {
            item.id: [
                {"time": _time(change.time), **asdict(change.value)}
                for change in _since_start(world.journal.history(item.id, "db"))
            ]
            for item in (*deployment.gone, *deployment.instances)
        }
        databases[name] = {"requests": _requests(world, [name]), "instances": instances}
    return {"databases": databases} if databases else {}


def _in_alarm(states: list[dict[str, Any]], scenario: Scenario) -> list[dict[str, Any]]:
    """When an alarm went off and when it ended, also by the calendar; None: it did not end."""

    def stamp(time: float) -> str:
        return f"{scenario.start + timedelta(seconds=time):%Y-%m-%dT%H:%M:%SZ}"

    spells = []
    for state, after in zip_longest(states, states[1:]):
        if state["state"] == "ALARM":
            until = None if after is None else after["time"]
            begun = {"time": state["time"], "until": until, "began": stamp(state["time"])}
            spells.append({**begun, "ended": None if until is None else stamp(until)})
    return spells


def _requests(world: World, names: list[str]) -> dict[str, Any]:
    """The requests to some load balancers and databases together."""
    books: list[Books] = [world.books[name] for name in names]
    by_status: dict[str, int] = {}
    latencies = no_latencies()
    for book in books:
        latencies = latencies + book.latencies
        for status, number in book.by_status.items():
            by_status[status] = by_status.get(status, 0) + number
    total = sum(book.total for book in books)
    succeeded = sum(book.succeeded for book in books)
    sent = sum(math.floor(world.sent(name) + 1e-6) for name in names)
    return {
        "total": total,
        "succeeded": succeeded,
        "in_flight_at_start": sum(round(book.in_flight_at_opening) for book in books),
        "in_flight": max(sent - total, 0),
        "availability": availability(succeeded, total),
        "by_status": dict(sorted(by_status.items())),
        "latency": {
            name: _plain(response_time(latencies, statistic))
            for name, statistic in LATENCIES.items()
        },
    }


LATENCIES = {"mean": "Average", "p50": "p50", "p90": "p90", "p99": "p99"}
"""What is told of response times: names and CloudWatch's statistics."""


def availability(succeeded: int, total: int) -> float | None:
    """The percentage that succeeded; None where nothing was asked."""
    return round(100.0 * succeeded / total, 6) if total else None


def _instances(world: World, balancer: str) -> dict[str, Any]:
    """The instances of a Classic Load Balancer; others have target groups."""
    classic = world.elb.balancers[balancer].resource.kind == "classic"
    return {"instances": _targets(world, balancer)} if classic else {}


def _alarms(world: World) -> dict[str, None]:
    """Every alarm there is, and then those that were deleted."""
    there = (*world.cloudwatch.alarms, *world.cloudwatch.composites.records)
    return dict.fromkeys((*there, *(name for name, _ in world.journal.histories("alarm"))))


def _targets(world: World, group: str) -> dict[str, Any]:
    state = world.elb.groups[group]
    targets: dict[str, Any] = {}
    for name, changes in _histories(world, f"{group}/", "health").items():
        if changes[-1].time <= 0 and changes[-1].value.reason == "Target.NotRegistered":
            continue  # gone before the scenario began
        instance = world.host(name.partition(":")[0])
        targets[name] = {
            "zone": instance.zone,
            "requests": state.scopes.requests.get(name, 0),
            "health": [{"time": _time(change.time), **asdict(change.value)} for change in changes],
        }
    return targets


def _group(world: World, name: str) -> dict[str, Any]:
    lifecycles = _histories(world, "", "lifecycle")
    return {
        "capacity": _capacity_rows(_since_start(world.journal.history(name, "capacity"))),
        "activities": [
            {
                "start": _time(activity.start),
                "end": None if activity.end is None else _time(activity.end),
                "status": activity.status,
                "description": activity.description,
                "cause": activity.cause,
            }
            for activity in reversed(world.autoscaling.describe_scaling_activities(name))
            if activity.start >= 0
        ],
        "instances": {
            instance: [{"time": _time(c.time), "state": c.value} for c in changes]
            for instance, changes in lifecycles.items()
            if world.ec2.instances[instance].launched_by == name
            and not (changes[-1].time <= 0 and changes[-1].value == "Terminated")
        },
        **_forecasts(world, name),
    }


def _forecasts(world: World, group: str) -> dict[str, Any]:
    """What predictive scaling said of the hours until now, and how far off it was; of a group
    without such a policy, nothing."""
    policies = world.autoscaling.predictive.of(group)
    views = [policy.view(0.0, world.now) for policy in policies]
    if not views:
        return {}
    return {
        "forecasts": {
            view.policy: {
                "mode": view.mode,
                "wape": _plain(view.wape),
                "hours": [
                    {
                        "time": _time(hour.start),
                        "load": _plain(hour.load),
                        "came": _plain(hour.came),
                        "capacity": hour.capacity,
                    }
                    for hour in view.hours
                ],
            }
            for view in views
        }
    }


def _capacity_rows(changes: list[Change]) -> list[dict[str, Any]]:
    """A row for each change of what a group should have or has in service."""
    rows: list[dict[str, Any]] = []
    for change in changes:
        names = ("min", "desired", "max", "in_service")
        row = {name: getattr(change.value, name) for name in names}
        if not rows or any(rows[-1][name] != row[name] for name in row):
            rows.append({"time": _time(change.time), **row})
    return rows


def _histories(world: World, prefix: str, aspect: str) -> dict[str, list[Change]]:
    """The changes of one aspect by resource (without the prefix), as of the start."""
    return {
        name[len(prefix) :]: _since_start(changes)
        for name, changes in world.journal.histories(aspect)
        if name.startswith(prefix) and changes
    }


def _plain(value: Any) -> Any:
    """A number that JSON can hold, to nine significant digits; nothing for NaN."""
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.9g}")
    return value


def brief(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The report's figures that a summary shows, as label and text."""
    cost = ("cost", f"$ {report['cost']['total']:.4f}")
    if not takers(report):
        return [("alarms", _went_off(report["in_alarm"])), cost]
    requests = report["requests"]
    latencies = requests["latency"]
    failures = {
        status: number for status, number in requests["by_status"].items() if not succeeds(status)
    }
    lost = ", ".join(f"{number:,} x {status}" for status, number in failures.items()) or "none"
    return [
        ("requests", f"{requests['total']:,}"),
        ("availability", percent(requests["availability"])),
        ("failed", lost),
        (
            "latency",
            "  ".join(
                f"{name} {1000 * value:.0f} ms"
                for name, value in latencies.items()
                if value is not None
            )
            or "no answers",
        ),
        cost,
    ]


def takers(report: Mapping[str, Any]) -> dict[str, Any]:
    """All that clients send requests to: load balancers, tables and databases."""
    kinds = ("load_balancers", "tables", "databases")
    return {name: own for kind in kinds for name, own in report.get(kind, {}).items()}


def _went_off(spells: Mapping[str, list[Any]]) -> str:
    """How many alarms went off, in words."""
    times = [len(found) for found in spells.values() if found]
    if not spells:
        return "none"
    if not times:
        return f"{len(spells)}, none of which went off"
    often = "once" if sum(times) == 1 else f"{sum(times)} times"
    return f"{len(times)} of {len(spells)} went off, {often}"


def percent(value: float | None) -> str:
    """A percentage for a person."""
    return "no requests yet" if value is None else f"{value:.3f} %"


def observed(value: Any) -> str:
    """What decided an expectation, for a person."""
    if value is None:
        return "nothing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
