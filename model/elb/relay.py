"""An Application Load Balancer as the target of a Network Load Balancer.

Source: "Use Application Load Balancers as targets of a Network Load Balancer". Clients connect to
the fixed addresses of the one, and their requests are answered by the other. What they send is
counted once as flows and once as requests; how it ends, the Application Load Balancer says.
"""

from __future__ import annotations

from attrs import define, evolve, frozen

from model.ec2.instance_types import InstanceType
from model.ec2.instances import Instance, InstanceState
from model.ec2.machines import ANYWHERE
from model.elb.inflow import Inflow
from model.elb.load_balancer import LoadBalancerState
from model.flow.capability import REFUSING, Answering, Capability
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline
from model.traffic.source import Request

HEALTHY = Capability(Answering.SERVING, wait_time=0.001, workers=1e9, vcpus=1e9)
"""An Application Load Balancer as a target: what it takes is its own affair."""


@define(eq=False)
class Passage(Station):
    """Nothing stays here: flows go on to the Application Load Balancer, which counts them."""

    def step(
        self,
        now: float,
        dt: float,
        arrivals: float,
        discipline: Discipline,
        peers: int,
        mixture: Mixture,
        like: int = 1,
    ) -> None:
        self.rate = arrivals / dt


@define(eq=False, kw_only=True)
class Door(Instance):
    """An Application Load Balancer as a target."""

    behind: LoadBalancerState

    @classmethod
    def of(cls, balancer: LoadBalancerState) -> Door:
        """The one of a load balancer."""
        return cls(
            behind=balancer,
            id=balancer.id,
            type=InstanceType("load balancer", 1, 0.0, 0),
            zone=ANYWHERE,
            private_ip="0.0.0.0",
            services=(),
            state=InstanceState.RUNNING,
        )

    def capability(self, port: int | None = None) -> Capability:
        """A health check is a request: it passes if that would be answered well."""
        return HEALTHY if port is not None and answers(self.behind, port) else REFUSING

    def station(
        self, capability: Capability, idle_timeout: float, *, patient: bool, overflowing: bool
    ) -> Passage:
        return Passage(capability, idle_timeout, patient=patient, overflowing=overflowing)


def answers(balancer: LoadBalancerState, port: int) -> bool:
    """Whether a load balancer would answer a health check on one of its ports with a 2xx or 3xx:
    itself, or by a target that is healthy."""
    found = balancer.way_of(Request(port=port))
    if found is None:
        return False
    if found.status is not None:
        return found.status[0] in "23"
    groups = [balancer.groups[name] for name, _ in found.groups]
    return any(group.serves_well for group in groups)


@frozen(eq=False)
class Relayed:
    """The share of a source's requests that a Network Load Balancer passes on to a target group."""

    balancer: LoadBalancerState
    group: str
    inflow: Inflow

    def at(self, time: float) -> float:
        """At an instant."""
        own = self.inflow.share
        return self._part() * (1.0 if own is None else own.at(time))

    def share_between(self, start: float, end: float) -> float:
        """On average from `start` to `end`."""
        own = self.inflow.share
        return self._part() * (1.0 if own is None else own.share_between(start, end))

    def _part(self) -> float:
        return self.balancer.passed_on(self.inflow, self.group)


def relay(balancer: LoadBalancerState, group: str, target: LoadBalancerState, port: int) -> None:
    """Have what a Network Load Balancer sends to a target group come to an Application Load
    Balancer's port."""
    balancer.relayed_to.append(target)
    for inflow in balancer.inflows:
        request = evolve(inflow.source.request, port=port)
        source = evolve(inflow.source, request=request)
        share = Relayed(balancer, group, inflow)
        own = Inflow(source, inflow.begins, kind=inflow.kind, share=share, via=balancer)
        target.inflows.append(own)
