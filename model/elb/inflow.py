"""A source at a load balancer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from model.traffic.source import ClientShare, Source

if TYPE_CHECKING:
    from model.elb.load_balancer import LoadBalancerState


@define(eq=False)
class Inflow:
    """A source at this load balancer."""

    source: Source
    kind: int
    """The number of its kind of requests in the world."""
    begins: float
    """Seconds since start."""
    extra: dict[str, float] = field(factory=dict)
    """Requests per second that faults add, by the fault's id."""
    barred: frozenset[str] | None = None
    """Zones whose nodes a firewall keeps it from; None: to be found out."""
    reached: float = 0.0
    """Requests of it that reached a node since the world began (as a flow)."""
    factors: dict[str, float] = field(factory=dict)
    """What faults multiply the source's rate by, by the fault's id."""
    via: LoadBalancerState | None = None
    """The Network Load Balancer that passes it on; None: it comes from clients."""
    share: ClientShare | None = None
    """The part of its clients that come here, where they ask for a name of several load balancers;
    None: all."""

    def clients(self, start: float, end: float) -> float:
        """How many of its clients come here, on average of an interval."""
        own = self.source.clients
        return own if self.share is None else own * self.share.share_between(start, end)

    def requests(self, start: float, end: float) -> float:
        """How many requests it sends in an interval in which no fault begins or ends."""
        sent = self.source.shape.requests(start - self.begins, end - self.begins)
        if self.factors or self.extra:
            for factor in self.factors.values():
                sent *= factor
            sent += sum(self.extra.values()) * (end - start)
        return sent if self.share is None else sent * self.share.share_between(start, end)

    def rate(self, time: float) -> float:
        """Requests per second at an instant."""
        sent = self.source.shape.rate(time - self.begins)
        if self.factors or self.extra:
            for factor in self.factors.values():
                sent *= factor
            sent += sum(self.extra.values())
        return sent if self.share is None else sent * self.share.at(time)
