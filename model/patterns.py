"""Patterns with wildcards, as listener rules have them: `*` any characters, `?` exactly one."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def wildcard(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """The pattern as an expression that a whole text must match; `\\*` and `\\?` are themselves."""
    parts = re.findall(r"\\[*?\\]|.", pattern, re.DOTALL)
    known = {"*": ".*", "?": "."}
    expression = "".join([known.get(part) or re.escape(part[-1]) for part in parts])
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def wildcards_in(pattern: str) -> int:
    """How many wildcards a pattern has."""
    return len(re.findall(r"(?<!\\)[*?]", pattern))
