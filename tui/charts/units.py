"""CloudWatch's units as a chart writes them: in seconds, bytes or bits, whatever they come in."""

from __future__ import annotations

from tui.charts.views import Unit

_SIZES = {"": 1.0, "Kilo": 1e3, "Mega": 1e6, "Giga": 1e9, "Tera": 1e12}


def _scaled() -> dict[str, tuple[Unit, float]]:
    made: dict[str, tuple[Unit, float]] = {
        "Percent": ("Percent", 1.0),
        "Count": ("Count", 1.0),
        "Count/Second": ("Count/Second", 1.0),
        "Seconds": ("Seconds", 1.0),
        "Milliseconds": ("Seconds", 1e-3),
        "Microseconds": ("Seconds", 1e-6),
    }
    for prefix, factor in _SIZES.items():
        bytes_, bits = ("Bytes", "Bits") if not prefix else (f"{prefix}bytes", f"{prefix}bits")
        made |= {bytes_: ("Bytes", factor), bits: ("Bits", factor)}
        made |= {f"{bytes_}/Second": ("Bytes/Second", factor)}
        made |= {f"{bits}/Second": ("Bits/Second", factor)}
    return made


_UNITS = _scaled()


def chart_unit(unit: str, statistic: str = "") -> tuple[Unit, float]:
    """The unit that a chart writes for a statistic of a metric of that unit, and by what its values
    are multiplied for it. How many samples there are is a count, a percentile rank a percentage."""
    if statistic == "SampleCount" or statistic.upper().startswith("TC"):
        return "Count", 1.0
    if statistic.upper().startswith("PR"):
        return "Percent", 1.0
    return _UNITS.get(unit, ("None", 1.0))
