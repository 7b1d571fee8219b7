"""The pacer: lets simulated time follow the wall clock, at a chosen speed, in small slices.

This is the only place that reads the wall clock. However slowly or fast it goes, the world does
the same, since only how `run` is cut depends on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

from model.world import World

SPEEDS: tuple[float, ...] = (1.0, 10.0, 60.0, 600.0, math.inf)
"""Simulated seconds per second; infinity: as fast as it goes."""

BUDGET = 0.025
"""Seconds of work per frame, so that keys are answered at once."""
SLICE = 30.0
"""Simulated seconds run between two looks at the budget."""


def label(speed: float) -> str:
    """The speed as a person reads it."""
    return "max" if math.isinf(speed) else f"{speed:g}x"


class Pacer:
    """Keeps a world's time, until its end."""

    def __init__(
        self, world: World, end: float, *, clock: Callable[[], float] = perf_counter
    ) -> None:
        self.world = world
        self.end = end
        self.speed = SPEEDS[2]
        self.paused = False
        self._clock = clock
        self._last: float | None = None

    @property
    def past(self) -> bool:
        """Whether the scenario's history is still being played, as fast as it goes."""
        return self.world.now < 0

    @property
    def over(self) -> bool:
        """Whether the scenario has come to its end."""
        return self.world.now >= self.end

    def faster(self) -> None:
        """The next speed up."""
        self.speed = SPEEDS[min(SPEEDS.index(self.speed) + 1, len(SPEEDS) - 1)]

    def slower(self) -> None:
        """The next speed down."""
        self.speed = SPEEDS[max(SPEEDS.index(self.speed) - 1, 0)]

    def step(self, seconds: float) -> None:
        """Stop the clock and let a stretch of simulated time pass."""
        self.paused = True
        self.world.run(min(self.world.now + seconds, self.end))

    def frame(self) -> bool:
        """Let the world catch up within the budget; whether it moved."""
        now = self._clock()
        elapsed = 0.0 if self._last is None else now - self._last
        self._last = now
        if self.over or (self.paused and not self.past):
            return False
        before = self.world.now
        until = 0.0 if self.past else self._until(elapsed)
        while self.world.now < until and self._clock() - now < BUDGET:
            self.world.run(min(self.world.now + SLICE, until))
        return self.world.now > before

    def _until(self, elapsed: float) -> float:
        """How far the world should be after `elapsed` seconds of the wall clock."""
        # after a hold-up (a suspended terminal) a world must not race to catch up
        ahead = self.speed if math.isinf(self.speed) else min(elapsed, 0.25) * self.speed
        until = self.world.now + ahead
        # to the millisecond, so that a saved session can write down when a key was pressed
        return self.end if until >= self.end else round(until, 3)
