"""The same work on other engines: a plain event loop, SimPy, and Ciw.

They simulate every request of a `Case`: to be compared with in speed, and to check `exact.py`,
which takes short cuts. SimPy and Ciw come with `pip install -e '.[benchmarks]'`.

    .venv/bin/python -m benchmarks.peers
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Generator
from importlib.util import find_spec
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.exact import ROUTINGS, Case, service_times, simulate

Times = NDArray[np.float64]
"""Response times in seconds, in the order in which they ended."""


def available(package: str) -> bool:
    """Whether an engine is installed."""
    return find_spec(package) is not None


def event_loop(case: Case, requests: int, seed: int) -> Times:
    """Arrivals and departures on one heap, a queue before each target."""
    randoms = random.Random(seed)
    draw, uniform = service_times(case.variation, randoms), randoms.random
    gap = randoms.expovariate
    busy = [0] * case.targets
    lines: list[deque[float]] = [deque() for _ in range(case.targets)]
    events: list[tuple[float, int, int, float]] = [(gap(case.rate), 0, -1, 0.0)]
    numbers, came, times = count(1), 0, []
    while events:
        now, _, target, arrived = heapq.heappop(events)
        if target < 0:
            if case.routing == "round_robin":
                target = came % case.targets
            elif case.routing == "random":
                target = int(uniform() * case.targets)
            else:
                inside = [own + len(line) for own, line in zip(busy, lines, strict=True)]
                fewest = min(inside)
                free = [place for place, number in enumerate(inside) if number == fewest]
                target = free[int(uniform() * len(free))]
            came += 1
            if came < requests:
                heapq.heappush(events, (now + gap(case.rate), next(numbers), -1, 0.0))
            if busy[target] < case.servers:
                busy[target] += 1
                heapq.heappush(events, (now + draw(), next(numbers), target, now))
            else:
                lines[target].append(now)
            continue
        times.append(now - arrived)
        if lines[target]:
            heapq.heappush(events, (now + draw(), next(numbers), target, lines[target].popleft()))
        else:
            busy[target] -= 1
    return np.array(times)


def simpy(case: Case, requests: int, seed: int) -> Times:
    """A process for each request, a resource for each target."""
    import simpy as engine

    randoms = random.Random(seed)
    draw = service_times(case.variation, randoms)
    world = engine.Environment()
    targets = [engine.Resource(world, capacity=case.servers) for _ in range(case.targets)]
    times: list[float] = []

    def request(target: Any) -> Generator[Any, Any, None]:
        came = world.now
        with target.request() as turn:
            yield turn
            yield world.timeout(draw())
        times.append(world.now - came)

    def choose(number: int) -> Any:
        if case.routing == "round_robin":
            return targets[number % case.targets]
        if case.routing == "random":
            return randoms.choice(targets)
        fewest = min(target.count + len(target.queue) for target in targets)
        free = [target for target in targets if target.count + len(target.queue) == fewest]
        return randoms.choice(free)

    def source() -> Generator[Any, Any, None]:
        for number in range(requests):
            yield world.timeout(randoms.expovariate(case.rate))
            world.process(request(choose(number)))

    world.process(source())
    world.run()
    return np.array(times)


def ciw(case: Case, requests: int, seed: int) -> Times:
    """A network of nodes; random routing only, as its balancing routers mean other things."""
    import ciw as engine

    engine.seed(seed)
    if case.variation == 1.0:
        service = engine.dists.Exponential(rate=1.0)
    else:
        sigma = float(np.sqrt(np.log1p(case.variation**2)))
        service = engine.dists.Lognormal(mean=-sigma * sigma / 2, sd=sigma)
    rate = case.rate / case.targets
    network = engine.create_network(
        arrival_distributions=[engine.dists.Exponential(rate=rate) for _ in range(case.targets)],
        service_distributions=[service] * case.targets,
        number_of_servers=[case.servers] * case.targets,
        routing=[[0.0] * case.targets] * case.targets,
    )
    simulation = engine.Simulation(network)
    simulation.simulate_until_max_customers(requests, method="Finish")
    records = simulation.get_all_records()
    return np.array([record.exit_date - record.arrival_date for record in records])


Engine = Callable[[Case, int, int], Times]
REQUESTS = {"exact.py": 1_000_000, "event loop": 500_000, "SimPy": 500_000, "Ciw": 200_000}


def agreement() -> Table:
    """How the engines differ from `exact.py`, in percent: by no more than chance."""
    engines: dict[str, Engine] = {"event loop": event_loop}
    if available("simpy"):
        engines["SimPy"] = simpy
    if available("ciw"):
        engines["Ciw"] = ciw
    table = Table("case", "engine", "mean %", "p50 %", "p90 %", "p99 %")
    for variation in (0.5, 1.0, 2.0):
        for routing in ROUTINGS:
            case = Case(10, 4, 0.7, variation, routing)
            truth = _figures(simulate(case, REQUESTS["exact.py"], 1))
            for name, engine in engines.items():
                if name == "Ciw" and routing != "random":
                    continue
                times = engine(case, REQUESTS[name], 2)
                figures = _figures(times[len(times) // 10 :])
                pairs = zip(figures, truth, strict=True)
                off = (f"{100 * (own / exact - 1):+.1f}" for own, exact in pairs)
                table.add_row(f"{routing} 10x4 rho=0.7 cv={variation:g}", name, *off)
    return table


def _figures(times: Times) -> list[float]:
    return [float(times.mean()), *(float(value) for value in np.percentile(times, (50, 90, 99)))]


if __name__ == "__main__":
    Console().print(agreement())
