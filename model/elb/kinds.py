"""What Application and Network Load Balancers do differently."""

from __future__ import annotations

from model.elb.inflow import Inflow
from model.elb.load_balancer import LoadBalancerState
from model.elb.marks import Mark
from model.elb.resources import LoadBalancer
from model.elb.resources.shapes import Balancer
from model.elb.units import capacity_units, demand


class GrowingState(LoadBalancerState):
    """A load balancer that answers requests itself where nobody is there for them, and that has to
    grow with its traffic."""

    def _room(self, coming: list[tuple[Inflow, float]], now: float, end: float) -> float:
        dt = end - now
        rates = [(inflow, requests / dt) for inflow, requests in coming]
        sources = ((inflow.source, inflow.clients(now, end), rate) for inflow, rate in rates)
        asked = demand(sources, self.idle_timeout, self.keep_alive)
        routes = ((self._route(inflow), rate) for inflow, rate in rates if rate > 0.0)
        evaluations = sum([found.paid_rules * rate for found, rate in routes if found is not None])
        units = max(capacity_units(*asked, evaluations))
        admitted = self.growth.admit(dt, units)
        self.straining = admitted < 1.0
        return admitted

    def _refuse(self, status: str, each: float, zones: list[str], end: float) -> None:
        self._end(status, None, each, zones)


class ApplicationState(GrowingState):
    """An Application Load Balancer."""

    def _configure(self, resource: Balancer) -> None:
        super()._configure(resource)
        assert isinstance(resource, LoadBalancer)
        reservation = resource.minimum_load_balancer_capacity
        self.growth.reserved = 0.0 if reservation is None else float(reservation.capacity_units)

    def share_out(self, now: float, end: float) -> None:
        super().share_out(now, end)
        for group in self.groups.values():
            for scope in group.scopes:
                if scope.unbound:
                    each = scope.unbound / len(scope.zones)
                    self._mark((Mark.NON_STICKY,), each, list(scope.zones))

    def _groups_healthy(self, zone: str) -> bool:
        """One healthy group is enough; one without targets for the zone says nothing.

        So a zone that has no targets of its own stays in DNS, and answers 503 where cross-zone load
        balancing is off.
        """
        used = [group for group in self.groups.values() if group.serves(zone)]
        return not used or any(group.dns_healthy(zone) for group in used)


class NetworkState(LoadBalancerState):
    """A Network Load Balancer: it has room for whatever comes, and drops what nobody is there
    for."""

    def _configure(self, resource: Balancer) -> None:
        super()._configure(resource)
        if self.listeners:
            self.idle_timeout = max(item.idle_timeout for item in self.listeners.values())

    def _room(self, coming: list[tuple[Inflow, float]], now: float, end: float) -> float:
        return 1.0

    def share_out(self, now: float, end: float) -> None:
        super().share_out(now, end)
        for group in self.groups.values():
            self._drop_portless(group.scopes.portless, end)

    def _refuse(self, status: str, each: float, zones: list[str], end: float) -> None:
        self._strand(each, zones, end)

    def _groups_healthy(self, zone: str) -> bool:
        """Every group must be healthy there, and have targets."""
        groups = [group for group in self.groups.values() if group.in_use]
        return all(group.serves(zone) and group.dns_healthy(zone) for group in groups)
