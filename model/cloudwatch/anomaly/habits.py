"""Spikes that come at about the same hour of most days: a backup, a report, a nightly job.

They are no pattern, since they are never at quite the same minute, and no part of the noise, since
they come at one hour and at no other: they are expected at that hour, at every deviation.
"""

from __future__ import annotations

import numpy as np

from model.cloudwatch.anomaly.robust import Bools, Floats, Indices

LOOKED_AT = 7
"""How many days back spikes are counted."""
SPIKE = 4.0
"""Deviations beyond which an error is a spike."""
REACHED_AT = 2.0
"""Deviations at which the band reaches as far as the spikes did."""
HEADROOM = 1.1
"""How much further than that it does."""
TALLER = 1.5
"""How many times as far as the band a spike is part of the habit; beyond it is an incident."""


def habits(day: Indices, hour: Indices, parts: Floats) -> Floats:
    """How far spikes reach by hour of the day (24,), 0 at hours that are used to none.

    `parts` are errors in deviations, `day` the days they fall in (ascending), `hour` their hour. An
    hour is used to spikes if most of the last days had one in it or in the hour before or after.
    """
    count = min(int(day[-1] - day[0]) + 1, LOOKED_AT)
    recent = day > day[-1] - count
    if count < 2 or parts[recent].max() <= SPIKE:
        return np.zeros(24)
    highest = np.zeros((count, 24))
    np.maximum.at(highest, (day[recent] - day[-1] - 1, hour[recent]), parts[recent])
    before, after = np.roll(highest, 1, axis=1), np.roll(highest, -1, axis=1)
    near = np.maximum(highest, np.maximum(before, after))
    # The highest but one: an incident at such an hour is no habit.
    reach = HEADROOM * np.sort(near, axis=0)[-2]
    often = np.sum(near > SPIKE, axis=0) * 2 > count
    return np.where(often, reach, 0.0)


def explained(hour: Indices, parts: Floats, reach: Floats) -> Bools:
    """Which errors are spikes that their hour is used to: they say nothing of other hours."""
    return (parts > SPIKE) & (parts <= TALLER * reach[hour])
