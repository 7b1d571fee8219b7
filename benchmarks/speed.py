"""How fast worlds are played: simulated seconds per second of wall time, and what starting costs.

Run it from the repository root: `.venv/bin/python -m benchmarks.speed`. Nothing here is a test:
figures depend on the machine, ratios less so.
"""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

from rich.console import Console
from rich.table import Table

from scenarios.library import entries
from scenarios.loader import load
from scenarios.player import play

ROUNDS = 3
COMMANDS = {
    "--help": "from tui.cli import main; main(['--help'])",
    "list": "from tui.cli import main; main(['list'])",
    "the app's modules": "import tui.app",
    "(a bare interpreter)": "pass",
}


def scenarios() -> Table:
    """A line for each shipped scenario."""
    table = Table("scenario", "simulated", "wall", "times real time", "requests per wall second")
    for entry in entries():
        scenario = load(entry.path).scenario
        best, requests = float("inf"), 0
        for _ in range(ROUNDS):
            begun = perf_counter()
            requests = play(scenario).report["requests"]["total"]
            best = min(best, perf_counter() - begun)
        simulated = scenario.history + scenario.duration
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
    table = Table("start of", "best of three", "times a bare interpreter")
    best = {name: min(_seconds(code) for _ in range(ROUNDS)) for name, code in COMMANDS.items()}
    bare = best["(a bare interpreter)"]
    for name, seconds in best.items():
        table.add_row(name, f"{1000 * seconds:.0f} ms", f"{seconds / bare:.1f}")
    return table


def _seconds(code: str) -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


if __name__ == "__main__":
    console = Console()
    console.print(scenarios())
    console.print(starts())
