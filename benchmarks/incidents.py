"""Metrics made up with known incidents in them, to measure anomaly detection on.

Two weeks at five minutes, as a load balancer, an instance or a database would report them. Seeds
with an even number were tuned on, odd ones are for reporting.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

PERIOD = 300.0
COUNT = 4032
DAY = 288
START = 1392595200.0
"""Monday 2014-02-17, s since 1970."""
Floats = NDArray[np.float64]


@frozen
class Incident:
    """What happened from one point to another (its end not included)."""

    kind: str
    first: int
    last: int


@frozen
class Series:
    """A metric of two weeks."""

    name: str
    values: Floats
    incidents: tuple[Incident, ...]

    @property
    def times(self) -> Floats:
        """Starts of the periods, s since 1970."""
        return np.arange(START, START + PERIOD * self.values.size, PERIOD)


def wander(rng: np.random.Generator, memory: float) -> Floats:
    """Noise of standard deviation 1 that remembers `memory` periods (a first-order process)."""
    keep = np.exp(-1.0 / memory)
    steps = rng.normal(size=COUNT) * np.sqrt(1.0 - keep**2)
    value, path = rng.normal(), np.empty(COUNT)
    for index, step in enumerate(steps):
        value = keep * value + step
        path[index] = value
    return path


def requests(rng: np.random.Generator) -> Floats:
    """Request counts: a day's wave, quieter weekends, chance in proportion and by the root."""
    day = np.arange(COUNT) / DAY
    wave = 1.0 + 0.6 * np.sin(2 * np.pi * (day - rng.uniform()))
    weekend = np.where(day.astype(int) % 7 >= 5, rng.uniform(0.5, 1.0), 1.0)
    rate = 10 ** rng.uniform(1.3, 3.5) * wave * weekend * np.exp(0.1 * wander(rng, 30))
    return rng.poisson(rate * rng.gamma(20, 1 / 20, COUNT)).astype(float)


def busy_cpu(rng: np.random.Generator) -> Floats:
    """CPU without a pattern: a level, noise, and noise that lasts for hours."""
    level = rng.uniform(25, 70)
    noise = rng.normal(size=COUNT) * rng.uniform(0.5, 3) + wander(rng, 24) * rng.uniform(0.3, 3)
    return np.clip(level + noise, 0, 100)


def idle_cpu(rng: np.random.Generator) -> Floats:
    """CPU of an instance at rest: few values, small spikes at random, a job on the hour."""
    base = rng.choice([0.066, 0.068, 0.132, 0.134, 0.2], COUNT, p=[0.3, 0.2, 0.3, 0.15, 0.05])
    spikes = rng.uniform(size=COUNT) < rng.uniform(0.002, 0.03)
    base[spikes] += rng.exponential(1.5, spikes.sum())
    if rng.uniform() < 0.5:
        base[rng.integers(12) :: 12] += 0.8
    return base


def network(rng: np.random.Generator) -> Floats:
    """Bytes in: skewed, with bursts and a nightly backup."""
    values = np.exp(13 + 0.5 * rng.normal(size=COUNT) + 0.4 * wander(rng, 100))
    bursts = rng.uniform(size=COUNT) < 0.01
    values[bursts] *= rng.uniform(2, 12, bursts.sum())
    backup = rng.integers(DAY)
    for start in range(backup, COUNT, DAY):
        values[start : start + 6] += np.exp(15.5) * rng.uniform(0.8, 1.2)
    return np.asarray(values, dtype=np.float64)


def database(rng: np.random.Generator) -> Floats:
    """CPU of a database: a weak wave of the day, a slow drift, noise."""
    day = np.arange(COUNT) / DAY
    wave = rng.uniform(0.2, 2.0) * np.sin(2 * np.pi * day)
    drift = rng.uniform(-0.2, 0.2) * day + rng.uniform(0.2, 1.0) * wander(rng, 600)
    values = 14 + wave + drift + rng.standard_t(5, COUNT) * 0.5
    return np.asarray(values.clip(0, 100), dtype=np.float64)


def office(rng: np.random.Generator) -> Floats:
    """Sessions of an office: by day on working days, little else."""
    day = np.arange(COUNT) / DAY
    hours = np.clip(np.sin(np.pi * ((day % 1) * 24 - 7) / 12), 0, None)
    hours = np.where(day.astype(int) % 7 >= 5, 0.15, 1.0) * hours
    rate = 20 + 400 * hours * np.exp(0.08 * wander(rng, 50))
    return np.asarray(rng.poisson(rate), dtype=np.float64)


def worker(rng: np.random.Generator) -> Floats:
    """CPU of an instance that works off jobs: hours at one load, then at another, up to 100."""
    values, at = np.empty(COUNT), 0
    while at < COUNT:
        lasts = int(rng.exponential(60)) + 6
        load, noise = rng.uniform(5, 105), rng.exponential(4)
        values[at : at + lasts] = load + noise * rng.normal(size=min(lasts, COUNT - at))
        at += lasts
    return np.clip(values, 0, 100)


def moody_network(rng: np.random.Generator) -> Floats:
    """Bytes in whose noise is calm for days and wild for days."""
    mood = np.exp(0.7 * wander(rng, 500))
    noise = mood * rng.standard_t(4, COUNT).clip(-8, 8) + wander(rng, 50)
    return np.asarray(2e6 * np.exp(0.1 * noise), dtype=np.float64)


MAKERS: tuple[Callable[[np.random.Generator], Floats], ...] = (
    requests,
    busy_cpu,
    idle_cpu,
    network,
    database,
    office,
    worker,
    moody_network,
)
KINDS = ("spike", "shift", "outage", "ramp", "stuck", "none")


def inject(values: Floats, kind: str, rng: np.random.Generator) -> Incident:
    """Put an incident into the second week, large against the metric's usual range."""
    first = int(rng.integers(7 * DAY, 13 * DAY))
    low, high = np.quantile(values, (0.05, 0.95))
    size = (high - low) * rng.uniform(1.5, 4.0)
    lasts = {"spike": 6, "shift": 4 * DAY, "outage": 18, "ramp": DAY, "stuck": DAY}.get(kind, 0)
    last = min(first + lasts, COUNT)
    part = slice(first, last)
    match kind:
        case "spike" | "shift":
            values[part] += size
        case "outage":
            values[part] = 0.0
        case "ramp":
            values[part] += size * np.linspace(0.0, 1.0, last - first)
        case "stuck":
            values[part] = values[first]
    return Incident(kind, first, last)


def series(seed: int) -> list[Series]:
    """One of each metric with each kind of incident."""
    found = []
    for number, make in enumerate(MAKERS):
        for other, kind in enumerate(KINDS):
            rng = np.random.default_rng((seed, number, other))
            values = make(rng)
            incident = inject(values, kind, rng)
            incidents = (incident,) if kind != "none" else ()
            found.append(Series(f"{make.__name__} {kind}", values, incidents))
    return found
