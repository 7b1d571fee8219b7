"""Ports of the nodes of a Network Load Balancer, where it does not preserve the clients' addresses.

Source: "Troubleshoot your Network Load Balancer: port allocation errors" and "Edit target group
attributes for your Network Load Balancer: client IP preservation". A node then connects to a target
from an address of its own, so that there are about 55,000 ports for flows at a time from each node
to each target. A flow that finds none is dropped, and PortAllocationErrorCount counts it.
"""

from __future__ import annotations

import math

from attrs import define, field

from model.elb.cohorts import Cohort
from model.flow.capability import SLOWEST_START, Answering
from model.flow.station import CONNECT_TIMEOUT, Station

PORTS = 55_000.0
"""Flows at a time from one node to one target."""
TRIFLE = 1e-6
"""Less than this of a flow is none."""


@define(eq=False)
class Ports:
    """Those of the nodes of one scope."""

    missing: dict[str, float] = field(factory=dict)
    """Flows of the present step that found none, by the zone of the node."""

    def allocate(
        self, targets: list[Cohort], sent: dict[int, float], came: dict[str, float], dt: float
    ) -> None:
        """Leave those flows of what targets are `sent` in `dt` seconds that find a port, of what
        `came` to the nodes of zones."""
        self.missing.clear()
        dropped = 0.0
        for cohort in targets:
            flows = sent.get(id(cohort), 0.0)
            sent[id(cohort)] = admitted(cohort.station, flows, dt, PORTS * len(came))
            dropped += (flows - sent[id(cohort)]) * cohort.size
        if dropped > TRIFLE:
            total = sum(came.values())
            self.missing.update({zone: dropped * flows / total for zone, flows in came.items()})


def admitted(station: Station, flows: float, dt: float, ports: float) -> float:
    """How many of the flows that a target is sent in `dt` seconds find one of so many ports.

    So many that no more are taken at the end: flows leave at a rate inverse to how long they last
    (as those of a station do), and never faster than the target serves them.
    """
    can = station.can
    if can.answering is Answering.REFUSING:
        return flows
    inside, most = station.in_flight, math.inf
    time = CONNECT_TIMEOUT
    if can.answering is Answering.SERVING:
        time = max(can.service_time + can.latency + station.chance.mean, SLOWEST_START)
        most = ports - inside + can.capacity * dt
    if station.backlog <= 0.0:
        stay = math.exp(-dt / time)
        most = min(most, (ports - inside * stay) * dt / (time * (1.0 - stay)))
    return min(flows, max(most, 0.0))
