"""Sticky sessions: a client that holds a cookie stays with whom it names, a target or a group.

Source: "Sticky sessions for your Application Load Balancer". A client without a valid cookie is
sent where the routing algorithm says (or the weights of target groups do) and stays there; one that
is not eligible any more loses its clients as they ask next, and does not get them back.

Clients are amounts, not persons. Each of them asks at random times at the same rate r, so that a
share of exp(-r D) of the pauses is longer than the duration D of a cookie; sessions then end at the
rate r / (exp(r D) - 1), which is 1 / D where clients ask hardly ever.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

LONGEST = 700.0
"""exp of more than this is infinite."""


class Holder(Protocol):
    """Whom cookies lead to: some like ones, each with so many clients."""

    clients: float

    @property
    def size(self) -> int:
        """How many they are."""


def arrivals(
    total: float,
    dt: float,
    clients: float,
    duration: float,
    eligible: Sequence[Holder],
    others: Iterable[Holder],
    fresh: dict[int, float],
    *,
    renewed: bool = True,
) -> tuple[dict[int, float], float]:
    """The requests that each one of a holder is sent in `dt` seconds, of `total` from so many
    clients, and how many of them had no cookie of use; `fresh` are the shares of those. Whom
    clients are bound to changes with it. Sessions last for `duration` from the last request, or
    (not `renewed`) from the first."""
    others = [holder for holder in others if holder.clients > 0.0]
    rate = total / clients / dt
    asking = -math.expm1(-rate * dt)
    kept = math.exp(-(_ending(rate, duration) if renewed else 1 / duration) * dt)
    for holder in (*eligible, *others):
        holder.clients *= kept
    lost = sum(holder.clients * holder.size for holder in others)
    bound = sum(holder.clients * holder.size for holder in eligible)
    unbound = max(clients - bound - lost, 0.0)
    everybody = bound + lost + unbound
    sent = {}
    for holder in eligible:
        new = (unbound + lost) * fresh.get(id(holder), 0.0)
        sent[id(holder)] = total * (holder.clients + new) / everybody
        holder.clients += new * asking
    for holder in others:
        holder.clients *= 1 - asking
    return sent, (unbound + lost) * asking


def _ending(rate: float, duration: float) -> float:
    """At which rate sessions end (per second)."""
    exponent = rate * duration
    if exponent > LONGEST:
        return 0.0
    return rate / math.expm1(exponent) if exponent > 0.0 else 1 / duration
