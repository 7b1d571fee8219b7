"""Durations as people write them: `250ms`, `1.5s`, `10m`, `2h`, `1d12h`, or plain seconds."""

from __future__ import annotations

import math
import re

UNITS: dict[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

EXAMPLES = "a duration is a number with a unit: 250ms, 1.5s, 90s, 10m, 2h, 1d12h, or plain seconds"


def parse_duration(value: object) -> float:
    """Seconds. Raises `ValueError` that says what would be right."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is no duration; {EXAMPLES}")
    if isinstance(value, int | float):
        if not 0 <= value < math.inf:
            raise ValueError(f"{value!r} is no duration: it must not be negative or infinite")
        return float(value)
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{value!r} is no duration; {EXAMPLES}")
    return sum(
        float(number) / 1000 if unit == "ms" else float(number) * UNITS[unit]
        for number, unit in _PART.findall(text)
    )


def format_duration(seconds: float) -> str:
    """The shortest spelling that `parse_duration` reads as the very same number."""
    if seconds != int(seconds):
        text = f"{seconds!r}s"
        return text if "e" not in text else f"{seconds:.12f}s"
    left, parts = int(seconds), []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
