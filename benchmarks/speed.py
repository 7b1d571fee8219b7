"""How fast worlds are played, side by side with engines that simulate every request.

    .venv/bin/python -m benchmarks.speed

Figures depend on the machine, ratios less so: whatever is compared is measured in turns, and the
best of each counts. Nothing here is a test. SimPy takes part if it is installed
(`pip install -e '.[benchmarks]'`).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from benchmarks import peers
from benchmarks.exact import Case
from benchmarks.worlds import DAY, HOUR, scenario, tell_apart
from model.clock import MINUTE
from model.world import World
from scenarios.library import entries
from scenarios.loader import load
from scenarios.player import make_world, play
from scenarios.scenario import Scenario

ROUNDS = 15
LONG_ROUNDS = 4
"""Of what takes seconds."""
PEER_WORK = Case(targets=10, servers=4, utilisation=0.7, variation=1.0, routing="round_robin")
PEER_RATE = 560.0
"""Requests per second of the peer work."""
COMMANDS = {
    "--help": "from tui.cli import main; main(['--help'])",
    "list": "from tui.cli import main; main(['list'])",
    "the app's modules": "import tui.app",
    "(a bare interpreter)": "pass",
}


def peer_work() -> Table:
    """An hour of 10 targets with 4 workers each at 70 %, in turns; the whole world runs."""
    table = Table(
        *("requests/s", "world, an hour", "times real time", "times an event loop"),
        *("times SimPy", "whole world / bare flow"),
        title="10 targets, 4 workers each, 70 %, round robin",
    )
    for rate in (PEER_RATE, 10 * PEER_RATE, 100 * PEER_RATE):
        played = scenario(10, rate, HOUR)
        snapshot = _begun(played).snapshot()
        best = dict.fromkeys(("world", "flow", "loop", "simpy"), float("inf"))
        for _ in range(ROUNDS):
            best["world"] = min(best["world"], _seconds_of(World.restore(snapshot), HOUR))
            best["flow"] = min(best["flow"], _seconds_of_flow(World.restore(snapshot), HOUR))
            best["loop"] = min(best["loop"], _seconds_each(peers.event_loop, 100_000))
            if peers.available("simpy"):
                best["simpy"] = min(best["simpy"], _seconds_each(peers.simpy, 20_000))
        requests = rate * HOUR
        table.add_row(
            f"{rate:,.0f}",
            f"{1000 * best['world']:.0f} ms",
            f"{HOUR / best['world']:,.0f}",
            f"{best['loop'] * requests / best['world']:,.0f}",
            f"{best['simpy'] * requests / best['world']:,.0f}" if best["simpy"] < 1 else "-",
            f"{best['world'] / best['flow']:.1f}",
        )
    return table


APART = 4 * HOUR
"""Part of a day that a fleet is played whose targets all differ."""


def large() -> Table:
    """Days and weeks of fleets under a daily wave."""
    table = Table(
        *("world", "start", "simulated", "wall", "times real time"),
        title="Under a daily wave, at 25 to 75 %",
    )
    for targets, rate, duration in (
        (10, 1e3, DAY),
        (100, 2e4, 7 * DAY),
        (1000, 2e6, DAY),
    ):
        played = scenario(targets, rate, duration, utilisation=0.5, daily=True)
        begun = perf_counter()
        world = _begun(played)
        start, took = perf_counter() - begun, _best(world, duration)
        _large_row(table, f"{targets} targets, {rate:,.0f} requests/s", start, duration, took)
    world = _begun(scenario(1000, 2e6, APART, utilisation=0.5, daily=True))
    tell_apart(world)
    took = _best(world, APART)
    _large_row(table, "the same, each target in a state of its own", 0.0, APART, took)
    return table


def _best(world: World, duration: float) -> float:
    """The least that it takes to play on, of several times."""
    snapshot = world.snapshot()
    return min(_seconds_of(World.restore(snapshot), duration) for _ in range(LONG_ROUNDS))


def _large_row(table: Table, name: str, start: float, simulated: float, wall: float) -> None:
    table.add_row(
        name,
        f"{start:.2f} s" if start else "",
        f"{simulated / HOUR:g} h",
        f"{wall:.2f} s",
        f"{simulated / wall:,.0f}",
    )


def scenarios() -> Table:
    """A line for each shipped scenario, from its beginning to its report."""
    table = Table(
        *("scenario", "simulated", "wall", "times real time", "requests per wall second"),
        title="Shipped scenarios",
    )
    for entry in entries():
        loaded = load(entry.path).scenario
        best, requests = float("inf"), 0
        for _ in range(LONG_ROUNDS):
            begun = perf_counter()
            requests = play(loaded).report["requests"]["total"]
            best = min(best, perf_counter() - begun)
        simulated = loaded.history + loaded.duration
        table.add_row(
            entry.name,
            f"{simulated / 3600:.1f} h",
            f"{best:.2f} s",
            f"{simulated / best:,.0f}",
            f"{requests / best:,.0f}",
        )
    return table


def starts() -> Table:
    """A line for each way to start."""
    table = Table("start of", "best of five", "times a bare interpreter")
    best = {name: min(_seconds(code) for _ in range(ROUNDS)) for name, code in COMMANDS.items()}
    bare = best["(a bare interpreter)"]
    for name, seconds in best.items():
        table.add_row(name, f"{1000 * seconds:.0f} ms", f"{seconds / bare:.1f}")
    return table


def memory() -> Table:
    """What months leave behind, in processes of their own."""
    table = Table("simulated", "targets", "requests/s", "memory", title="Memory")
    for days in (1, 15, 30, 90):
        code = f"from benchmarks.speed import month; month({days})"
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        table.add_row(f"{days} d", "10", "1,000", f"{int(done.stdout):,} MB")
    return table


def month(days: int) -> None:
    """Play so many days and print the process's largest size in megabytes."""
    duration = days * DAY
    _begun(scenario(10, 1e3, duration, utilisation=0.5, daily=True)).run(duration)
    status = Path("/proc/self/status").read_text().splitlines()  # Linux only
    print(next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")))


def _begun(played: Scenario) -> World:
    """The world at the scenario's start: its targets are healthy."""
    world = make_world(played)
    world.run(0.0)
    return world


def _seconds_of(world: World, duration: float) -> float:
    begun = perf_counter()
    world.run(duration)
    return perf_counter() - begun


def _seconds_of_flow(world: World, duration: float) -> float:
    """The bare flow of the same work: arrivals, queues, response times, counted each minute."""
    begun = perf_counter()
    for minute in range(1, int(duration / MINUTE) + 1):
        world.elb.flow(minute * MINUTE)
        world.elb.settle()
    return perf_counter() - begun


def _seconds_each(engine: peers.Engine, requests: int) -> float:
    """What a request takes on another engine."""
    begun = perf_counter()
    engine(PEER_WORK, requests, 1)
    return (perf_counter() - begun) / requests


def _seconds(code: str) -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


if __name__ == "__main__":
    console = Console()
    for table in (peer_work, large, scenarios, memory, starts):
        console.print(table())
