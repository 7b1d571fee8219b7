"""A source at a load balancer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from model.traffic.sender import Sender
from model.traffic.source import ClientShare

if TYPE_CHECKING:
    from model.elb.load_balancer import LoadBalancerState


@define(eq=False)
class Inflow(Sender):
    """A source at this load balancer."""

    kind: int = field(kw_only=True)
    """The number of its kind of requests in the world."""
    barred: frozenset[str] | None = None
    """Zones whose nodes a firewall keeps it from; None: to be found out."""
    reached: float = 0.0
    """Requests of it that reached a node since the world began (as a flow)."""
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
        sent = super().requests(start, end)
        return sent if self.share is None else sent * self.share.share_between(start, end)

    def rate(self, time: float) -> float:
        sent = super().rate(time)
        return sent if self.share is None else sent * self.share.at(time)
