"""How the requests of a scope are shared out among its cohorts, by the routing algorithm.

Shares are those of each target of a cohort, by the cohort's identity. Source: "Target groups for
your Application Load Balancers: routing algorithms" and "Edit target group attributes for your
Application Load Balancer: slow start mode".
"""

from __future__ import annotations

import math

from model.elb.cohorts import Cohort
from model.flow.capability import SLOWEST_START, Answering, Mix
from model.flow.station import CONNECT_TIMEOUT, Station

BOLDEST = 0.75
"""How far shares go in one step, at most, towards what response times call for."""
MIX_STEPS = 256
"""How finely mixtures of kinds of requests are told apart."""
FAST_FAILURE = 0.001
"""Seconds a refused connection takes: what least outstanding requests sees of a dead target."""


def least_outstanding(eligible: list[Cohort], dt: float) -> dict[int, float]:
    """Shares inverse to how long requests stay: step by step, since that hangs on the shares
    themselves."""
    part = min(1 - 0.5**dt, BOLDEST)
    for cohort in eligible:
        aim = 1 / _holding_time(cohort.station)
        cohort.weight = aim if cohort.weight is None else cohort.weight * (1 - part) + aim * part
    weights = [(cohort, cohort.weight or 0.0) for cohort in eligible]
    total = sum(weight * cohort.size for cohort, weight in weights)
    return {id(cohort): weight / total for cohort, weight in weights}


def _holding_time(station: Station) -> float:
    """How long a request stays outstanding on a target, as its load balancer sees it."""
    can = station.can
    match can.answering:
        case Answering.REFUSING:
            return FAST_FAILURE
        case Answering.SILENT:
            return CONNECT_TIMEOUT
    return max(can.service_time + can.latency + station.waiting_time, SLOWEST_START)


def mitigated(eligible: list[Cohort]) -> dict[int, float]:
    """The shares of weighted random while anomaly mitigation is in effect."""
    total = sum(cohort.trust * cohort.size for cohort in eligible)
    return {id(cohort): cohort.trust / total for cohort in eligible}


def slow_starting(
    eligible: list[Cohort], duration: float, now: float
) -> tuple[dict[int, float], bool]:
    """The shares while some are in slow start, which grow linearly for so many seconds; and whether
    any of them came to its end."""
    ramps, over = {}, False
    for cohort in eligible:
        age = math.inf if cohort.since is None else now - cohort.since
        ramps[id(cohort)] = min(age / duration, 1.0)
        if age >= duration and cohort.since is not None:
            cohort.since, over = None, True
    total = sum(ramps[id(cohort)] * cohort.size for cohort in eligible)
    return {name: ramp / total for name, ramp in ramps.items()}, over


def mix_of(asked: dict[int, float]) -> Mix:
    """The kinds of requests with their shares, in steps of 1/`MIX_STEPS`."""
    if len(asked) == 1:
        return tuple([(kind, 1.0) for kind in asked])
    total = sum(asked.values())
    parts = [(kind, round(asked[kind] / total * MIX_STEPS)) for kind in sorted(asked)]
    whole = sum(part for _, part in parts)
    return tuple([(kind, part / whole) for kind, part in parts if part])
