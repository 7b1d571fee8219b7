"""The CPU time of many instances, read at once.

Instances with like loads share a station, and most of those were launched together: a thousand of
them may take a handful of readings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import define
from numpy.typing import NDArray

from model.ec2.instances import Instance
from model.flow.station import Station

Percents = NDArray[np.float64]
"""CPU utilisation in percent, one for each instance."""
MILLIONTHS = 1e6


@define(eq=False)
class _Meter:
    """Running instances whose readings are the same, now and later."""

    vcpus: float
    since: float
    """When they began to run."""
    before: float
    """The last reading (vCPU seconds)."""
    fixed: float
    """What is used neither by requests that are counted in the stations nor by faults."""
    burning: float
    """vCPUs that faults keep busy."""
    stations: tuple[Station, ...]

    def percent(self, start: float, end: float) -> float:
        """What was used since the last reading, of what there was to use since `start`."""
        busy = _busy(self.stations)
        now = self.fixed + busy
        if self.burning:
            now += self.burning * end
        used, self.before = now - self.before, now
        percent = 100 * used / (self.vcpus * (end - max(self.since, start)))
        # a sum of many steps; its last digits mean nothing and must not cross a threshold
        return round(min(max(percent, 0.0), 100.0) * MILLIONTHS) / MILLIONTHS


class Meters:
    """The meters of some running instances, as long as their stations and effects stay the same."""

    def __init__(
        self, instances: Sequence[Instance], before: Mapping[str, float], start: float
    ) -> None:
        """`before` are readings at `start`, by the instance's id, of those that ran then."""
        self._ids = [instance.id for instance in instances]
        meters: dict[tuple[object, ...], _Meter] = {}
        self._each: list[_Meter] = []
        """The meter of each instance."""
        for instance in instances:
            since = start if instance.running_since is None else instance.running_since
            reading = instance.cpu_before if since > start else before.get(instance.id, 0.0)
            stations = tuple(instance.stations)
            fixed = instance.cpu_seconds(0.0) - _busy(stations)
            vcpus, burning = float(instance.type.vcpus), instance.burning
            alike = (vcpus, since, reading, fixed, burning)
            meter = meters.setdefault(
                (*alike, *map(id, stations)), _Meter(*alike, stations=stations)
            )
            self._each.append(meter)
        self._meters = list(meters.values())
        places = {id(meter): place for place, meter in enumerate(self._meters)}
        self._places = [places[id(meter)] for meter in self._each]

    def readings(self) -> dict[str, float]:
        """The last reading of each, by its id."""
        return {name: meter.before for name, meter in zip(self._ids, self._each, strict=True)}

    def percents(self, start: float, end: float) -> Percents | float:
        """What was used since the last reading, of what there was to use since `start`; one number
        if it is the same for all. There must be one instance at least, and each has run a while.
        """
        percents = [meter.percent(start, end) for meter in self._meters]
        if percents.count(percents[0]) == len(percents):
            return percents[0]
        return np.array(percents)[self._places]


def _busy(stations: Sequence[Station]) -> float:
    """vCPU seconds that requests have used."""
    busy = 0.0
    for station in stations:
        busy += station.busy
    return busy
