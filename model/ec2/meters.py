"""The CPU time of many instances, read at once.

Instances with like loads share a station, so that a thousand of them may take a handful of
readings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model.ec2.instances import Instance
from model.flow.station import Station

Percents = NDArray[np.float64]
"""CPU utilisation in percent, one for each instance."""


class Meters:
    """The meters of some running instances, as long as their stations and effects stay the same."""

    def __init__(
        self, instances: Sequence[Instance], before: Mapping[str, float], start: float
    ) -> None:
        """`before` are readings at `start`, by the instance's id, of those that ran then."""
        self._ids = [instance.id for instance in instances]
        self._vcpus = np.array([float(instance.type.vcpus) for instance in instances])
        self._since = np.array(
            [start if i.running_since is None else i.running_since for i in instances]
        )
        self._latest = float(self._since.max(initial=start))
        """When the last of them began to run."""
        self._before = np.array(
            [
                instance.cpu_before if since > start else before.get(instance.id, 0.0)
                for instance, since in zip(instances, self._since, strict=True)
            ]
        )
        places: dict[int, int] = {}
        self._stations: list[Station] = []
        of, which = list[int](), list[int]()
        for number, instance in enumerate(instances):
            for station in instance.stations:
                if id(station) not in places:
                    places[id(station)] = len(self._stations)
                    self._stations.append(station)
                of.append(number)
                which.append(places[id(station)])
        self._single = of == list(range(len(instances)))
        """Whether each has one station."""
        self._of = np.array(of, dtype=np.intp)
        self._which = np.array(which, dtype=np.intp)
        busy = self._busy()
        self._fixed = np.array([i.cpu_seconds(0.0) for i in instances]) - busy
        burning = np.array([instance.burning for instance in instances])
        self._burning = burning if burning.any() else None

    def _busy(self) -> NDArray[np.float64]:
        """vCPU seconds that requests have used, for each instance."""
        busy = np.array([station.busy for station in self._stations])[self._which]
        if self._single:
            return busy
        summed = np.bincount(self._of, busy, len(self._ids))
        return np.asarray(summed, dtype=np.float64)

    def readings(self) -> dict[str, float]:
        """The last reading of each, by its id."""
        return dict(zip(self._ids, self._before.tolist(), strict=True))

    def percents(self, start: float, end: float) -> Percents | float:
        """What was used since the last reading, of what there was to use since `start`; one number
        if it is the same for all. There must be one instance at least, and each has run a while.
        """
        now = self._fixed + self._busy()
        if self._burning is not None:
            now += self._burning * end
        used = now - self._before
        self._before = now
        whole = self._latest <= start
        seconds = end - (start if whole else np.maximum(self._since, start))
        percents = 100 * used / (self._vcpus * seconds)
        # a sum of many steps; its last digits mean nothing and must not cross a threshold
        rounded: Percents = percents.round(6)
        first = rounded.item(0)
        if np.logical_and.reduce(rounded == first):
            return min(max(0.0, first), 100.0)
        return rounded.clip(0.0, 100.0)
