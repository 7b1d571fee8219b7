"""A cluster of Aurora, or a DB instance that stands alone: its endpoints and who answers there.

Source: "Amazon Aurora connection management". The reader endpoint spreads connections, not
statements, over the readers that are available; without a reader it leads to the writer. A client
stays with its connection, so a new reader is found as connections end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from attrs import define, field, frozen

from model.flow.chance import HEAVY_LOAD
from model.flow.station import OUTCOMES
from model.rds.instance import Database, Role
from model.rds.requests import DatabaseSource, drift
from model.rds.resources import DBCluster
from model.traffic.sender import Sender


@frozen
class ClusterView:
    """A cluster as DescribeDBClusters gives it."""

    status: str
    writer: str | None


@define(eq=False)
class Client:
    """A source at an endpoint, and whom its connections lead to."""

    sender: Sender
    source: DatabaseSource
    kind: int
    """The number of its kind of statements."""
    shares: dict[str, float] = field(factory=dict)
    """The part of its connections with each instance, by its id."""

    def spread(self, instances: Iterable[Database], dt: float) -> dict[str, float]:
        """The shares on average of the next `dt` seconds, over these instances."""
        names = [instance.id for instance in instances]
        if not names:
            self.shares = {}
            return {}
        known = {name: share for name, share in self.shares.items() if name in names}
        lost, goal = 1.0 - sum(known.values()), 1.0 / len(names)
        if not known:
            known = dict.fromkeys(names, goal)
        else:  # those whose instance is gone connect anew
            known = {name: known.get(name, 0.0) + lost * goal for name in names}
        life, means = self.source.statement.connection_life, {}
        self.shares = {}
        for name, share in known.items():
            self.shares[name], means[name] = drift(share, goal, dt, life)
        return means


@define(eq=False)
class Deployment:
    """One of them."""

    id: str
    """The logical id of the cluster, or of the DB instance."""
    cluster: DBCluster | None
    instances: list[Database]
    """In order of creation."""
    clients: list[Client] = field(factory=list)
    failing_over: bool = False
    gone: list[Database] = field(factory=list)
    """Instances that were deleted: what they counted still counts."""
    turned_away: float = 0.0
    """Statements that found nobody at an endpoint."""
    rate: float = 0.0
    """Statements per second in the last step."""

    @property
    def writer(self) -> Database | None:
        """Who answers at the cluster's own endpoint."""
        alone = self.cluster is None
        found = (item for item in self.instances if alone or item.role is Role.WRITER)
        return next(found, None)

    @property
    def readers(self) -> list[Database]:
        return [instance for instance in self.instances if instance.role is Role.READER]

    @property
    def view(self) -> ClusterView:
        """DescribeDBClusters."""
        status = "failing-over" if self.failing_over else "available"
        return ClusterView(status, None if self.writer is None else self.writer.id)

    def answering(self, endpoint: str) -> list[Database]:
        """The instances that an endpoint leads to."""
        readers = [reader for reader in self.readers if reader.available]
        if endpoint == "reader" and readers:
            return readers
        writer = self.writer
        return [writer] if writer is not None and writer.available else []

    def flow(self, start: float, end: float) -> None:
        """Let statements flow until an instant at which something may change."""
        dt = end - start
        arrivals: dict[str, dict[int, float]] = {item.id: {} for item in self.instances}
        connections = dict.fromkeys(arrivals, 0.0)
        self.rate = 0.0
        for client in self.clients:
            sent = client.sender.requests(start, end)
            self.rate += sent / dt
            shares = client.spread(self.answering(client.source.statement.endpoint), dt)
            if not shares:
                self.turned_away += sent
            for name, share in shares.items():
                own = arrivals[name]
                own[client.kind] = own.get(client.kind, 0.0) + sent * share
                connections[name] += client.source.clients * client.shares[name]
        for instance in self.instances:
            instance.connections = connections[instance.id]
            instance.step(start, end, arrivals[instance.id])

    # -- what it holds ------------------------------------------------------------------------

    @property
    def sent(self) -> float:
        """Statements that clients sent since the world began (as a flow)."""
        everybody = [*self.instances, *self.gone]
        return self.turned_away + sum(item.station.totals.arrived for item in everybody)

    @property
    def in_flight(self) -> float:
        """Statements sent and neither answered nor failed."""
        return sum(item.station.in_flight for item in [*self.instances, *self.gone])

    def outcomes(self) -> dict[str, float]:
        """What became of those that ended (see `Totals`)."""
        totals = [item.station.totals.outcomes() for item in [*self.instances, *self.gone]]
        found = {name: sum(values) for name, *values in zip(OUTCOMES, *totals, strict=True)}
        found["refused"] += self.turned_away
        return found

    @property
    def unsettled(self) -> bool:
        """Whether short steps are needed."""
        return any(item.station.unsettled for item in self.instances)

    def next_break(self, time: float) -> float:
        """When after `time` the traffic jumps."""
        breaks = (client.sender.next_break(time) for client in self.clients)
        return min(breaks, default=math.inf)

    def utilisation(self, now: float, until: float) -> float:
        """The highest utilisation that an instance may come to between two close instants."""
        to_come = max(
            sum(client.sender.rate(time) for client in self.clients) for time in (now, until)
        )
        if to_come <= 0.0:
            return 0.0
        if self.rate <= 0.0:
            return HEAVY_LOAD
        busiest = max((item.station.utilisation for item in self.instances), default=0.0)
        return busiest * max(to_come / self.rate, 1.0)
