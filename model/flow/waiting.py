"""How long requests wait for a server, as far as chance and variability make them."""

from __future__ import annotations

import math
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from model.flow.formulas import (
    erlang_c,
    mean_wait,
    residual_variability,
    taking_turns,
    wait_variability,
)


class Discipline(StrEnum):
    """How requests are spread over the targets, as far as waiting depends on it."""

    ROUND_ROBIN = "round_robin"
    LEAST_OUTSTANDING = "least_outstanding_requests"
    RANDOM = "random"


def joins_shortest(discipline: Discipline, peers: int) -> bool:
    """Whether requests have lines to choose from, and join the shortest."""
    return discipline is Discipline.LEAST_OUTSTANDING and peers > 1


class Wait(NamedTuple):
    """The chance that a request waits, and for how long on average if it does (seconds)."""

    chance: float
    mean: float
    scv: float = 1.0
    """Squared coefficient of variation of the wait, of those who wait."""

    @property
    def overall(self) -> float:
        return self.chance * self.mean


NO_WAIT = Wait(0.0, 0.0)

FULLEST = 0.9999
"""No utilisation above this is told apart from it."""
GRID = 512
"""Waits are computed where -ln(1 - rho) is a multiple of 1/GRID and lie on a straight line between,
which is right to 0.02 % wherever one in a hundred waits. However many ask, they ask for a few."""


def wait_for(
    servers: float,
    service_time: float,
    variation: float,
    rate: float,
    discipline: Discipline,
    peers: int,
) -> Wait:
    """The wait before `servers` that take `service_time` each, fed `rate` requests a second.

    It is that of the steady state; `peers` is the number of targets that requests are spread over.
    """
    if rate <= 0.0 or service_time <= 0.0:
        return NO_WAIT
    rho = rate * service_time / servers
    if rho >= FULLEST:
        rho = FULLEST
    place = -math.log1p(-rho) * GRID
    below = int(place)
    share = place - below
    (chance, mean, scv), more = _from(below, servers, variation, discipline, peers)
    return Wait(
        chance + more.chance * share,
        (mean + more.mean * share) * service_time,
        scv + more.scv * share,
    )


@lru_cache(maxsize=1 << 14)
def _from(
    place: int, servers: float, variation: float, discipline: Discipline, peers: int
) -> tuple[Wait, Wait]:
    """The wait at a point of the grid, in service times, and how much more it is at the next."""
    low = _at(place, servers, variation, discipline, peers)
    high = _at(place + 1, servers, variation, discipline, peers)
    return low, Wait(high.chance - low.chance, high.mean - low.mean, high.scv - low.scv)


@lru_cache(maxsize=1 << 14)
def _at(place: int, servers: float, variation: float, discipline: Discipline, peers: int) -> Wait:
    """The wait at a point of the grid of utilisations, in service times."""
    if place == 0:
        return _at(1, servers, variation, discipline, peers)._replace(chance=0.0)
    return law(servers, -math.expm1(-place / GRID), variation, discipline, peers)


def law(servers: float, rho: float, variation: float, discipline: Discipline, peers: int) -> Wait:
    """The wait before `servers` that are utilised by `rho`, in service times.

    Random routing leaves arrivals Poisson. Round robin over N targets smooths them: each sees
    requests in Erlang-N gaps, of peakedness 1/N (Hayward: Fredericks 1980). Least outstanding
    requests makes the group behave nearly as one pool of all servers.
    """
    if rho <= 0.0:
        return NO_WAIT
    cs2 = variation * variation
    if joins_shortest(discipline, peers):
        return _in_shortest(servers, rho, cs2, peers)
    if discipline is Discipline.ROUND_ROBIN and peers > 1:
        chance, overall = _in_turns(servers, rho, cs2, peers)
        mean = overall / chance if chance > 0.0 else 0.0
        return Wait(chance, mean, wait_variability(rho, cs2, HEAVY_TAIL_IN_TURNS))
    mean = mean_wait(servers, rho, cs2)
    return Wait(erlang_c(servers, rho), mean, wait_variability(rho, cs2))


def _in_turns(servers: float, rho: float, cs2: float, peers: int) -> tuple[float, float]:
    """The chance to wait and the mean wait (in service times) where requests take turns.

    Hayward's approximation for several servers, corrected by what it misses at one, where the
    answer is known: the more servers, the less it misses.
    """
    ca2 = 1 / peers

    def hayward(m: float) -> tuple[float, float]:
        chance = erlang_c(2 * m / (1 + ca2), rho)
        mean = (ca2 + cs2) / (1 + cs2) * mean_wait(m, rho, cs2)
        return chance, chance * mean

    chance, wait = hayward(servers)
    if rho < IDLE:
        return chance, wait
    known_chance, known_wait = taking_turns(peers, rho, cs2)
    one_chance, one_wait = hayward(1.0)
    part = 1.0 if cs2 >= 1.0 else TURNS_OF_STEADY_SERVICES
    chance *= (known_chance / one_chance) ** (1 / servers)
    wait *= (known_wait / one_wait) ** (part / servers)
    return min(chance, 1.0), wait


def _in_shortest(servers: float, rho: float, cs2: float, peers: int) -> Wait:
    """The wait (in service times) where the shortest line is joined.

    It lies between two extremes. The more targets there are, the more it is that of a request which
    found all of them busy and has one service to wait for, from a random point of it to its end.
    The heavier the load, the more it is that of one pool of all servers. But fewer have to wait at
    all than find such a pool busy: a server may be idle while somebody waits for another.
    """
    spare = peers * servers * (1 - rho)
    idle_in_vain = (0.016 + 0.068 * math.log(peers)) * spare**0.9 / servers**0.4
    busy = erlang_c(peers * servers, rho)
    chance = busy / (1 + idle_in_vain / max(cs2, 1.0) ** 0.35)
    pool = mean_wait(peers * servers, rho, cs2)
    one = _rest_of_one(servers, cs2) * (1 - 0.8 / (peers * peers))
    mean = max(one + pool * math.exp(-0.65 * one / pool), pool * busy / chance)
    excess = 0.0 if cs2 == 1.0 else residual_variability(cs2) - 1
    if excess > 0.0:
        few, many = math.sqrt((1 - rho) * 2 / peers), (1 + pool / one) ** 1.1 * servers**0.9
        shown = max(0.65 * (1 - 1 / peers) * few, 0.65 / many)
    else:
        shown = min(2.2 / (1 + pool / one), 1.1) / servers**0.2
    return Wait(chance, mean, 1 + excess * shown)


def _rest_of_one(servers: float, cs2: float) -> float:
    """Until the first of some busy servers comes free (in service times), found at a random time.

    One of them: (1 + cs2) / 2; less for very long services, as others have lined up behind those.
    Several: as for exponential or for fixed services, by how near cs2 is to those.
    """
    if cs2 <= 1.0:
        return cs2 / servers + (1 - cs2) / (servers + 1)
    several = float(servers ** (1 + 0.2 * math.log(cs2)))
    return math.sqrt((1 + cs2) / 2) / several


HEAVY_TAIL_IN_TURNS = 0.33
"""How much of the excess of `wait_variability` shows (chosen on half of the grid of
docs/accuracy.md). The numbers in `_in_shortest` were chosen on all of it."""
IDLE = 0.01
"""The utilisation below which hardly anybody waits, and chances are too small to be compared."""
TURNS_OF_STEADY_SERVICES = 0.45
"""How much of the correction to follow where services vary little (chosen on half of the grid)."""
