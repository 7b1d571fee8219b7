"""How right the engine is where requests differ: kinds on one target, services on one instance.

Run it from the repository root: `.venv/bin/python -m benchmarks.mixtures` (some minutes). Four in
five requests are short, the fifth takes five times as long. As kinds of one service they wait for
the same workers; as services of one instance they wait for the same vCPUs, and each is looked at
by itself. And targets may differ: half of them twice as fast as the others.
"""

from __future__ import annotations

from itertools import product
from multiprocessing import Pool
from typing import cast

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import SERVICE
from benchmarks.exact import ROUTINGS, Case, simulate_kinds, simulate_unequal
from benchmarks.truth import STATISTICS, name_of
from model.ec2.sharing import Host
from model.elb.cohorts import Cohort, Standing
from model.elb.scope import Scope
from model.elb.targets import Target
from model.flow import latency
from model.flow.capability import Answering, Capability, Work
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline

SHARES = (0.8, 0.2)
TIMES = (1 / 1.8, 5 / 1.8)
"""Mean service times of the two kinds; of all requests it is one."""
REQUESTS = 400_000
STEP = 60.0


@frozen
class Row:
    """One case: the errors in percent of mean, p50, p90 and p99."""

    name: str
    errors: tuple[float, ...]


def kinds_cases() -> list[Case]:
    """Loads of which both kinds come to like targets."""
    sizes = product((1, 10), (1, 4, 16), (0.5, 0.7, 0.85), (0.5, 1.0), ROUTINGS)
    return [Case(*size) for size in sizes if size[0] > 1 or size[-1] == ROUTINGS[0]]


def services_cases() -> list[Case]:
    """Loads on one instance whose vCPUs two services share."""
    return [
        Case(1, vcpus, rho, 1.0, ROUTINGS[0]) for vcpus, rho in product((1, 2, 4), (0.5, 0.7, 0.85))
    ]


def unequal_cases() -> list[Case]:
    """Loads (of the slow targets' capacity) on unequal targets; those that take turns are all sent
    as much, and the slow ones must be able to serve it."""
    sizes = product((2, 10), (1, 4), (0.5, 0.85, 1.2), (1.0,), ROUTINGS)
    return [Case(*size) for size in sizes if size[2] < 1 or size[-1] == ROUTINGS[2]]


def kinds_row(case: Case) -> Row:
    """The engine against every request simulated: two kinds, all requests together."""
    right, _ = simulate_kinds(case, tuple(zip(SHARES, TIMES, strict=True)), REQUESTS, seed=1)
    works = tuple(Work(0.0, SERVICE * time, case.variation) for time in TIMES)
    station = Station(_capability(case.servers, 1000.0, works=works), idle_timeout=4000.0)
    mixture, rate = Mixture(), case.rate / case.targets / SERVICE
    for step in range(60):
        mixture.clear()
        station.expect(rate, tuple(enumerate(SHARES)))
        discipline = Discipline(case.routing)
        station.step(step * STEP, STEP, rate * STEP, discipline, case.targets, mixture)
    return Row(f"kinds: {name_of(case)}", _errors(mixture, right))


def services_rows(case: Case) -> list[Row]:
    """The engine against every request simulated: two services, each by itself."""
    right, which = simulate_kinds(case, tuple(zip(SHARES, TIMES, strict=True)), REQUESTS, seed=1)
    stations = [
        Station(_capability(1000, case.servers, cpu_time=SERVICE * time), idle_timeout=4000.0)
        for time in TIMES
    ]
    host = Host(case.servers, tuple(stations))
    mixtures = [Mixture() for _ in stations]
    rates = [share * case.rate / SERVICE for share in SHARES]
    for step in range(60):
        for station, rate in zip(stations, rates, strict=True):
            station.expect(rate, ())
        for place, station in enumerate(stations):
            station.share_cpu(host.others(place))
        for station, rate, mixture in zip(stations, rates, mixtures, strict=True):
            mixture.clear()
            station.step(step * STEP, STEP, rate * STEP, Discipline.RANDOM, 1, mixture)
    return [
        Row(f"services: {kind} {name_of(case)}", _errors(mixture, right[which == number]))
        for number, (kind, mixture) in enumerate(zip(("short", "long"), mixtures, strict=True))
    ]


def unequal_row(case: Case) -> Row:
    """The engine against every request simulated: half of the targets are twice as fast."""
    half = case.targets // 2
    right = simulate_unequal(case, [1.0] * half + [0.5] * half, REQUESTS, seed=1)
    cohorts = [
        Cohort(
            Station(_capability(case.servers, 1000.0, wait_time=time), idle_timeout=4000.0),
            cast(list[Target], list(range(half))),
            Standing.HEALTHY,
        )
        for time in (SERVICE, SERVICE / 2)
    ]
    scope = Scope(("zone",), None, None, cohorts=cohorts, eligible=cohorts, peers=case.targets)
    for step in range(300):
        scope.mixture.clear()
        scope.receive("zone", 0, case.rate / SERVICE, 1000.0)
        scope.share_out(float(step), 1.0, Discipline(case.routing))
        scope.step(float(step), 1.0, Discipline(case.routing))
    return Row(f"unequal: {name_of(case)}", _errors(scope.mixture, right))


def _capability(
    workers: float,
    vcpus: float,
    *,
    cpu_time: float = 0.0,
    wait_time: float = 0.0,
    works: tuple[Work, ...] = (),
) -> Capability:
    return Capability(
        Answering.SERVING,
        cpu_time=cpu_time,
        wait_time=wait_time,
        workers=workers,
        vcpus=vcpus,
        backlog=10**6,
        works=works,
    )


def _errors(mixture: Mixture, right: NDArray[np.float64]) -> tuple[float, ...]:
    histogram = mixture.histogram()
    percentiles = (latency.percentile(histogram, percent) for percent in (50, 90, 99))
    mine = (latency.mean(histogram), *percentiles)
    true = (right.mean(), *np.percentile(right, (50, 90, 99)))
    return tuple(
        100 * (own / SERVICE / float(exact) - 1) for own, exact in zip(mine, true, strict=True)
    )


def rows() -> list[Row]:
    """All cases."""
    with Pool() as pool:
        kinds = pool.map_async(kinds_row, kinds_cases())
        services = pool.map_async(services_rows, services_cases())
        unequal = pool.map_async(unequal_row, unequal_cases())
        return kinds.get() + unequal.get() + [row for pair in services.get() for row in pair]


def table(found: list[Row], most: int | None = None) -> Table:
    """The cases (or the `most` of them), worst first."""
    made = Table("case", *(f"{name} %" for name in STATISTICS))
    for row in sorted(found, key=lambda one: -max(map(abs, one.errors)))[:most]:
        made.add_row(row.name, *(f"{error:+.1f}" for error in row.errors))
    return made


if __name__ == "__main__":
    Console(width=110).print(table(rows()))
