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
from model.elb.load_balancer import LoadBalancerState
from model.elb.routing import Route

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
RULE_EVALUATIONS = 1000.0
"""Rule evaluations per second of one LCU."""
FREE_RULES = 10
LCU_HOUR = 0.008
"""US dollars (us-east-1)."""


@frozen(eq=False)
class Use:
    """What a load balancer was used for in a minute."""

    new: float
    """Connections that clients opened."""
    active: float
    """Connections open at a time, between clients and nodes and between nodes and targets."""
    bytes: float
    shares: Mapping[str, float]
    """How all of that falls to the nodes, by zone."""
    dimensions: tuple[float, ...]
    """Capacity units of new connections, of active ones, of bytes and of rule evaluations."""
    flows: Mapping[str, float] = field(factory=dict)
    """Flows that came to a Network Load Balancer, by the listener's protocol."""

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
    _sources: list[float] = field(factory=list)
    """The last reading of what each source sent."""
    _zones: dict[str, float] = field(factory=dict)
    """The last reading of what reached the node of each zone."""
    _hour: int = 0
    _units: list[float] = field(factory=lambda: [0.0] * 4)
    """The capacity units of each dimension in this hour, summed over minutes."""
    _paid: float = 0.0
    """LCU-minutes of the hours before."""

    def read(self, start: float, matched: Mapping[Route, int]) -> Use:
        """What the minute from `start` brought; `matched` counts requests by their routes."""
        balancer = self.balancer
        new = active = volume = 0.0
        before = self._sources or [0.0] * len(balancer.inflows)
        self._sources = [inflow.reached for inflow in balancer.inflows]
        for inflow, then in zip(balancer.inflows, before, strict=True):
            requests, source = inflow.reached - then, inflow.source
            if requests > 0.0:
                opened, connections = connected(
                    source.clients, requests / MINUTE, balancer.idle_timeout, balancer.keep_alive
                )
                new += opened * MINUTE
                active += connections
                volume += requests * (source.request_size + source.response_size)
        if balancer.resource.network:
            return self._read_flows(start, matched, volume)
        beyond = [(r.evaluated - FREE_RULES, n) for r, n in matched.items()]
        paid = float(sum([rules * number for rules, number in beyond if rules > 0]))
        units = capacity_units(new / MINUTE, active, volume / MINUTE, paid / MINUTE)
        self._count(start, units)
        return Use(new, active + balancer.in_flight, volume, self._shares(), units)

    def _read_flows(self, start: float, matched: Mapping[Route, int], volume: float) -> Use:
        """The same of a Network Load Balancer; units of several protocols add up."""
        protocols = {item.logical_id: item.protocol for item in self.balancer.listeners.values()}
        flows: dict[str, float] = {}
        for route, number in matched.items():
            protocol = protocols[route.listener]
            flows[protocol] = flows.get(protocol, 0.0) + number
        active, new = self.balancer.in_flight, float(sum(flows.values()))
        opened = held = 0.0
        for protocol, came in flows.items():
            per_second, at_a_time = NETWORK_UNITS[protocol]
            opened += came / MINUTE / per_second
            held += active * came / new / at_a_time
        units = opened, held, volume / MINUTE * HOUR / BYTES_AN_HOUR, 0.0
        self._count(start, units)
        return Use(new, active, volume, self._shares(), units, flows)

    def _shares(self) -> dict[str, float]:
        """How what came since the last reading falls to the zones."""
        reached = self.balancer.reached
        came = {zone: amount - self._zones.get(zone, 0.0) for zone, amount in reached.items()}
        self._zones = dict(reached)
        whole = sum(came.values())
        return {zone: amount / whole for zone, amount in came.items()} if whole > 0 else {}

    def _count(self, start: float, units: tuple[float, float, float, float]) -> None:
        if start < 0.0:
            return  # what was before the scenario is not billed
        if start // HOUR != self._hour:
            self._paid += max(self._units)
            self._hour, self._units = int(start // HOUR), [0.0] * 4
        self._units = [before + own for before, own in zip(self._units, units, strict=True)]

    def unit_hours(self) -> float:
        """The LCU-hours to pay: of each hour those of the dimension that was used most."""
        return (self._paid + max(self._units)) * MINUTE / HOUR
