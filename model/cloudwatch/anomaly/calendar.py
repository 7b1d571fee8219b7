"""Local time: which hour of which day a moment falls in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
from attrs import frozen

from model.clock import DAY, HOUR
from model.cloudwatch.anomaly.robust import Floats, Indices

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Calendar:
    """Turns seconds since `epoch` into seconds of local time, counted from a Monday."""

    epoch: datetime = EPOCH
    zone: tzinfo = UTC

    def local(self, times: Floats) -> Floats:
        """Seconds since a Monday's midnight in the time zone, where clocks are set as there."""
        base = (self.epoch - EPOCH).total_seconds() + 3 * DAY
        if self.zone is UTC:
            return times + base
        hours, place = np.unique(np.floor(times / HOUR), return_inverse=True)
        if hours.size and self._offset(hours[0]) == self._offset(hours[-1]):
            return times + (base + self._offset(hours[0]))
        offsets = np.array([self._offset(hour) for hour in hours])
        return np.asarray(times + base + offsets[place], dtype=np.float64)

    def _offset(self, hour: float) -> float:
        moment = self.epoch.astimezone(UTC) + timedelta(hours=float(hour))
        offset = moment.astimezone(self.zone).utcoffset()
        return 0.0 if offset is None else offset.total_seconds()


def days(local: Floats) -> Indices:
    """The number of the local day; multiples of seven are Mondays."""
    return np.floor(local / DAY).astype(np.int64)


def slots(local: Floats, length: float) -> Indices:
    """Which stretch of `length` seconds of its day each moment is in."""
    return np.floor((local % DAY) / length).astype(np.int64)
