"""The surge queue of a Classic Load Balancer.

Source: "CloudWatch metrics for your Classic Load Balancer" (SurgeQueueLength, SpilloverCount,
BackendConnectionErrors) and "Troubleshoot a Classic Load Balancer: HTTP errors". A request (or a
connection) that no instance accepts is tried again elsewhere; where none does, it waits at its
node. A node has room for 1,024; one more is rejected.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

from attrs import define, field

from model.elb.cohorts import Cohort
from model.flow.capability import Answering


@define(eq=False)
class SurgeQueue:
    """What waits at the nodes that share out requests to the same instances; their queues fill and
    drain alike."""

    nodes: int
    limit: float
    """Requests that may wait, at all nodes together."""
    patience: float = math.inf
    """Seconds after which a request that waits is given up (504)."""
    taken: float = 0.0
    """What of that waits for other ports of the instances."""
    waiting: float = 0.0
    highest: float = 0.0
    """The most that waited since this was last read."""
    errors: float = 0.0
    """Connections to instances that did not come about since this was last read."""
    spilled: float = 0.0
    """Requests that there was no room for, and that nobody has taken account of yet."""
    expired: float = 0.0
    """The same of those that waited too long."""
    _parcels: deque[tuple[float, float]] = field(factory=deque)
    """When they came and how many, the oldest first."""

    def pass_on(
        self, now: float, dt: float, total: float, sent: dict[int, float], cohorts: Iterable[Cohort]
    ) -> None:
        """Have `total` requests (those that waited among them) sent in `dt` seconds, to no target
        more than it accepts.

        `sent` is what the algorithm means each target of a cohort to get, and becomes what it does
        get.
        """
        if total <= 0.0:
            return
        left, free = total, {}
        for cohort in cohorts:
            wanted = sent.get(id(cohort), 0.0)
            room = _room(cohort, dt)
            accepted = min(wanted, room)
            if wanted > 0.0 and cohort.station.can.answering is not Answering.SERVING:
                self.errors += wanted * cohort.size
            sent[id(cohort)] = accepted
            left -= accepted * cohort.size
            free[id(cohort)] = room - accepted, cohort.size
        room = sum(each * size for each, size in free.values())
        if left > 0.0 < room:
            part = min(left / room, 1.0)
            for name, (each, _) in free.items():
                sent[name] += each * part
            left -= room * part
        self._hold(now, dt, total - self.waiting, max(left, 0.0))

    def _hold(self, now: float, dt: float, came: float, left: float) -> None:
        """So many came, and so many are left to wait."""
        if left <= 1e-9:
            self.waiting = 0.0
            self._parcels.clear()
            return
        self._parcels.append((now + dt / 2, came))
        self._drop(self.waiting + came - left, oldest=True)
        self.waiting = left
        while self._parcels and self._parcels[0][0] + self.patience <= now + dt:
            _, late = self._parcels.popleft()
            self.expired += late
            self.waiting -= late
        over = self.waiting - max(self.limit - self.taken, 0.0)
        if over > 0.0:
            self._drop(over, oldest=False)
            self.spilled += over
            self.waiting -= over
        self.waiting = max(self.waiting, 0.0)
        self.highest = max(self.highest, self.waiting)

    def _drop(self, amount: float, *, oldest: bool) -> None:
        """Take so many out, from one end."""
        place = 0 if oldest else -1
        while amount > 0.0 and self._parcels:
            came, held = self._parcels[place]
            if held > amount:
                self._parcels[place] = came, held - amount
                return
            amount -= held
            if oldest:
                self._parcels.popleft()
            else:
                self._parcels.pop()

    def take_lost(self) -> tuple[float, float]:
        """What spilled over and what expired since the last time."""
        lost = self.spilled, self.expired
        self.spilled = self.expired = 0.0
        return lost

    def read(self) -> tuple[float, float]:
        """The most that waited at one node since the last time, and connections that failed."""
        read = self.highest / self.nodes, self.errors / self.nodes
        self.highest, self.errors = self.waiting, 0.0
        return read

    def join(self, other: SurgeQueue) -> None:
        """Take over what waits at other nodes."""
        self._parcels = deque(sorted([*self._parcels, *other._parcels]))
        self.waiting += other.waiting
        self.highest = max(self.highest, self.waiting)
        self.errors += other.errors
        self.spilled += other.spilled
        self.expired += other.expired


def _room(cohort: Cohort, dt: float) -> float:
    """The requests that each target of a cohort accepts in `dt` seconds: what it serves, and what
    may wait there."""
    station = cohort.station
    if station.can.answering is not Answering.SERVING:
        return 0.0
    return station.can.capacity * dt + max(station.can.backlog - station.backlog, 0.0)
