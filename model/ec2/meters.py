"""What many instances used of their CPUs and networks, read at once.

Instances with like loads share a station, and most of those were launched together: a thousand of
them may take a handful of readings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
    """Running instances that use the same, now and later."""

    vcpus: float
    since: float
    """When they began to run."""
    before: Reading
    """The last reading, without what each has used in other ways."""
    burning: float
    """vCPUs that faults keep busy."""
    stations: tuple[Station, ...]

    def read(self, start: float, end: float) -> Used:
        """What was used since the last reading, of what there was to use since `start`."""
        cpu = received = sent = 0.0
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
        self._each: list[_Meter] = []
        """The meter of each instance."""
        self._fixed: list[Reading] = []
        """What each uses neither by requests that are counted in the stations nor by faults."""
        for instance in instances:
            since = start if instance.running_since is None else instance.running_since
            if since > start:
                reading = (instance.cpu_before, *instance.network_before)
            else:
                reading = before.get(instance.id, NOTHING)
            stations = tuple(instance.stations)
            fixed = _without(instance, stations)
            own = reading[0] - fixed[0], reading[1] - fixed[1], reading[2] - fixed[2]
            vcpus, burning = float(instance.type.vcpus), instance.burning
            self._each.append(_Meter(vcpus, since, own, burning, stations))
            self._fixed.append(fixed)
        self._begun = False
        """Whether they have been read: what went before makes no difference any more."""
        self._join(lambda meter: (meter.since, meter.before))

    def _join(self, kind: Callable[[_Meter], object]) -> None:
        """Have like instances of the same kind use one meter."""
        meters: dict[tuple[object, ...], _Meter] = {}
        for place, meter in enumerate(self._each):
            alike = kind(meter), meter.vcpus, meter.burning, *map(id, meter.stations)
            self._each[place] = meters.setdefault(alike, meter)
        self._meters = list(meters.values())
        places = {id(meter): place for place, meter in enumerate(self._meters)}
        self._places = [places[id(meter)] for meter in self._each]

    def readings(self) -> dict[str, Reading]:
        """The last reading of each, by its id."""
        each = zip(self._ids, self._each, self._fixed, strict=True)
        return {name: _sum(meter.before, fixed) for name, meter, fixed in each}

    def read(self, start: float, end: float) -> Uses | Used:
        """What was used since the last reading, of what there was to use since `start`; told once
        if it is the same for all. There must be one instance at least, and each has run a while.
        """
        uses = [meter.read(start, end) for meter in self._meters]
        same, places = uses.count(uses[0]) == len(uses), self._places
        if not self._begun:
            self._begun = True
            self._join(lambda meter: None)
        return uses[0] if same else np.array(uses)[places]


def _sum(first: Reading, second: Reading) -> Reading:
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]


def _without(instance: Instance, stations: Sequence[Station]) -> Reading:
    """What an instance has used beside what its present stations tell of."""
    received, sent = instance.network_bytes
    return (
        instance.cpu_seconds(0.0) - sum([station.busy for station in stations]),
        received - sum([station.received for station in stations]),
        sent - sum([station.sent for station in stations]),
    )
