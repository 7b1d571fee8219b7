"""What the app costs while a large world plays in it: the CPU it takes, and how soon keys answer.

    .venv/bin/python -m benchmarks.live

The app runs as it does in a terminal, with its screen drawn to memory.
"""

from __future__ import annotations

import asyncio
import gc
from time import perf_counter, process_time

from attrs import evolve
from rich.console import Console
from rich.table import Table

from benchmarks.worlds import DAY, scenario
from scenarios.library import find
from scenarios.loader import load
from tui.app import SpilloverApp

SECONDS = 20.0
"""Wall time to watch each."""
BEAT = 0.01
"""Seconds between two looks whether the app still answers."""
SIZES = ((80, 24), (120, 40), (200, 60))
SCREENS: dict[str, tuple[str, ...]] = {
    "live": (),
    "metrics": ("M", "slash", *"requestcount", "enter", "enter", "down", "enter", "down", "enter"),
    "alarm": ("A",),
}
"""The keys that lead to each screen."""


async def watch(
    targets: int, speed: float, size: tuple[int, int], keys: tuple[str, ...] = ()
) -> tuple[float, float, float]:
    """The share of a core taken, and the median and the longest time a key had to wait (s), on the
    screen that `keys` lead to."""
    gc.collect()  # of the world that was watched before
    played = scenario(targets, 100.0 * targets, DAY, utilisation=0.5, daily=True)
    app = SpilloverApp(lambda: evolve(load(find("calm-day")), scenario=played))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(1.0)
        while app.live.pacer.past:
            await pilot.pause(0.1)
        await pilot.pause(2.0)
        await pilot.press(*keys)
        app.live.pacer.speed = speed
        await pilot.pause(2.0)
        waits, begun, used = [], perf_counter(), process_time()
        while perf_counter() - begun < SECONDS:
            before = perf_counter()
            await asyncio.sleep(BEAT)
            waits.append(perf_counter() - before - BEAT)
        share = (process_time() - used) / (perf_counter() - begun)
    waits.sort()
    return share, waits[len(waits) // 2], waits[-1]


def table() -> Table:
    """A line for each size of the terminal."""
    lines = Table(
        *("screen", "targets", "speed", "terminal", "of one core", "a key waits", "at most"),
        title="The app, while 200 targets play at 600x",
    )
    for name, keys in SCREENS.items():
        for size in SIZES:
            share, middle, longest = asyncio.run(watch(200, 600.0, size, keys))
            lines.add_row(
                *(name, "200", "600x", f"{size[0]}x{size[1]}", f"{share:.0%}"),
                *(f"{1000 * middle:.0f} ms", f"{1000 * longest:.0f} ms"),
            )
    return lines


if __name__ == "__main__":
    Console().print(table())
