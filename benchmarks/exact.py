"""The exact thing: every single request simulated, in a plain heapq loop.

What the engine's formulas are measured against. Service times are those of the engine: exponential
for a coefficient of variation of 1, else log-normal. Routing is over like targets with first come,
first served queues of their own.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

ROUTINGS = ("random", "round_robin", "least_outstanding_requests")


@frozen
class Case:
    """A steady load on some like targets; the mean service time is one second."""

    targets: int
    servers: int
    utilisation: float
    variation: float
    routing: str

    @property
    def rate(self) -> float:
        """Requests per second to all targets together."""
        return self.targets * self.servers * self.utilisation


def simulate(case: Case, requests: int, seed: int) -> NDArray[np.float64]:
    """Response times of so many requests, the first tenth (warming up) left out."""
    randoms = random.Random(seed)
    return _simulate(case, randoms, service_times(case.variation, randoms), requests)


def simulate_kinds(
    case: Case, kinds: Sequence[tuple[float, float]], requests: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Response times where requests are of several kinds (the share and the mean service time of
    each), and the number of each one's kind."""
    randoms = random.Random(seed)
    one, came = service_times(case.variation, randoms), list[int]()
    numbers, shares = range(len(kinds)), [share for share, _ in kinds]

    def draw() -> float:
        came.append(randoms.choices(numbers, shares)[0])
        return kinds[came[-1]][1] * one()

    times = _simulate(case, randoms, draw, requests)
    return times, np.array(came[-len(times) :])


def simulate_unequal(
    case: Case, slowness: Sequence[float], requests: int, seed: int
) -> NDArray[np.float64]:
    """Response times where each target takes so many times as long as the case says."""
    randoms = random.Random(seed)
    draw = service_times(case.variation, randoms)
    return _simulate(case, randoms, draw, requests, slowness)


def _simulate(
    case: Case,
    randoms: random.Random,
    draw: Callable[[], float],
    requests: int,
    slowness: Sequence[float] = (),
) -> NDArray[np.float64]:
    loop = _least_outstanding if case.routing == ROUTINGS[2] else _chosen_beforehand
    slow = list(slowness) or [1.0] * case.targets
    times = np.fromiter(loop(case, randoms, draw, requests, slow), np.float64, requests)
    return times[requests // 10 :]


def service_times(variation: float, randoms: random.Random) -> Callable[[], float]:
    """Draws service times of mean 1."""
    if variation == 1.0:
        return lambda: -math.log(1.0 - randoms.random())
    sigma = math.sqrt(math.log1p(variation * variation))
    mu = -sigma * sigma / 2
    gauss = randoms.gauss
    return lambda: math.exp(mu + sigma * gauss(0.0, 1.0))


def _chosen_beforehand(
    case: Case,
    randoms: random.Random,
    draw: Callable[[], float],
    requests: int,
    slow: list[float],
) -> Iterator[float]:
    """Random and round robin: the target does not hang on the state of any."""
    free = [[0.0] * case.servers for _ in range(case.targets)]
    turns = cycle(range(case.targets))
    uniform, gap, now = randoms.random, 1 / case.rate, 0.0
    take_turns = case.routing == "round_robin"
    for _ in range(requests):
        now -= gap * math.log(1.0 - uniform())
        target = next(turns) if take_turns else int(uniform() * case.targets)
        servers = free[target]
        done = max(now, servers[0]) + draw() * slow[target]
        heapq.heapreplace(servers, done)
        yield done - now


def _least_outstanding(
    case: Case,
    randoms: random.Random,
    draw: Callable[[], float],
    requests: int,
    slow: list[float],
) -> Iterator[float]:
    """The target with the fewest requests inside; of several one by chance."""
    free = [[0.0] * case.servers for _ in range(case.targets)]
    inside = [0] * case.targets
    levels: list[list[int]] = [list(range(case.targets))]
    places = list(range(case.targets))
    """Where each target stands in the list of its level."""
    ends: list[tuple[float, int]] = []
    uniform, gap, now = randoms.random, 1 / case.rate, 0.0

    def move(target: int, step: int) -> None:
        level, place = levels[inside[target]], places[target]
        last = level.pop()
        if last != target:
            level[place] = last
            places[last] = place
        inside[target] += step
        if inside[target] == len(levels):
            levels.append([])
        places[target] = len(levels[inside[target]])
        levels[inside[target]].append(target)

    for _ in range(requests):
        now -= gap * math.log(1.0 - uniform())
        while ends and ends[0][0] <= now:
            move(heapq.heappop(ends)[1], -1)
        level = next(level for level in levels if level)
        target = level[int(uniform() * len(level))]
        done = max(now, free[target][0]) + draw() * slow[target]
        heapq.heapreplace(free[target], done)
        heapq.heappush(ends, (done, target))
        move(target, 1)
        yield done - now
