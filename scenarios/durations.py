"""Durations as people write them: `250ms`, `1.5s`, `10m`, `2h`, `1d12h`, or plain seconds."""

from __future__ import annotations

import math
import re
from decimal import Decimal

UNITS: dict[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

_EXACT = 2**53
"""Beyond this, sums of whole seconds may be rounded; in one piece they are not."""

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
        seconds = float(text)
    elif _WHOLE.fullmatch(text):
        seconds = sum(
            float(number) / 1000 if unit == "ms" else float(number) * UNITS[unit]
            for number, unit in _PART.findall(text)
        )
    else:
        raise ValueError(f"{value!r} is no duration; {EXAMPLES}")
    if seconds == math.inf:
        raise ValueError(f"{value!r} is no duration: it is too long")
    return seconds


def format_duration(seconds: float) -> str:
    """The shortest spelling that `parse_duration` reads as the very same number."""
    if seconds != int(seconds) or seconds > _EXACT:
        return f"{Decimal(repr(float(seconds))):f}s"
    left, parts = int(seconds), []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
