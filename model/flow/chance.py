"""What chance and variability add to the wait that load alone would make.

While the load is light it is the wait of the steady state, at every instant. Under heavy load the
line before the target is followed as it grows, settles and drains.
"""

from __future__ import annotations

import math

from attrs import astuple, define, evolve

from model.flow.capability import Capability, together
from model.flow.formulas import phases
from model.flow.line import SHORTEST, Line, at_rest
from model.flow.waiting import (
    FULLEST,
    IDLE,
    NO_WAIT,
    Discipline,
    Wait,
    joins_shortest,
    wait_for,
)

HEAVY_LOAD = 0.8
"""The utilisation above which a line is followed as it grows."""
NEARLY_FULL = 0.97
"""The utilisation whose waits tell how much chance there is in a line that is loaded more."""
AT_REST = 0.01
"""By which share a line may differ from that of the steady state to be as good as at rest."""
AS_NORMAL = 1 / 3
"""The squared coefficient of variation up to which a wait is as good as normally distributed."""
NORMAL = ((2 / 3, 0.0), (1 / 6, -math.sqrt(3)), (1 / 6, math.sqrt(3)))
"""Three points, as shares and in standard deviations, that stand for a normal distribution: they
have its first five moments (Gauss and Hermite)."""


@define(eq=False)
class Chance:
    """The uncertain part of the wait at one target."""

    wait: Wait = NO_WAIT
    """What is added with some chance, exponentially distributed or nearly so."""
    shift: float = 0.0
    """Seconds by which all wait longer than the backlog calls for (or shorter)."""
    sway: float = 0.0
    """How many seconds that swings, where a long line is as likely to be longer as shorter
    (standard deviation)."""
    settled: bool = True
    """Whether it is what it will stay."""
    _line: Line | None = None
    """What a request finds before it, while the load is heavy."""

    @property
    def mean(self) -> float:
        """Seconds that are added on average."""
        return max(self.wait.overall + self.shift, 0.0)

    def copy(self) -> Chance:
        return evolve(self, line=None if self._line is None else evolve(self._line))

    def is_like(self, other: Chance, tolerance: float) -> bool:
        """Whether it will be the same as another under the same load."""
        if self._line is None or other._line is None:
            return self._line is other._line
        both = zip(astuple(self._line), astuple(other._line), strict=True)
        return all(abs(mine - theirs) <= tolerance * mine for mine, theirs in both)

    def stretch(self, factor: float) -> None:
        """The target serves slower (or faster): all that waits will wait so many times longer."""
        if self._line is not None:
            self._line.stretch(factor)

    def step(
        self,
        can: Capability,
        dt: float,
        rate: float,
        backlog: tuple[float, float],
        discipline: Discipline,
        peers: int,
    ) -> None:
        """Let `dt` seconds pass in which `rate` requests a second arrive.

        `backlog` is how many requests wait on account of load alone, before and after. Who waits
        for it to drain is not told here.
        """
        rho, fluid = rate / can.capacity, max(backlog)
        self.shift = self.sway = 0.0
        if self._line is None:
            if rho <= HEAVY_LOAD and fluid <= 0.0:
                self.wait = _steady(can, rate, discipline, peers)
                return
            calm = _pooled(can, HEAVY_LOAD * can.capacity, discipline, peers)
            self._line = Line.steady(min(self.wait.overall, calm.overall))
        line, before = self._line, self._line.mean
        near = min(max(rho, IDLE), NEARLY_FULL)
        law = _pooled(can, near * can.capacity, discipline, peers)
        variance = 2 * (1 - near) * law.overall * rho / near
        line.advance(dt, rho, variance)
        room = max(_room(can) / can.capacity, SHORTEST)
        line.limit(room, variance / (2 * abs(rho - 1)) if rho != 1.0 else room)
        rest = at_rest(rho, variance)
        self.settled = abs(line.mean - rest) <= AT_REST * rest + SHORTEST
        if rho <= HEAVY_LOAD and fluid <= 0.0 and self.settled:
            self._line = None
            self.wait = _steady(can, rate, discipline, peers)
            return
        mean = (before + line.mean) / 2
        if fluid > 0.0:
            self._beyond_backlog(line, mean, sum(backlog) / 2 / can.capacity)
            return
        # requests fare as in the steady state under the load that makes such a line
        if joins_shortest(discipline, peers):
            such = _steady(can, _rate_of(mean, can, discipline, peers), discipline, peers)
            self.wait = such._replace(scv=such.scv * line.spread)
            return
        spare = law.overall * (1 - law.chance) / law.chance
        chance = mean / (mean + spare)
        self.wait = Wait(chance, mean / chance, law.scv * line.spread)

    def _beyond_backlog(self, line: Line, mean: float, sure: float) -> None:
        """How the whole wait differs from that of the backlog (`sure`)."""
        deviation = math.sqrt(line.variance)
        if line.spread <= AS_NORMAL:
            self.wait, self.shift, self.sway = NO_WAIT, mean - sure, deviation
        elif deviation <= mean:
            self.wait, self.shift = Wait(1.0, deviation), mean - deviation - sure
        else:
            self.wait, self.shift = Wait(1.0, mean, line.spread), -sure

    def parts(self, delay: float) -> list[tuple[float, float, float]]:
        """The waits of requests that the backlog held up for `delay` seconds, each as its share,
        the mean of an exponential part, and a fixed one."""
        chance, wait, scv = self.wait
        fixed, straight = max(delay + self.shift, 0.0), 1.0 - chance
        if self.sway <= 0.0:
            known = [(straight, 0.0, fixed)]
        else:
            known = [
                (straight * share, 0.0, max(fixed + swing * self.sway, 0.0))
                for share, swing in NORMAL
            ]
        for share, mean, extra in phases(wait, scv):
            known.append((chance * share, mean, fixed + extra))
        return known


def _pooled(can: Capability, rate: float, discipline: Discipline, peers: int) -> Wait:
    """The wait that follows the whole line: where the shortest is joined, that before all targets
    together, as none of them has one of its own."""
    if not joins_shortest(discipline, peers):
        return _steady(can, rate, discipline, peers)
    workers, vcpus = can.workers * peers, can.vcpus * peers
    pool = evolve(can, workers=workers, vcpus=vcpus, backlog=can.backlog * peers)
    if can.others is not None:
        rate_beside, left = can.others.rate * peers, can.others.left * peers
        pool = evolve(pool, others=evolve(can.others, rate=rate_beside, left=left))
    return _steady(pool, rate * peers, Discipline.RANDOM, 1)


def _rate_of(mean: float, can: Capability, discipline: Discipline, peers: int) -> float:
    """The rate at which the line before all targets is so long in the steady state."""
    low, high = 0.0, FULLEST * can.capacity
    for _ in range(12):
        middle = (low + high) / 2
        if _pooled(can, middle, discipline, peers).overall < mean:
            low = middle
        else:
            high = middle
    return high


def _room(can: Capability) -> float:
    """Requests that may wait: in the backlog, and with a worker for the CPU where that sets the
    pace."""
    return can.backlog + max(can.workers - can.vcpus_left, 0.0) * can.cpu_bound


def _steady(can: Capability, rate: float, discipline: Discipline, peers: int) -> Wait:
    """The wait at a rate that lasts: for a turn at a vCPU, and for one at a worker."""
    rate = min(rate, FULLEST * can.capacity)
    cpu = _for_cpu(can, rate, discipline, peers)
    # who waits for the vCPUs holds a worker, unless it is them that all wait for
    cpu_wait = cpu.overall
    held = can.service_time + (0.0 if can.cpu_bound else cpu_wait)
    pool = wait_for(can.workers, held, can.variation, rate, discipline, peers)
    chance = cpu.chance + pool.chance - cpu.chance * pool.chance
    if chance <= 0.0:
        return NO_WAIT
    # a wait is no longer than it takes to serve all that finds room before it
    longest = (can.backlog + can.workers) / can.capacity
    pool_wait = pool.overall
    scv = cpu.scv if cpu_wait > pool_wait else pool.scv
    return Wait(chance, min((cpu_wait + pool_wait) / chance, longest), scv)


def _for_cpu(can: Capability, rate: float, discipline: Discipline, peers: int) -> Wait:
    """The wait for a turn at a vCPU: all that want one take turns, whatever port they came to."""
    others = can.others
    if others is None or others.rate <= 0.0:
        return wait_for(can.vcpus, can.cpu_time, can.cpu_variation, rate, discipline, peers)
    own = rate, can.cpu_time, can.cpu_variation
    mean, variation = together([own, (others.rate, others.cpu_time, others.variation)])
    if mean <= 0.0:
        return NO_WAIT
    # beyond their fair part others have to wait as well
    least = can.vcpus - others.left
    beside = min(others.rate, least / others.cpu_time) if others.cpu_time > 0 else others.rate
    return wait_for(can.vcpus, mean, variation, rate + beside, discipline, peers)
