"""Where a part of a JSON text stands, for messages that name a line."""

from __future__ import annotations

import json
import re

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def line_of(text: str, path: str) -> int:
    """The line (from 1) at which the value at a path such as /widgets/0/x begins.

    Where the path leads nowhere, that of the last part that is there.
    """
    at = _after_space(text, 0)
    for step in path.split("/")[1:]:
        found = _step(text, at, step)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _step(text: str, at: int, step: str) -> int | None:
    """Where the field or the item of that name begins, of the value that begins at `at`."""
    opening, count = text[at : at + 1], 0
    if opening not in ("{", "["):
        return None
    at = _after_space(text, at + 1)
    while text[at : at + 1] not in ("}", "]", ""):
        name = str(count)
        if opening == "{":
            name, at = _DECODER.raw_decode(text, at)
            at = _after_space(text, _after_space(text, at) + 1)
        if name == step:
            return at
        _, at = _DECODER.raw_decode(text, at)
        at = _after_space(text, at)
        at = _after_space(text, at + 1) if text[at : at + 1] == "," else at
        count += 1
    return None
