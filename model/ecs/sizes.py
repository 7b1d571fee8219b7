"""Task sizes: how much CPU and memory Fargate gives to a task.

Source: "Amazon ECS task definition differences for Fargate" (task CPU and memory). Sizes are CPU
units (1,024 to a vCPU) and MiB, or text with a unit: `1 vCPU`, `2 GB`.
"""

from __future__ import annotations

import re

UNITS = 1024
"""CPU units of one vCPU, and MiB of one GB."""

MEMORY: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16_384 + 1, 1024)),
    4096: tuple(range(8192, 30_720 + 1, 1024)),
    8192: tuple(range(16_384, 61_440 + 1, 4096)),
    16_384: tuple(range(32_768, 122_880 + 1, 8192)),
    32_768: (61_440, 122_880, 249_856),
}
"""The memory (MiB) that goes with each number of CPU units."""
LEAST_OF_WINDOWS = 1024
MOST_OF_WINDOWS = 4096
"""CPU units of a task that runs Windows."""

_CPU = re.compile(r"(\d*\.?\d+)\s*vcpu", re.IGNORECASE)
_MEMORY = re.compile(r"(\d*\.?\d+)\s*gb", re.IGNORECASE)


def cpu_units(text: str) -> int:
    """CPU units: `256`, `.25 vCPU`. `ValueError` says what would be right."""
    return _read(text, _CPU, "256 or .25 vCPU")


def mebibytes(text: str) -> int:
    """MiB: `512`, `0.5 GB`. `ValueError` says what would be right."""
    return _read(text, _MEMORY, "512 or 0.5 GB")


def _read(text: str, unit: re.Pattern[str], example: str) -> int:
    text = text.strip()
    if text.isdecimal():
        return int(text)
    found = unit.fullmatch(text)
    if found is None:
        raise ValueError(f"must be a size such as {example}, not {text!r}")
    return round(float(found[1]) * UNITS)


def check_cpu(cpu: int, *, windows: bool = False) -> None:
    """Whether Fargate has tasks with so many CPU units; `ValueError` lists what it has."""
    sizes = [n for n in MEMORY if not windows or LEAST_OF_WINDOWS <= n <= MOST_OF_WINDOWS]
    if cpu not in sizes:
        listed = ", ".join(map(str, sizes))
        raise ValueError(f"must be one of {listed} for Fargate, not {cpu}")


def check_memory(cpu: int, memory: int) -> None:
    """Whether so many MiB go with so many CPU units; `ValueError` lists what does."""
    if memory not in MEMORY[cpu]:
        raise ValueError(
            f"must be {_listed(MEMORY[cpu])} MiB for Fargate with a Cpu of {cpu}, not {memory}"
        )


def _listed(values: tuple[int, ...]) -> str:
    """`512, 1024 or 2048`, or `4096 to 16384 in steps of 1024` where there are many."""
    step = values[1] - values[0]
    if len(values) > 4 and values == tuple(range(values[0], values[-1] + 1, step)):
        return f"{values[0]} to {values[-1]} in steps of {step}"
    return f"{', '.join(map(str, values[:-1]))} or {values[-1]}"
