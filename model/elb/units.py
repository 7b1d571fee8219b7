"""Capacity units: what the use of a load balancer is measured, billed and limited by.

Source: Elastic Load Balancing pricing. A capacity unit (LCU) is 25 new connections per second,
3,000 active ones, 1 GB an hour, or 1,000 rule evaluations per second, whichever is used most; ten
rules are free for each request.

Each client is taken to send requests at random times and to keep its connection until nothing was
sent for the idle time-out, or the keep-alive time is over. So of `clients` that together send
`rate` requests a second, a share of 1 - exp(-rate idle / clients) is connected at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from model.clock import HOUR
from model.traffic.source import Source

NETWORK_UNITS = {
    "TCP": (800.0, 100_000.0),
    "UDP": (400.0, 50_000.0),
    "TLS": (50.0, 3000.0),
    "TCP_UDP": (800.0, 100_000.0),
}
"""New flows per second and active flows of one capacity unit of a Network Load Balancer (NLCU), by
the listener's protocol."""
NLCU_HOUR = 0.006
"""US dollars (us-east-1)."""
NEW_CONNECTIONS = 25.0
"""New connections per second of one LCU (certificates of RSA 2048 or ECDSA 256 bits)."""
ACTIVE_CONNECTIONS = 3000.0
BYTES_AN_HOUR = 1e9
FUNCTION_BYTES_AN_HOUR = 4e8
"""The same of what Lambda functions are sent and answer."""
RULE_EVALUATIONS = 1000.0
"""Rule evaluations per second of one LCU."""
FREE_RULES = 10
LCU_HOUR = 0.008
"""US dollars (us-east-1)."""


def capacity_units(
    new: float, active: float, volume: float, evaluations: float
) -> tuple[float, float, float, float]:
    """Capacity units of each dimension: of new connections per second, of active ones, of bytes per
    second, and of rule evaluations per second that are not free."""
    return (
        new / NEW_CONNECTIONS,
        active / ACTIVE_CONNECTIONS,
        volume * HOUR / BYTES_AN_HOUR,
        evaluations / RULE_EVALUATIONS,
    )


def demand(
    sources: Iterable[tuple[Source, float, float]], idle: float, keep_alive: float
) -> tuple[float, float, float]:
    """What sources (each with its clients and requests per second here) ask of a load balancer: new
    connections per second, connections at a time, and bytes per second."""
    new = active = volume = 0.0
    for source, clients, rate in sources:
        if rate > 0.0:
            opened, held = connected(clients, rate, idle, keep_alive)
            new, active = new + opened, active + held
            volume += rate * (source.request_size + source.response_size)
    return new, active, volume


def connected(clients: float, rate: float, idle: float, keep_alive: float) -> tuple[float, float]:
    """Connections that so many clients open per second, and have open at a time."""
    lonely = math.exp(-rate * idle / clients)
    active = clients * (1 - lonely)
    return rate * lonely + active / keep_alive, active
