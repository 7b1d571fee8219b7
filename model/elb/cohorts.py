"""Targets that nothing tells apart are computed once.

A cohort is some targets of one scope in like states: its station is what each of them holds. A
target leaves its cohort when something happens to it alone, and is joined with others again when
its state equals theirs. Joining takes the mean of what is held and what was counted, so that no
request is lost or made; parts of requests that wait to be counted are shared evenly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto

from attrs import define

from model.elb.targets import IN_ROTATION, Target
from model.flow.station import OUTCOMES, Station

ALIKE = 1e-6
"""The relative difference of requests in service up to which two stations are alike."""


class Standing(Enum):
    """Whom a load balancer sends requests to."""

    HEALTHY = auto()
    REGISTERED = auto()
    """Only when it fails open."""
    OUT = auto()
    """Never: draining, unused, or shifted away from."""

    @classmethod
    def of(cls, target: Target) -> Standing:
        if target.shifted:
            return cls.OUT
        if target.state in IN_ROTATION:
            return cls.HEALTHY
        return cls.REGISTERED if target.registered else cls.OUT


@define(eq=False)
class Cohort:
    """Some like targets; flows are those of each one of them."""

    station: Station
    targets: list[Target]
    standing: Standing
    weight: float | None = None
    """The share of each under least outstanding requests, before normalising; None: not yet."""
    since: float | None = None
    """When its targets became healthy, while they are in slow start."""
    arrivals: float = 0.0
    """Requests that each is sent in the present step."""
    clients: float = 0.0
    """Clients whose cookies lead to each of its targets."""
    settled: tuple[float, ...] = (0.0,) * len(OUTCOMES)
    """What of the station's totals has been counted already, in order of `OUTCOMES`."""
    trust: float = 1.0
    """What anomaly mitigation leaves each of its share under weighted random."""
    counted: int = 0
    """Whole requests of all of them together that were counted since they were joined."""

    @property
    def size(self) -> int:
        return len(self.targets)

    def uncounted(self) -> tuple[float, ...]:
        """What became of one target's requests and was not counted yet, in order of `OUTCOMES`."""
        totals = self.station.totals.outcomes()
        both = zip(totals, self.settled, strict=True)
        return tuple([now - then if now > then else 0.0 for now, then in both])

    def settle(self, uncounted: tuple[float, ...], left_over: float) -> None:
        """Take what was not counted as counted, but for a share that is left over of each."""
        both = zip(self.station.totals.outcomes(), uncounted, strict=True)
        self.settled = tuple([now - amount * left_over for now, amount in both])

    def dealt(self) -> Iterator[tuple[Target, int]]:
        """The requests that were counted, dealt out to the targets in turn."""
        each, rest = divmod(self.counted, self.size)
        for place, target in enumerate(self.targets):
            yield target, each + (place < rest)

    def without(self, target: Target) -> Cohort:
        """Have a target leave, to be a cohort by itself; `counted` was dealt out before."""
        self.targets.remove(target)
        target.take(self.station.copy())
        return Cohort(
            target.station,
            [target],
            self.standing,
            self.weight,
            self.since,
            self.arrivals,
            self.clients,
            self.settled,
            self.trust,
        )

    def is_like(self, other: Cohort) -> bool:
        """Whether nothing tells its targets from the other's, now and later (but for requests that
        wait to be counted)."""
        if self.since != other.since or self.trust != other.trust:
            return False
        if abs(self.clients - other.clients) > ALIKE * max(self.clients, 1.0):
            return False
        mine, theirs = self.weight, other.weight
        if mine is None or theirs is None:
            same_weight = mine is theirs
        else:
            same_weight = abs(mine - theirs) <= ALIKE * mine
        return same_weight and self.station.is_like(other.station, ALIKE)

    def join(self, other: Cohort) -> None:
        """Take in the targets of a like cohort; `counted` was dealt out before, by both."""
        share = self.size / (self.size + other.size)
        rest = 1.0 - share
        self.station.blend(share, other.station, rest)
        self.clients = share * self.clients + rest * other.clients
        both = zip(self.settled, other.settled, strict=True)
        self.settled = tuple(share * mine + rest * theirs for mine, theirs in both)
        self.targets += other.targets
        for target in other.targets:
            target.take(self.station)


def joined(cohorts: Iterable[Cohort]) -> tuple[list[Cohort], bool]:
    """The cohorts with like ones made one, in the order of the first of each kind; and whether any
    that remain may become alike if time just passes."""
    kinds: dict[tuple[object, ...], dict[Cohort, float]] = {}
    kept: list[Cohort] = []
    for cohort in cohorts:
        kind = kinds.setdefault((cohort.standing, cohort.station.capability), {})
        own = sum(cohort.uncounted())
        like = next(
            (
                other
                for other, uncounted in kind.items()
                if abs(uncounted - own) <= 1.0 and other.is_like(cohort)
            ),
            None,
        )
        if like is None:
            kind[cohort] = own
            kept.append(cohort)
        else:
            like.join(cohort)
            kind[like] = sum(like.uncounted())
    return kept, len(kept) > len(kinds)
