"""Automatic Target Weights: targets that fail more than their peers, and what is done about it.

Source: "Edit target group attributes for your Application Load Balancer: automatic target weights".
Detection is always on where a target group of an Application Load Balancer has three healthy
targets; it compares each one's share of failures (5xx answers and connection errors) with that of
its peers, and changes nobody's health. Mitigation, which goes with weighted random, reviews the
weights every five seconds: an anomalous target keeps very little, and gets the rest back step by
step once it is normal again. AWS publishes no thresholds and no weights.

The flow is deterministic, so what a target makes of requests at present is known and needs no
sampling. Reviews are on the schedule only while somebody fails or a weight is not whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import define, field

from model.clock import Event, Phase, Schedule
from model.elb.cohorts import Cohort, Standing
from model.elb.scope import Scope, count
from model.flow.station import Station

if TYPE_CHECKING:
    from model.elb.target_group import TargetGroupState

LEAST_TARGETS = 3
"""Healthy targets that a group must have to be compared."""
LEAST_FAILURES = 0.05
"""A smaller share of failures is never anomalous."""
DISPROPORTION = 3.0
"""How many times the share of failures of the middle one of all targets is anomalous."""
REVIEW_SECONDS = 5.0
"""Between two reviews of the weights."""
LEAST_WEIGHT = 0.05
"""What an anomalous target keeps of its weight."""
RECOVERY_SECONDS = 300.0
"""From the least weight back to the whole one."""
STEP = (1.0 - LEAST_WEIGHT) * REVIEW_SECONDS / RECOVERY_SECONDS
"""By how much a weight grows from review to review."""


def failures(station: Station) -> float:
    """The share of the requests sent to a target at present that end with a 5xx or without a
    connection; answers that come too late are not among them."""
    if not station.capability.serving:
        return 1.0
    return station.refusing + (1.0 - station.refusing) * station.can.error_rate


def compared(scopes: Iterable[Scope]) -> list[Cohort]:
    """The healthy targets of a group, if there are enough of them and somebody asks them."""
    healthy = [c for scope in scopes for c in scope.cohorts if c.standing is Standing.HEALTHY]
    asked = any(cohort.station.rate > 0.0 for cohort in healthy)
    return healthy if asked and count(healthy) >= LEAST_TARGETS else []


def anomalous(healthy: list[Cohort]) -> list[Cohort]:
    """Those that fail more than their peers."""
    shares = [(failures(cohort.station), cohort) for cohort in healthy]
    if all(share < LEAST_FAILURES for share, _ in shares):
        return []
    limit = max(DISPROPORTION * _middle(shares), LEAST_FAILURES)
    return [cohort for share, cohort in shares if share >= limit]


def _middle(shares: list[tuple[float, Cohort]]) -> float:
    """The median over the targets; of an even number, the lower one of the two in the middle."""
    left = (sum(cohort.size for _, cohort in shares) - 1) // 2
    for share, cohort in sorted(shares, key=lambda item: item[0]):
        left -= cohort.size
        if left < 0:
            return share
    return 0.0


def detection(scopes: Iterable[Scope]) -> dict[str, tuple[str, bool]]:
    """What DescribeTargetHealth tells of the targets that are compared, by their ids: the result,
    and whether mitigation is in effect."""
    healthy = compared(scopes)
    found = [id(cohort) for cohort in anomalous(healthy)]
    return {
        target.id: ("anomalous" if id(cohort) in found else "normal", cohort.trust < 1.0)
        for cohort in healthy
        for target in cohort.targets
    }


@define(eq=False)
class Mitigation:
    """Reviews the weights of one target group."""

    schedule: Schedule
    group: TargetGroupState
    _next: Event | None = field(default=None, init=False)
    """The review to come; None while there is nothing to see."""

    def wake(self) -> None:
        """Something about a target changed: its weight is reviewed, from the next time on."""
        if self._next is None:
            when = self.schedule.boundary(REVIEW_SECONDS)
            self._next = self.schedule.at(when, Phase.PROBE, self._review)

    def end(self) -> None:
        """It is switched off: all weights are whole again."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        for scope in self.group.scopes:
            scope.weigh(lambda _: 1.0)

    def _review(self) -> None:
        self._next = None
        scopes = self.group.scopes
        found = [id(cohort) for cohort in anomalous(compared(scopes))]

        def weight(cohort: Cohort) -> float:
            if cohort.standing is not Standing.HEALTHY:
                return 1.0
            if id(cohort) in found:
                return LEAST_WEIGHT
            higher = cohort.trust + STEP
            return higher if higher < 1.0 - STEP / 2 else 1.0

        moved = [scope.weigh(weight) for scope in scopes]
        if any(moved):
            self.group.reweighed()
        cohorts = [cohort for scope in scopes for cohort in scope.cohorts]
        if any(c.trust < 1.0 or failures(c.station) >= LEAST_FAILURES for c in cohorts):
            self.wake()
