"""The queueing formulas of the engine, each with its source.

Loads are in erlangs or as utilisations rho = arrival rate / capacity; times are seconds.
"""

from __future__ import annotations

import math


def erlang_c(servers: float, rho: float) -> float:
    """The chance that an arrival has to wait in M/M/m (Erlang 1917).

    `servers` may be fractional: between whole numbers the logarithm of the chance is interpolated
    on a straight line, which is smooth enough for capacities made of worker and CPU limits.
    """
    if rho <= 0.0:
        return 0.0
    if rho >= 1.0:
        return 1.0
    if servers <= 1.0:
        return rho
    below = math.floor(servers)
    share = servers - below
    first = _erlang_c_whole(below, rho)
    if share == 0.0:
        return first
    second = _erlang_c_whole(below + 1, rho)
    return math.exp((1 - share) * math.log(first) + share * math.log(second))


def _erlang_c_whole(servers: int, rho: float) -> float:
    lost = _erlang_b(servers, rho)
    return max(lost / (1 - rho * (1 - lost)), 1e-300)


def _erlang_b(servers: int, rho: float) -> float:
    """Erlang's loss formula (1917), by its recursion in the number of servers."""
    load, lost = servers * rho, 1.0
    for m in range(1, servers + 1):
        lost = load * lost / (m + load * lost)
    return lost


def kimura(servers: float, rho: float, cs2: float) -> float:
    """The factor by which service variability changes M/M/m's mean wait (Kimura 1986).

    It interpolates between M/M/m (cs2 = 1) and M/D/m, whose wait is Cosmetatos' (1975).
    `cs2` is the squared coefficient of variation of the service time.
    """
    if rho <= 0.0:
        return (1 + cs2) / 2
    c = max(servers, 1.0)
    constant = (1 + (1 - rho) * (c - 1) * (math.sqrt(4 + 5 * c) - 2) / (16 * c * rho)) / 2
    x = min(constant, 1.0)
    return (1 + cs2) / (2 * cs2 + (1 - cs2) / x)


def mean_wait(servers: float, rho: float, cs2: float) -> float:
    """The mean wait (in service times) of those who wait in M/G/m: M/M/m's by Kimura's factor."""
    return kimura(servers, rho, cs2) / (servers * (1 - rho))


def erlang_root(stages: int, rho: float) -> float:
    """The chance to wait in E_n/M/1, whose arrivals come in Erlang-n gaps (GI/M/1's root).

    So every one of n targets sees Poisson requests that take turns over them all. The transform
    is convex and 1 is its other fixed point, so Newton's steps from 0 climb to the root.
    """
    root = 0.0
    for _ in range(60):
        past = stages * rho + 1 - root
        transform: float = (stages * rho / past) ** stages
        step = (transform - root) / (1 - stages * transform / past)
        root += step
        if step <= 1e-12 * root:
            break
    return root


def kraemer_langenbach_belz(rho: float, ca2: float, cs2: float) -> tuple[float, float]:
    """The chance to wait and the mean wait (in service times) in GI/G/1, for ca2 up to 1.

    Kraemer and Langenbach-Belz 1976.
    """
    numerator = (1 + ca2 + rho * cs2) * (ca2 - 1) * rho * (1 - rho)
    chance = rho + numerator / (1 + rho * (cs2 - 1) + rho * rho * (4 * ca2 + cs2))
    damping = math.exp(-2 * (1 - rho) * (1 - ca2) ** 2 / (3 * rho * (ca2 + cs2)))
    return chance, rho * (ca2 + cs2) / (2 * (1 - rho)) * damping


def taking_turns(targets: int, rho: float, cs2: float) -> tuple[float, float]:
    """The chance to wait and the mean wait (in service times) at one of n servers in turn.

    Exact for exponential services; for others Kraemer and Langenbach-Belz tell the difference.
    """
    root = erlang_root(targets, rho)
    chance, wait = kraemer_langenbach_belz(rho, 1 / targets, cs2)
    usual_chance, usual_wait = kraemer_langenbach_belz(rho, 1 / targets, 1.0)
    return root * chance / usual_chance, root / (1 - root) * wait / usual_wait


def wait_variability(rho: float, cs2: float, heavy: float | None = None) -> float:
    """The squared coefficient of variation of the wait of those who wait.

    In M/G/1 their wait is a geometric number of residual services (Pollaczek and Khinchine, Benes),
    which gives 1 + (cr2 - 1)(1 - rho) with cr2 that of a residual service; it serves M/G/c as well.
    For log-normal services, whose tail no two exponentials can follow, a part of the excess comes
    closest, chosen on half of the grid of benchmarks/accuracy.py. `heavy` is that part where a
    group spreads its requests with care (in turns, or to the shortest line) rather than by chance:
    the excess then fades more slowly, as only the long services are left to make others wait.
    """
    if cs2 == 1.0:
        return 1.0
    excess = residual_variability(cs2) - 1
    if excess <= 0.0:
        return 1 + excess * (1 - rho)
    if heavy is not None:
        return 1 + heavy * excess * math.sqrt(1 - rho)
    return 1 + HEAVY_TAIL * excess * (1 - rho)


def residual_variability(cs2: float) -> float:
    """The squared coefficient of variation of what is left of a log-normal service, seen at a
    random time: its moments are (1 + cs2) / 2 and (1 + cs2)^3 / 3 (renewal theory)."""
    return 4 * (1 + cs2) / 3 - 1


HEAVY_TAIL = 0.6
LIGHT_SHARE = 0.2
"""The share of all waiting that falls to the shorter of the two exponentials (see `phases`)."""


def phases(mean: float, scv: float) -> tuple[tuple[float, float, float], ...]:
    """A wait of so much mean and variability as (chance, mean of an exponential, fixed delay).

    Below 1 an exponential after a delay, above 1 one of two exponentials.
    """
    if scv <= 1.0:
        spread = math.sqrt(max(scv, 0.0))
        return ((1.0, mean * spread, mean * (1 - spread)),)
    half = (scv + 1) / 2
    b = half + 2 * LIGHT_SHARE - 1
    p = (b + math.sqrt(max(b * b - 4 * half * LIGHT_SHARE**2, 0.0))) / (2 * half)
    p = min(max(p, LIGHT_SHARE), 1 - 1e-9)
    light, heavy = mean * LIGHT_SHARE / p, mean * (1 - LIGHT_SHARE) / (1 - p)
    return ((p, light, 0.0), (1 - p, heavy, 0.0))


def blocking(servers: float, rho: float, room: float) -> float:
    """The share of arrivals that find M/M/c/c+room full, at any utilisation.

    Erlang's loss formula (1917) for no room, and B' = rho B / (1 + rho B) for each place to wait,
    summed in closed form. `servers` is rounded to a whole number.
    """
    if rho <= 0.0:
        return 0.0
    lost = _erlang_b(max(round(servers), 1), rho)
    if room * -math.log(rho) > 500.0 or lost <= 0.0:
        return 0.0
    growth = float(rho**-room)
    waiting = room if abs(rho - 1) < 1e-9 else (growth - 1) / (1 / rho - 1)
    return 1 / (growth / lost + waiting)


def residual(time: float, mean: float, variation: float) -> float:
    """The share of services under way that go on for more than `time`, if no new ones begin.

    The equilibrium distribution of renewal theory, of the same services as `latency.service_cdf`:
    exponential, fixed, or log-normal (whose E[(X - t)+] is that of Black and Scholes' formula).
    """
    if time <= 0.0:
        return 1.0
    if mean <= 0.0:
        return 0.0
    if variation == 1.0:
        return math.exp(-time / mean)
    if variation == 0.0:
        return max(1 - time / mean, 0.0)
    sigma = math.sqrt(math.log1p(variation * variation))
    d = math.log(mean / time) / sigma + sigma / 2
    return max(_normal(d) - time / mean * _normal(d - sigma), 0.0)


def _normal(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2
