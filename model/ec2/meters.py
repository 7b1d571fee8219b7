"""What many instances used of their CPUs and networks, read at once.

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

MILLIONTHS = 1e6


Reading = tuple[float, float, float]
"""What had been used by an instant: vCPU seconds, and bytes that came and went."""
Used = tuple[float, float, float]
"""What was used over a period: per cent of the CPUs, and bytes that came and went."""
Uses = NDArray[np.float64]
"""A row for each instance, a column for each part of `Used`."""
NOTHING: Reading = (0.0, 0.0, 0.0)


@define(eq=False)
class _Meter:
    """Running instances whose readings are the same, now and later."""

    vcpus: float
    since: float
    """When they began to run."""
    before: Reading
    """The last reading."""
    fixed: Reading
    """What is used neither by requests that are counted in the stations nor by faults."""
    burning: float
    """vCPUs that faults keep busy."""
    stations: tuple[Station, ...]

    def read(self, start: float, end: float) -> Used:
        """What was used since the last reading, of what there was to use since `start`."""
        cpu, received, sent = self.fixed
        for station in self.stations:
            cpu += station.busy
            received += station.received
            sent += station.sent
        if self.burning:
            cpu += self.burning * end
        (used, came, went), self.before = self.before, (cpu, received, sent)
        percent = 100 * (cpu - used) / (self.vcpus * (end - max(self.since, start)))
        # sums of many steps: their last digits mean nothing and must not cross a threshold
        percent = round(min(max(percent, 0.0), 100.0) * MILLIONTHS) / MILLIONTHS
        return percent, round(received - came), round(sent - went)


class Meters:
    """The meters of some running instances, as long as their stations and effects stay the same."""

    def __init__(
        self, instances: Sequence[Instance], before: Mapping[str, Reading], start: float
    ) -> None:
        """`before` are readings at `start`, by the instance's id, of those that ran then."""
        self._ids = [instance.id for instance in instances]
        meters: dict[tuple[object, ...], _Meter] = {}
        self._each: list[_Meter] = []
        """The meter of each instance."""
        for instance in instances:
            since = start if instance.running_since is None else instance.running_since
            if since > start:
                reading = (instance.cpu_before, *instance.network_before)
            else:
                reading = before.get(instance.id, NOTHING)
            stations = tuple(instance.stations)
            fixed = _without(instance, stations)
            vcpus, burning = float(instance.type.vcpus), instance.burning
            alike = (vcpus, since, reading, fixed, burning)
            meter = meters.setdefault(
                (*alike, *map(id, stations)), _Meter(*alike, stations=stations)
            )
            self._each.append(meter)
        self._meters = list(meters.values())
        places = {id(meter): place for place, meter in enumerate(self._meters)}
        self._places = [places[id(meter)] for meter in self._each]

    def readings(self) -> dict[str, Reading]:
        """The last reading of each, by its id."""
        return {name: meter.before for name, meter in zip(self._ids, self._each, strict=True)}

    def read(self, start: float, end: float) -> Uses | Used:
        """What was used since the last reading, of what there was to use since `start`; told once
        if it is the same for all. There must be one instance at least, and each has run a while.
        """
        uses = [meter.read(start, end) for meter in self._meters]
        if uses.count(uses[0]) == len(uses):
            return uses[0]
        return np.array(uses)[self._places]


def _without(instance: Instance, stations: Sequence[Station]) -> Reading:
    """What an instance has used beside what its present stations tell of."""
    received, sent = instance.network_bytes
    return (
        instance.cpu_seconds(0.0) - sum([station.busy for station in stations]),
        received - sum([station.received for station in stations]),
        sent - sum([station.sent for station in stations]),
    )
