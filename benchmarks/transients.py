"""How right a world is while its load changes, minute by minute, against every request simulated.

    .venv/bin/python -m benchmarks.transients

A course is played by whole worlds and by a plain event loop; what CloudWatch would show of each
minute is compared. Both are means over some seeds.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.exact import service_times
from benchmarks.worlds import scenario
from model.clock import MINUTE
from model.ec2.effects import Effect
from model.elb.attributes import KeyValue
from model.elb.resources import TargetGroup
from model.flow.latency import mean, no_latencies, percentile
from model.traffic.shapes import Stage, Stages
from model.world import World
from scenarios.player import make_world
from scenarios.scenario import Scenario

SERVICE = 0.05
"""Mean seconds of service."""
BACKLOG = 1000
WARMING = 60.0
"""Seconds in which an event loop comes to rest: more than a thousand services."""
PERCENTS = (50, 90, 99)


Spells = dict[int, list[tuple[float, float]]]
"""From when until when each target was sent nothing, by its place."""


@frozen
class Course:
    """A group of like targets through some minutes. Times are seconds since the start."""

    name: str
    load: tuple[tuple[float, float], ...]
    """From when on the group is loaded to which share of what it can do."""
    minutes: int
    targets: int = 10
    servers: int = 4
    variation: float = 1.0
    routing: str = "round_robin"
    slow: tuple[float, float, float] | None = None
    """From when until when services take how many times longer."""
    out: tuple[int, float, float] | None = None
    """How many targets fail their health checks from when until when."""
    watched: tuple[int, ...] = field(factory=tuple)
    """The minutes that matter; none: all."""
    seeds: int = 3
    repeats: int = 5
    """How often every request is simulated for each seed."""

    @property
    def capacity(self) -> float:
        """Requests per second that the group can do."""
        return self.targets * self.servers / SERVICE


@frozen
class Minutes:
    """What each minute saw: response times in seconds, one row a minute."""

    mean: NDArray[np.float64]
    percentiles: NDArray[np.float64]
    """A column for each of `PERCENTS`."""
    answered: NDArray[np.float64]
    failed: NDArray[np.float64]


# -- every request ----------------------------------------------------------------------------


def simulate(course: Course, seed: int, out: Spells) -> NDArray[np.float64]:
    """When each request ended, and how long it took (NaN: it was refused).

    `out` tells when each target was sent nothing, by its place.
    """
    randoms = random.Random(seed)
    draw = service_times(course.variation, randoms)
    until = course.minutes * MINUTE
    busy = [0] * course.targets
    lines: list[deque[float]] = [deque() for _ in range(course.targets)]
    events: list[tuple[float, int, int, float]] = []
    ended: list[tuple[float, float]] = []
    number = turn = 0
    changes = sorted(
        {0.0, *(edge for spells in out.values() for spell in spells for edge in spell)}
    )
    eligible: dict[float, list[int]] = {
        time: [
            place
            for place in range(course.targets)
            if not any(begin <= time < end for begin, end in out.get(place, []))
        ]
        for time in changes
    }
    present, later = eligible[changes[0]], deque(changes[1:])
    rates = [(-WARMING, course.load[0][1]), *course.load]
    arrivals = _arrivals(rates, course.capacity, until, randoms)
    coming = next(arrivals, None)

    def serve(target: int, now: float, came: float) -> None:
        nonlocal number
        factor = 1.0
        if course.slow is not None and course.slow[0] <= now < course.slow[1]:
            factor = course.slow[2]
        number += 1
        heapq.heappush(events, (now + SERVICE * factor * draw(), number, target, came))

    while coming is not None or events:
        if coming is not None and (not events or coming <= events[0][0]):
            now, coming = coming, next(arrivals, None)
            while later and later[0] <= now:
                present = eligible[later.popleft()] or list(range(course.targets))
            if course.routing == "round_robin":
                turn += 1
                target = present[turn % len(present)]
            else:
                inside = [busy[place] + len(lines[place]) for place in present]
                fewest = min(inside)
                free = [p for p, held in zip(present, inside, strict=True) if held == fewest]
                target = free[int(randoms.random() * len(free))]
            if busy[target] < course.servers:
                busy[target] += 1
                serve(target, now, now)
            elif len(lines[target]) < BACKLOG:
                lines[target].append(now)
            else:
                ended.append((now, np.nan))
            continue
        now, _, target, came = heapq.heappop(events)
        ended.append((now, now - came))
        if lines[target]:
            serve(target, now, lines[target].popleft())
        else:
            busy[target] -= 1
    return np.array(ended)


def _arrivals(
    rates: list[tuple[float, float]], capacity: float, until: float, randoms: random.Random
) -> Iterator[float]:
    edges = [*(time for time, _ in rates), until]
    for (start, end), (_, load) in zip(pairwise(edges), rates, strict=True):
        now = start
        while load > 0 and (now := now + randoms.expovariate(load * capacity)) < end:
            yield now


def exact(course: Course, outs: list[Spells]) -> Minutes:
    """What each minute saw, of every request simulated."""
    played = outs * course.repeats
    ended = np.concatenate([simulate(course, seed, out) for seed, out in enumerate(played)])
    rows = []
    for minute in range(course.minutes):
        within = (ended[:, 0] >= minute * MINUTE) & (ended[:, 0] < (minute + 1) * MINUTE)
        times = ended[within, 1]
        answered = times[~np.isnan(times)]
        percentiles = np.percentile(answered, PERCENTS)
        rows.append((answered.mean(), *percentiles, len(answered), np.isnan(times).sum()))
    return _minutes(np.array(rows), len(played))


# -- worlds -----------------------------------------------------------------------------------


def worlds(course: Course) -> tuple[Minutes, list[Spells]]:
    """What each minute saw in worlds, and when their targets were sent nothing."""
    histograms = [no_latencies() for _ in range(course.minutes)]
    failed = [0] * course.minutes
    outs = []
    for seed in range(course.seeds):
        world = _play(course, seed)
        (ledger,) = world.elb.ledgers.values()
        for minute in range(course.minutes):
            tally = ledger.records[minute * MINUTE].requests.tally()
            tally.latencies.add_to(histograms[minute])
            failed[minute] += sum(tally.outcomes.values()) - tally.answered
        outs.append(_spells_out(world))
    rows = []
    for histogram, number in zip(histograms, failed, strict=True):
        percentiles = [percentile(histogram, percent) for percent in PERCENTS]
        rows.append((mean(histogram), *percentiles, histogram.sum(), number))
    return _minutes(np.array(rows), course.seeds), outs


def _minutes(rows: NDArray[np.float64], seeds: int) -> Minutes:
    return Minutes(rows[:, 0], rows[:, 1:4], rows[:, 4] / seeds, rows[:, 5] / seeds)


def _play(course: Course, seed: int) -> World:
    world = make_world(evolve(_scenario(course), seed=seed))
    world.run(0.0)
    for group in world.autoscaling.groups:
        world.autoscaling.suspend_processes(group, ())
    instances = list(world.ec2.instances.values())
    moments: list[tuple[float, int, str, Effect | None]] = []
    if course.slow is not None:
        begin, end, factor = course.slow
        moments += [(begin, course.targets, "slow", Effect(slowdown=factor))]
        moments += [(end, course.targets, "slow", None)]
    if course.out is not None:
        count, begin, end = course.out
        moments += [(begin, count, "out", Effect(failing_checks=True)), (end, count, "out", None)]
    for time, count, name, effect in sorted(moments, key=lambda moment: moment[0]):
        world.run(time)
        for instance in instances[:count]:
            instance.set_effect(time, name, effect)
    world.run(course.minutes * MINUTE)
    return world


def _spells_out(world: World) -> Spells:
    (group,) = world.elb.groups.values()
    spells: Spells = {}
    for place, target in enumerate(group.targets.values()):
        changes = world.journal.history(f"{group.id}/{target.id}", "health")
        edges = [*((change.time, change.value.state) for change in changes), (np.inf, "")]
        for (begin, state), (end, _) in pairwise(edges):
            if state == "unhealthy" and begin > 0.0:
                spells.setdefault(place, []).append((begin, end))
    return spells


def _scenario(course: Course) -> Scenario:
    duration = course.minutes * MINUTE
    base = scenario(
        course.targets, course.capacity, duration, utilisation=1.0, servers=course.servers
    )
    (service,) = base.services
    (source,) = base.traffic
    stages, begun = [], -base.history
    level = course.load[0][1] * course.capacity
    for time, load in course.load:
        stages += [Stage(time - begun, level), Stage(0.0, load * course.capacity)]
        begun, level = time, load * course.capacity
    shape = Stages(course.load[0][1] * course.capacity, tuple(stages))
    resources = dict(base.stack.resources)
    for name, resource in resources.items():
        if isinstance(resource, TargetGroup):
            attribute = KeyValue(key="load_balancing.algorithm.type", value=course.routing)
            given = (*resource.target_group_attributes, attribute)
            resources[name] = evolve(resource, target_group_attributes=given)
    return evolve(
        base,
        stack=evolve(base.stack, resources=resources),
        services=(evolve(service, variation=course.variation, backlog=BACKLOG),),
        traffic=(evolve(source, shape=shape),),
    )


# -- side by side -----------------------------------------------------------------------------

SPIKE = ((0.0, 0.7), (60.0, 1.3), (180.0, 0.7))


def courses() -> list[Course]:
    """What is compared. Close to capacity chance rules, so that the truth takes more seeds."""
    made = []
    for variation in (0.5, 1.0, 2.0):
        for routing in ("round_robin", "least_outstanding_requests"):
            kind: dict[str, Any] = {"variation": variation, "routing": routing}
            made.append(Course("spike to 130 % for 120 s", SPIKE, 7, **kind))
            for load in (0.95, 0.98, 1.0, 1.05):
                name, steps = f"a minute at {load:.0%}", ((0.0, 0.7), (60.0, load))
                made.append(Course(name, steps, 2, watched=(1,), seeds=6, repeats=15, **kind))
            slow, out = (60.0, 120.0, 5.0), (1, 60.0, 200.0)
            made.append(Course("five times slower for 60 s", ((0.0, 0.5),), 6, slow=slow, **kind))
            made.append(Course("one of ten out for 140 s", ((0.0, 0.7),), 6, out=out, **kind))
    return made


@frozen
class Found:
    """By how much a world was off, in percent: a row for each watched minute, a column for the mean
    and each of `PERCENTS`."""

    course: Course
    errors: NDArray[np.float64]

    @property
    def worst(self) -> list[float]:
        """The largest error of each column, with its sign."""
        places = np.abs(self.errors).argmax(axis=0)
        return [float(self.errors[row, column]) for column, row in enumerate(places)]


def compare(course: Course) -> Found:
    """Play a course both ways."""
    ours, outs = worlds(course)
    truth = exact(course, outs)
    watched = list(course.watched or range(course.minutes))
    own = np.column_stack((ours.mean, ours.percentiles))[watched]
    real = np.column_stack((truth.mean, truth.percentiles))[watched]
    return Found(course, 100 * (own / real - 1))


def compare_all() -> list[Found]:
    """All courses, on all cores."""
    with ProcessPoolExecutor() as pool:
        return list(pool.map(compare, courses()))


def summary(found: list[Found]) -> Table:
    """The largest error of each course, weak spots first."""
    lines = Table("course", "routing", "cv", "mean %", "p50 %", "p90 %", "p99 %")
    for item in sorted(found, key=lambda item: -max(abs(error) for error in item.worst)):
        course = item.course
        lines.add_row(
            *(course.name, course.routing, f"{course.variation:g}"),
            *(f"{error:+.1f}" for error in item.worst),
        )
    return lines


if __name__ == "__main__":
    Console(width=140).print(summary(compare_all()))
