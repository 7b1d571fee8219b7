"""Spikes that come at about the same hour of most days: a backup, a report, a nightly job.

They are no pattern, since they are never at quite the same minute, and no part of the noise, since
they come at one hour and at no other: they are expected at that hour, at every deviation.
"""

from __future__ import annotations

import numpy as np

from model.cloudwatch.anomaly.robust import Floats, Indices

LOOKED_AT = 7
"""How many days back spikes are counted."""
SPIKE = 4.0
"""Deviations beyond which an error is a spike."""
HEADROOM = 1.1
"""How much further than the spikes were the band reaches."""


def habits(day: Indices, hour: Indices, parts: Floats) -> Floats:
    """How high spikes reach by hour of the day (24,), 0 at hours that are used to none.

    `parts` are errors in deviations, `day` the days they fall in (ascending), `hour` their hour. An
    hour is used to spikes if most of the last days had one in it or an hour before or after.
    """
    recent = day > day[-1] - LOOKED_AT
    count = min(int(day[-1] - day[0]) + 1, LOOKED_AT)
    if count < 2 or parts[recent].max() <= SPIKE:
        return np.zeros(24)
    highest = np.zeros((count, 24))
    np.maximum.at(highest, (day[recent] - day[-1] - 1, hour[recent]), parts[recent])
    near = np.maximum(highest, np.maximum(np.roll(highest, 1, axis=1), np.roll(highest, -1, axis=1)))
    # The highest but one: a single incident at such an hour is no habit.
    reach = np.sort(near, axis=0)[-2]
    often = np.sum(near > SPIKE, axis=0) * 2 > count
    return np.where(often, HEADROOM * reach, 0.0)
