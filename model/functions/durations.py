"""How long the invocations of a minute took: the metric Duration.

The times are drawn from the law that the group's response times follow, without cold starts, which
are no part of a Duration. A function that runs out of time took all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from model.cloudwatch.statistics import Datapoint
from model.flow.buckets import NO_BUCKETS, Buckets
from model.flow.capability import SLOWEST_START
from model.flow.latency import MIDDLES
from model.flow.mixture import Mixture
from model.functions.concurrency import FunctionStation

MILLISECONDS = 1000.0


@frozen(eq=False)
class Durations:
    """The durations of all invocations of a function in a minute."""

    buckets: Buckets = NO_BUCKETS
    """Of those that ended in time."""
    scale: float = 1.0
    """What the middle of a bucket is multiplied by, so that the mean is that of the law."""
    late: int = 0
    """Those that took all the time that they had."""
    timeout: float = 0.0
    """That time (seconds)."""
    checks: int = 0
    """Health checks."""
    check_time: float = 0.0
    """What each of those took (seconds)."""

    @property
    def datapoint(self) -> Datapoint | None:
        """The datapoint in milliseconds; None: there was no invocation."""
        times = Counter[float]()
        middles = MIDDLES[self.buckets.indices] * self.scale
        for middle, number in zip(middles.tolist(), self.buckets.counts.tolist(), strict=True):
            times[min(middle, self.timeout)] += number
        times[self.timeout] += self.late
        times[self.check_time] += self.checks
        known = {time * MILLISECONDS: float(n) for time, n in sorted(times.items()) if n}
        if not known:
            return None
        total = sum([time * number for time, number in known.items()])
        spread = known if len(known) > 1 else None
        return Datapoint(sum(known.values()), total, min(known), max(known), spread)


def draw(
    stations: Sequence[FunctionStation], number: int, mean: float, generator: np.random.Generator
) -> Durations:
    """Draw the durations of so many invocations (health checks left out), whose mean is known."""
    if number <= 0 or not stations:
        return Durations()
    mixture, late, timeout = Mixture(), 0.0, stations[0].timeout
    for station in stations:
        can = station.can
        held = max(can.service_time + can.latency, SLOWEST_START)
        weight = station.in_service / held + 1e-9  # where nothing goes on now, all count alike
        late += mixture.add(weight, can.service_time, can.variation, 0.0, can.latency, timeout)
    expected = np.append(mixture.histogram(timeout), late)
    whole = expected.sum()
    if whole <= 0.0:
        return Durations(late=number, timeout=mean)
    usual = float(expected @ np.append(MIDDLES, timeout)) / whole
    drawn = generator.multinomial(number, expected / whole)
    scale = mean / usual if min(mean, usual) > 0.0 else 1.0
    return Durations(Buckets.of(drawn[:-1]), scale, int(drawn[-1]), timeout)
