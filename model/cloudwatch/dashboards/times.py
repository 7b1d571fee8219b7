"""The times of a dashboard: instants, and ranges that end now."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_RELATIVE = re.compile(r"-P(?:T(\d+)([MH])|(\d+)([DWM]))")
_SECONDS = {"M": 60.0, "H": 3600.0}
_DAYS = {"D": 1.0, "W": 7.0, "M": 30.0}


def moment(text: str) -> datetime | None:
    """An instant in the ISO 8601 format, in UTC if it does not say; None: it is none."""
    if "T" not in text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def relative(text: str) -> float | None:
    """The seconds of a range such as -PT3H or -P7D; None: it is none."""
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return None
    if found[1]:
        return int(found[1]) * _SECONDS[found[2]]
    return int(found[3]) * _DAYS[found[4]] * 86_400.0
