"""Classic Load Balancers at work.

Sources: "What is a Classic Load Balancer?", "Troubleshoot a Classic Load Balancer: HTTP errors" and
"CloudWatch metrics for your Classic Load Balancer". There is no failing open: where no instance is
healthy, requests are answered with 503 and connections are closed.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from model.elb.endings import CONNECTION_REFUSED, CONNECTION_TIMEOUT, NO_TARGETS, Cause
from model.elb.inflow import Inflow
from model.elb.kinds import GrowingState
from model.elb.target_group import TargetGroupState


@frozen
class Queue:
    """The surge queue of one node in a minute."""

    longest: float
    """The most requests that waited."""
    errors: float
    """Connections to instances that did not come about."""


class ClassicState(GrowingState):
    """A Classic Load Balancer."""

    def _vacant(self, group: str) -> str:
        return CONNECTION_REFUSED if self.groups[group].resource.network else NO_TARGETS

    def _reject(self, inflow: Inflow, each: float, zones: list[str]) -> None:
        """Requests are answered with 503, connections are not."""
        found = self._route(inflow)
        status = CONNECTION_REFUSED if found is None else self._vacant(found.groups[0][0])
        self._end(status, Cause.NO_ROOM, each, zones)

    def _groups_healthy(self, zone: str) -> bool:
        """A node with no healthy instance to send to is no use."""
        return all(group.dns_healthy(zone) for group in self._checked())

    def _checked(self) -> list[TargetGroupState]:
        return [group for group in self.groups.values() if group.leader is None]

    def share_out(self, now: float, end: float) -> None:
        if len(self.groups) > 1:
            self._share_queues()
        super().share_out(now, end)
        for name, group in self.groups.items():
            for scope in group.scopes:
                assert scope.surge is not None
                spilled, expired = scope.surge.take_lost()
                nodes = list(scope.zones)
                if spilled:
                    self._end(self._vacant(name), Cause.SPILLOVER, spilled / len(nodes), nodes)
                if expired:
                    late = CONNECTION_TIMEOUT if group.resource.network else "504"
                    self._end(late, Cause.WAITED, expired / len(nodes), nodes)

    def _share_queues(self) -> None:
        """A node has one queue for all its listeners: what waits for one port leaves less room for
        the others."""
        queues = [s.surge for group in self.groups.values() for s in group.scopes if s.surge]
        waiting = sum(queue.waiting / queue.nodes for queue in queues)
        for queue in queues:
            queue.taken = waiting * queue.nodes - queue.waiting

    @property
    def waiting(self) -> float:
        """Requests in the surge queues."""
        scopes = [scope for group in self.groups.values() for scope in group.scopes]
        return sum(scope.surge.waiting for scope in scopes if scope.surge is not None)

    def queues(self) -> Mapping[str, Queue]:
        """The surge queues of the nodes since the last time, by zone."""
        found = dict.fromkeys(self.nodes, Queue(0.0, 0.0))
        for group in self.groups.values():
            for scope in group.scopes:
                assert scope.surge is not None
                longest, errors = scope.surge.read()
                for zone in scope.zones:
                    before = found[zone]
                    found[zone] = Queue(before.longest + longest, before.errors + errors)
        return found
