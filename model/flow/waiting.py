"""How long requests wait for a server, as far as chance and variability make them."""

from __future__ import annotations

import math
from enum import StrEnum
from functools import lru_cache

from attrs import frozen

from model.flow.formulas import ageing_limit, erlang_c, kimura, wait_variability


class Discipline(StrEnum):
    """How requests are spread over the targets, as far as waiting depends on it."""

    ROUND_ROBIN = "round_robin"
    LEAST_OUTSTANDING = "least_outstanding_requests"
    RANDOM = "random"


@frozen
class Wait:
    """The chance that a request waits, and for how long on average if it does (seconds)."""

    chance: float
    mean: float
    scv: float = 1.0
    """Squared coefficient of variation of the wait, of those who wait."""

    @property
    def overall(self) -> float:
        return self.chance * self.mean


NO_WAIT = Wait(0.0, 0.0)


@lru_cache(maxsize=1024)
def wait_for(
    servers: float,
    service_time: float,
    variation: float,
    rate: float,
    age: float,
    discipline: Discipline,
    peers: int,
) -> Wait:
    """The wait before `servers` that take `service_time` each, fed `rate` requests a second.

    Random routing leaves arrivals Poisson. Round robin over N targets smooths them (peakedness
    1/N, by Hayward's approximation: Fredericks 1980). Least outstanding requests makes the group
    behave nearly as one pool of all servers. Like targets ask the same within a step, so answers
    are kept.
    """
    if rate <= 0.0 or service_time <= 0.0:
        return NO_WAIT
    rho = min(rate * service_time / servers, ageing_limit(servers, service_time, age))
    if rho <= 0.0:
        return NO_WAIT
    rho = min(rho, 0.9999)
    cs2 = variation * variation
    factor, scv = kimura(servers, rho, cs2), wait_variability(rho, cs2)
    if discipline is Discipline.LEAST_OUTSTANDING and peers > 1:
        chance = erlang_c(peers * servers, rho)
        mean = service_time * math.hypot(1 / servers, factor / (peers * servers * (1 - rho)))
        return Wait(chance, mean, scv)
    ca2 = 1 / peers if discipline is Discipline.ROUND_ROBIN else 1.0
    effective = 2 * servers / (1 + ca2)
    mean = service_time * (ca2 + cs2) / (1 + cs2) * factor / (servers * (1 - rho))
    return Wait(erlang_c(effective, rho), mean, scv)
