"""Hourly loads made up as lifelike as we can, to measure forecasts on.

Four weeks of hours, as a load balancer, a group of instances, a queue or a database would report
them: 40 families, from a clean wave of the day to noise without one. Seed 0 was tuned on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

HOURS = 24
DAYS = 28
COUNT = DAYS * HOURS
START = 1392595200.0
"""Monday 2014-02-17, s since 1970."""
Floats = NDArray[np.float64]
Chance = np.random.Generator


@frozen
class Load:
    """The load of each hour; nan where nothing was reported."""

    name: str
    times: Floats
    """Starts of the hours, s since 1970."""
    values: Floats


# -- what loads are made of -------------------------------------------------------------------

HOUR = np.arange(COUNT)
TIME_OF_DAY = HOUR % HOURS


def wander(rng: Chance, memory: float) -> Floats:
    """Noise of standard deviation 1 that remembers `memory` hours (a first-order process)."""
    keep = np.exp(-1.0 / memory)
    steps = rng.normal(size=COUNT) * np.sqrt(1.0 - keep**2)
    value, path = rng.normal(), np.empty(COUNT)
    for index, step in enumerate(steps):
        value = keep * value + step
        path[index] = value
    return path


def walk(rng: Chance, step: float) -> Floats:
    """A factor that drifts for ever, by `step` (standard deviation of its logarithm) a day."""
    return np.asarray(np.exp(np.cumsum(rng.normal(size=COUNT)) * step / np.sqrt(HOURS)))


def wave(rng: Chance, depth: float) -> Floats:
    """A day's smooth wave around 1, with a second harmonic, its peak at any hour."""
    angle = 2 * np.pi * (TIME_OF_DAY - rng.uniform(0, HOURS)) / HOURS
    second = rng.uniform(0, 0.4)
    return 1 + depth * (np.sin(angle) + second * np.sin(2 * angle + rng.uniform(0, 6))) / 1.3


def humps(rng: Chance, low: float) -> Floats:
    """A day of two peaks, at noon and in the evening, over a quiet night."""
    noon, evening = rng.uniform(9, 14), rng.uniform(18, 22)
    first = np.exp(-(((TIME_OF_DAY - noon) / rng.uniform(1.5, 3)) ** 2))
    second = np.exp(-(((TIME_OF_DAY - evening) / rng.uniform(1, 2.5)) ** 2))
    return np.asarray(low + first + rng.uniform(0.4, 1.2) * second)


def office_hours(rng: Chance, low: float) -> Floats:
    """From `low` to 1 at the beginning of work, and back at its end."""
    begin, end = rng.integers(6, 10), rng.integers(16, 20)
    return np.where((begin <= TIME_OF_DAY) & (end > TIME_OF_DAY), 1.0, low)


def week(rng: Chance, weekend: float) -> Floats:
    """A factor for each day of the week; series begin on any of them."""
    day = (HOUR // HOURS + rng.integers(7)) % 7
    usual = 1 + 0.05 * rng.normal(size=7)
    return np.asarray(np.where(day >= 5, weekend, 1.0) * usual[day])


def counts(rng: Chance, rate: Floats, spread: float = 0.05) -> Floats:
    """Whole numbers around a rate, whose chance is wider than a Poisson's by `spread`."""
    shape = 1.0 / spread**2
    return rng.poisson(np.maximum(rate, 0) * rng.gamma(shape, 1 / shape, COUNT)).astype(float)


def size(rng: Chance, low: float = 1.5, high: float = 5.0) -> float:
    """How much there is of it: anything between powers of ten."""
    return float(10 ** rng.uniform(low, high))


def spikes(rng: Chance, share: float, reach: float) -> Floats:
    """Factors that are 1 but in some hours."""
    hit = rng.uniform(size=COUNT) < share
    return np.where(hit, 1 + rng.exponential(reach, COUNT), 1.0)


# -- families ---------------------------------------------------------------------------------


def web(rng: Chance) -> Floats:
    return counts(rng, size(rng) * wave(rng, 0.6) * week(rng, 0.9) * np.exp(0.05 * wander(rng, 5)))


def web_deep(rng: Chance) -> Floats:
    return counts(rng, size(rng) * wave(rng, 0.95) * np.exp(0.1 * wander(rng, 20)))


def web_weekend(rng: Chance) -> Floats:
    weekend = rng.uniform(0.3, 0.7)
    return counts(rng, size(rng) * wave(rng, 0.7) * week(rng, weekend))


def web_moody(rng: Chance) -> Floats:
    return counts(rng, size(rng) * wave(rng, 0.6) * np.exp(0.35 * wander(rng, 48)), 0.15)


def web_drifting(rng: Chance) -> Floats:
    return counts(rng, size(rng) * wave(rng, 0.6) * walk(rng, 0.15))


def web_growing(rng: Chance) -> Floats:
    growth = np.exp(HOUR / HOURS * rng.uniform(0.02, 0.08))
    return counts(rng, size(rng) * wave(rng, 0.6) * week(rng, 0.8) * growth)


def web_shrinking(rng: Chance) -> Floats:
    decline = np.exp(-HOUR / HOURS * rng.uniform(0.02, 0.06))
    return counts(rng, size(rng) * wave(rng, 0.6) * decline)


def shop(rng: Chance) -> Floats:
    return counts(rng, size(rng) * humps(rng, 0.05) * week(rng, rng.uniform(0.8, 1.6)), 0.1)


def shop_spiky(rng: Chance) -> Floats:
    return counts(rng, size(rng) * humps(rng, 0.1) * spikes(rng, 0.02, 2.0), 0.1)


def shop_gaps(rng: Chance) -> Floats:
    values = shop(rng)
    values[rng.uniform(size=COUNT) < 0.05] = np.nan
    first = int(rng.integers(8 * HOURS, COUNT - 2 * HOURS))
    values[first : first + int(rng.integers(6, 40))] = np.nan
    return values


def shop_outage(rng: Chance) -> Floats:
    values = shop(rng)
    for _ in range(3):
        first = int(rng.integers(0, COUNT - 12))
        values[first : first + int(rng.integers(2, 12))] *= rng.uniform(0, 0.2)
    return values


def few(rng: Chance) -> Floats:
    return counts(rng, rng.uniform(0.5, 6.0) * wave(rng, 0.8))


def rare(rng: Chance) -> Floats:
    return counts(rng, 0.2 * np.exp(wander(rng, 10)))


def bursts(rng: Chance) -> Floats:
    return counts(rng, size(rng) * np.exp(1.0 * wander(rng, 2)))


def bursts_daily(rng: Chance) -> Floats:
    return counts(rng, size(rng) * wave(rng, 0.6) * np.exp(0.8 * wander(rng, 2)))


def office(rng: Chance) -> Floats:
    return counts(rng, size(rng) * office_hours(rng, 0.05) * week(rng, rng.uniform(0.05, 0.3)))


def office_smooth(rng: Chance) -> Floats:
    day = np.clip(np.sin(np.pi * (TIME_OF_DAY - rng.uniform(6, 8)) / 12), 0.02, None)
    return counts(rng, size(rng) * day * week(rng, 0.15) * np.exp(0.08 * wander(rng, 8)))


def office_holiday(rng: Chance) -> Floats:
    values = office(rng)
    first = int(rng.integers(10, 26)) * HOURS
    values[first : first + HOURS] *= 0.1
    return values


def nightly(rng: Chance) -> Floats:
    start, lasts = rng.integers(HOURS), rng.integers(1, 4)
    job = np.where((TIME_OF_DAY - start) % HOURS < lasts, size(rng, 0.5, 1.5), 0.0)
    return (2 + job * np.exp(0.1 * rng.normal(size=COUNT))) * np.exp(0.1 * wander(rng, 4))


def nightly_late(rng: Chance) -> Floats:
    values = 1 + 0.1 * rng.gamma(4, 1, COUNT)
    for day in range(DAYS):
        first = day * HOURS + int(rng.integers(1, 5))
        values[first : first + 2] += rng.uniform(20, 30)
    return values


def weekly_job(rng: Chance) -> Floats:
    day = (HOUR // HOURS + rng.integers(7)) % 7
    job = (day == 6) & (TIME_OF_DAY >= 2) & (2 + rng.integers(3, 10) > TIME_OF_DAY)
    return np.where(job, 60.0, 5.0) + rng.gamma(2, 1, COUNT)


def weekly_only(rng: Chance) -> Floats:
    day = (HOUR // HOURS + rng.integers(7)) % 7
    return counts(rng, size(rng) * rng.uniform(0.3, 2, 7)[day], 0.1)


def half_daily(rng: Chance) -> Floats:
    angle = 2 * np.pi * HOUR / 12 + rng.uniform(0, 6)
    return counts(rng, size(rng) * (1.2 + np.sin(angle)), 0.1)


def every_six_hours(rng: Chance) -> Floats:
    job = np.where((HOUR + rng.integers(6)) % 6 == 0, rng.uniform(1, 8), 0.0)
    return (3 + job) * np.exp(0.1 * rng.normal(size=COUNT))


def odd_cycle(rng: Chance) -> Floats:
    angle = 2 * np.pi * HOUR / rng.uniform(7, 40)
    return np.asarray(40 + 15 * np.sin(angle) + 3 * rng.normal(size=COUNT))


def busy_cpu(rng: Chance) -> Floats:
    noise = rng.normal(size=COUNT) * rng.uniform(0.5, 3) + wander(rng, 10) * rng.uniform(0.3, 5)
    return np.clip(rng.uniform(25, 70) + noise, 0, 100)


def idle_cpu(rng: Chance) -> Floats:
    return np.asarray(0.1 + 0.02 * rng.gamma(2, 1, COUNT) * spikes(rng, 0.02, 5.0))


def steady(rng: Chance) -> Floats:
    return np.asarray(size(rng) * (1 + 0.002 * rng.normal(size=COUNT)))


def stepping_cpu(rng: Chance) -> Floats:
    values, at = np.empty(COUNT), 0
    while at < COUNT:
        lasts = int(rng.exponential(40)) + 3
        values[at : at + lasts] = rng.uniform(5, 95)
        at += lasts
    return np.clip(values + 3 * rng.normal(size=COUNT), 0, 100)


def database(rng: Chance) -> Floats:
    drift = rng.uniform(-0.2, 0.2) * HOUR / HOURS + rng.uniform(0.2, 1.5) * wander(rng, 60)
    weak = rng.uniform(0.2, 3.0) * (wave(rng, 1.0) - 1)
    return np.asarray(np.clip(14 + weak + drift + 0.5 * rng.standard_t(5, COUNT), 0, 100))


def random_walk(rng: Chance) -> Floats:
    return np.asarray(50 * walk(rng, 0.3))


def bytes_in(rng: Chance) -> Floats:
    values = np.exp(13 + 0.5 * rng.normal(size=COUNT) + 0.4 * wander(rng, 10))
    return np.asarray(values * spikes(rng, 0.01, 5.0))


def bytes_backup(rng: Chance) -> Floats:
    backup = np.where(rng.integers(HOURS) == TIME_OF_DAY, size(rng, 0.3, 1.3), 0.0)
    return np.asarray(1e6 * (np.exp(0.4 * rng.normal(size=COUNT)) + backup))


def shifted_up(rng: Chance) -> Floats:
    values = web(rng)
    values[int(rng.integers(9 * HOURS, 20 * HOURS)) :] *= rng.uniform(1.4, 3.0)
    return values


def shifted_down(rng: Chance) -> Floats:
    values = web(rng)
    values[int(rng.integers(9 * HOURS, 20 * HOURS)) :] *= rng.uniform(0.3, 0.7)
    return values


def raised(rng: Chance) -> Floats:
    """A level added below an unchanged wave: a new job beside the old load."""
    values = 20 * wave(rng, 0.8) + rng.normal(size=COUNT)
    values[int(rng.integers(9 * HOURS, 20 * HOURS)) :] += rng.uniform(10, 40)
    return np.clip(values, 0, None)


def new_pattern(rng: Chance) -> Floats:
    at = int(rng.integers(9 * HOURS, 20 * HOURS))
    return np.where(at > HOUR, web(rng), web(rng))


def growing_wave(rng: Chance) -> Floats:
    """The base stays, the day's wave on it grows."""
    grown = np.linspace(0.2, 2.0, COUNT)
    return np.asarray(30 + 10 * grown * wave(rng, 0.9) + rng.normal(size=COUNT))


def sale(rng: Chance) -> Floats:
    values = shop(rng)
    first = int(rng.integers(9 * HOURS, 24 * HOURS))
    values[first : first + 2 * HOURS] *= rng.uniform(2, 5)
    return values


def marathon(rng: Chance) -> Floats:
    """Weekdays and weekends have days of different shape, and it drifts."""
    day = (HOUR // HOURS + rng.integers(7)) % 7
    shapes = np.where(day >= 5, humps(rng, 0.2), office_hours(rng, 0.2))
    return counts(rng, size(rng) * shapes * walk(rng, 0.08), 0.1)


FAMILIES: tuple[Callable[[Chance], Floats], ...] = (
    *(web, web_deep, web_weekend, web_moody, web_drifting, web_growing, web_shrinking),
    *(shop, shop_spiky, shop_gaps, shop_outage, few, rare, bursts, bursts_daily),
    *(office, office_smooth, office_holiday, nightly, nightly_late, weekly_job, weekly_only),
    *(half_daily, every_six_hours, odd_cycle, busy_cpu, idle_cpu, steady, stepping_cpu),
    *(database, random_walk, bytes_in, bytes_backup, shifted_up, shifted_down, raised),
    *(new_pattern, growing_wave, sale, marathon),
)


def loads(seed: int) -> list[Load]:
    """One of each family."""
    times: Floats = START + 3600.0 * HOUR.astype(np.float64)
    made = []
    for number, make in enumerate(FAMILIES):
        values = make(np.random.default_rng((seed, number)))
        made.append(Load(make.__name__.replace("_", " "), times, values))
    return made
