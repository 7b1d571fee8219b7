"""Sticky sessions: a client that holds a cookie stays with the target that it names.

Source: "Sticky sessions for your Application Load Balancer". A client without a valid cookie is
sent where the routing algorithm says and stays there; a target that is not eligible any more loses
its clients as they ask next, and does not get them back.

Clients are amounts, not persons. Each of them asks at random times at the same rate r, so that a
share of exp(-r D) of the pauses is longer than the duration D of a cookie; sessions then end at the
rate r / (exp(r D) - 1), which is 1 / D where clients ask hardly ever.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from model.elb.cohorts import Cohort

LONGEST = 700.0
"""exp of more than this is infinite."""


def arrivals(
    total: float,
    dt: float,
    clients: float,
    duration: float,
    eligible: list[Cohort],
    others: Iterable[Cohort],
    fresh: dict[int, float],
) -> dict[int, float]:
    """The requests that each target of a cohort is sent in `dt` seconds, of `total` from so many
    clients; `fresh` are the algorithm's shares. Whom clients are bound to changes with it."""
    others = [cohort for cohort in others if cohort.clients > 0.0]
    rate = total / clients / dt
    asking = -math.expm1(-rate * dt)
    kept = math.exp(-_ending(rate, duration) * dt)
    for cohort in (*eligible, *others):
        cohort.clients *= kept
    lost = sum(cohort.clients * cohort.size for cohort in others)
    bound = sum(cohort.clients * cohort.size for cohort in eligible)
    unbound = max(clients - bound - lost, 0.0)
    everybody = bound + lost + unbound
    sent = {}
    for cohort in eligible:
        new = (unbound + lost) * fresh.get(id(cohort), 0.0)
        sent[id(cohort)] = total * (cohort.clients + new) / everybody
        cohort.clients += new * asking
    for cohort in others:
        cohort.clients *= 1 - asking
    return sent


def _ending(rate: float, duration: float) -> float:
    """At which rate sessions end (per second)."""
    exponent = rate * duration
    if exponent > LONGEST:
        return 0.0
    return rate / math.expm1(exponent) if exponent > 0.0 else 1 / duration
