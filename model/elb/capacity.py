"""Connections, bytes, and the capacity units that a load balancer uses and is billed by.

Source: Elastic Load Balancing pricing and "CloudWatch metrics for your Application Load Balancer".
A capacity unit (LCU) is 25 new connections per second, 3,000 active ones, 1 GB an hour, or 1,000
rule evaluations per second, whichever is used most; ten rules are free for each request.

Each client is taken to send requests at random times and to keep its connection until nothing was
sent for the idle time-out, or the keep-alive time is over. So of `clients` that together send
`rate` requests a second, a share of 1 - exp(-rate idle / clients) is connected at a time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from attrs import define, field, frozen

from model.clock import HOUR, MINUTE
from model.elb.load_balancer import Inflow, LoadBalancerState
from model.elb.routing import Route

NEW_CONNECTIONS = 25.0
"""New connections per second of one LCU (certificates of RSA 2048 or ECDSA 256 bits)."""
ACTIVE_CONNECTIONS = 3000.0
BYTES_AN_HOUR = 1e9
RULE_EVALUATIONS = 1000.0
"""Rule evaluations per second of one LCU."""
FREE_RULES = 10
LCU_HOUR = 0.008
"""US dollars (us-east-1)."""


@frozen
class Traffic:
    """What went through the node of one zone in a minute."""

    new: float
    """Connections that clients opened."""
    active: float
    """Connections open at a time, between clients and node and between node and targets."""
    bytes: float


@frozen(eq=False)
class Use:
    """What a load balancer was used for in some minutes."""

    zones: Mapping[str, Traffic]
    dimensions: tuple[float, float, float, float]
    """Capacity units of new connections, of active ones, of bytes and of rule evaluations."""

    @property
    def units(self) -> float:
        """The capacity units that are used: those of the dimension used most."""
        return max(self.dimensions)


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


def connected(clients: float, rate: float, idle: float, keep_alive: float) -> tuple[float, float]:
    """Connections that so many clients open per second, and have open at a time."""
    lonely = math.exp(-rate * idle / clients)
    active = clients * (1 - lonely)
    return rate * lonely + active / keep_alive, active


@define(eq=False)
class Meter:
    """Measures the use of one load balancer minute by minute."""

    balancer: LoadBalancerState
    _read: dict[tuple[int, str], float] = field(factory=dict)
    _hours: dict[int, list[float]] = field(factory=dict)
    """Of each hour: the capacity units of each dimension, summed over minutes."""
    began: float = 0.0
    """Since when it is billed (seconds)."""

    def read(self, start: float, matched: Mapping[Route, int]) -> Use:
        """What the minute from `start` brought; `matched` counts requests by their routes."""
        balancer = self.balancer
        zones = dict.fromkeys(balancer.nodes, Traffic(0.0, 0.0, 0.0))
        idle, keep_alive = balancer.resource.idle_timeout, balancer.resource.keep_alive
        for number, inflow in enumerate(balancer.inflows):
            sent = self._sent(number, inflow)
            whole = sum(sent.values())
            for zone, requests in sent.items():
                clients = inflow.source.clients * requests / whole
                opened, active = connected(clients, requests / MINUTE, idle, keep_alive)
                size = inflow.source.request_size + inflow.source.response_size
                before = zones[zone]
                zones[zone] = Traffic(
                    before.new + opened * MINUTE,
                    before.active + active,
                    before.bytes + requests * size,
                )
        inside = balancer.in_flight
        paid = sum(max(route.evaluated - FREE_RULES, 0) * n for route, n in matched.items())
        use = Use(
            {
                zone: Traffic(own.new, own.active + inside / len(zones), own.bytes)
                for zone, own in zones.items()
            },
            capacity_units(
                sum(own.new for own in zones.values()) / MINUTE,
                sum(own.active for own in zones.values()),
                sum(own.bytes for own in zones.values()) / MINUTE,
                paid / MINUTE,
            ),
        )
        if start >= self.began:
            hour = self._hours.setdefault(int((start - self.began) // HOUR), [0.0] * 4)
            for place, units in enumerate(use.dimensions):
                hour[place] += units
        return use

    def _sent(self, number: int, inflow: Inflow) -> dict[str, float]:
        """The requests of a source since the last reading, by the zone of the node."""
        sent = {}
        for zone, total in inflow.sent.items():
            requests = total - self._read.get((number, zone), 0.0)
            self._read[number, zone] = total
            if requests > 0.0:
                sent[zone] = requests
        return sent

    def unit_hours(self) -> float:
        """The LCU-hours to pay: of each hour those of the dimension that was used most."""
        return sum(max(hour) for hour in self._hours.values()) * MINUTE / HOUR
