"""A table at work: what is sent to it, what it serves, and what it throttles.

Requests are a flow. Between two instants each of them finds the units that it takes, or it is
throttled; a write needs them of the table and of every index that it changes. Nothing waits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from enum import StrEnum

from attrs import define, field, frozen

from model.dynamodb.decreases import Decreases
from model.dynamodb.requests import ItemRequest, Place, Side
from model.dynamodb.resources import GlobalSecondaryIndex, Table
from model.dynamodb.throughput import PARTITION, Cause, Throughput
from model.traffic.sender import Sender

FINE = 1.0
"""Seconds between two looks while capacity may run out: it is counted by the second."""
Lack = tuple[str, Side, Cause]
"""Where a throttled request found no capacity, and of what."""


class TableStatus(StrEnum):
    ACTIVE = "ACTIVE"
    UPDATING = "UPDATING"


@frozen
class ThroughputView:
    """The throughput of a table or an index, as DescribeTable gives it: 0 where it is on demand."""

    read_capacity_units: int
    write_capacity_units: int


@frozen
class TableView:
    """A table as DescribeTable gives it."""

    status: TableStatus
    billing_mode: str
    throughput: ThroughputView
    indexes: Mapping[str, ThroughputView]


@define(eq=False)
class Demand:
    """The requests of one source, and what became of them (as a flow)."""

    sender: Sender
    item: ItemRequest
    units: Mapping[Place, float]
    """What one of them takes, by where."""
    sent: float = 0.0
    throttled: dict[Lack, float] = field(factory=dict)

    @property
    def hot(self) -> float:
        """The share that is for the hottest partition key."""
        return self.item.hottest_key / 100.0

    def most(self, start: float, end: float) -> float:
        """The most requests per second at both ends of a stretch without a break."""
        return max(self.sender.rate(start), self.sender.rate(end))

    def lack(self, lack: Lack, requests: float) -> None:
        """So many are throttled."""
        if requests > 0.0:
            self.throttled[lack] = self.throttled.get(lack, 0.0) + requests


@define(eq=False)
class TableState:
    """One table."""

    resource: Table
    """As it is configured at present."""
    throughputs: dict[Place, Throughput]
    demands: list[Demand] = field(factory=list)
    status: TableStatus = TableStatus.ACTIVE
    decreases: dict[str, Decreases] = field(factory=dict)
    """How often throughput may still be lowered, by index."""
    switched: list[float] = field(factory=list)
    """When it was made an on-demand table."""
    provisioned: dict[Side, float] = field(factory=lambda: dict.fromkeys(Side, 0.0))
    """Provisioned units times seconds until now: what is paid for."""
    requested: dict[Side, float] = field(factory=lambda: dict.fromkeys(Side, 0.0))
    """Units that were used on demand until now."""

    @classmethod
    def of(cls, table: Table) -> TableState:
        """As a template makes it."""
        throughputs: dict[Place, Throughput] = {}
        for name, own in owners(table).items():
            given = own.provisioned_throughput
            warm = own.warm_throughput
            most = own.on_demand_throughput
            if given is None:
                read, write = Throughput(Side.READ, None), Throughput(Side.WRITE, None)
                read.go_on_demand(most.max_read_request_units, warm.read_units_per_second)
                write.go_on_demand(most.max_write_request_units, warm.write_units_per_second)
            else:
                read = Throughput(Side.READ, float(given.read_capacity_units))
                write = Throughput(Side.WRITE, float(given.write_capacity_units))
            throughputs[name, Side.READ], throughputs[name, Side.WRITE] = read, write
        return cls(table, throughputs, decreases={name: Decreases() for name in owners(table)})

    @property
    def name(self) -> str:
        return self.resource.name

    @property
    def view(self) -> TableView:
        """DescribeTable."""
        views = {}
        for name in owners(self.resource):
            of = {side: self.throughputs[name, side].provisioned or 0.0 for side in Side}
            views[name] = ThroughputView(int(of[Side.READ]), int(of[Side.WRITE]))
        own = views.pop("")
        return TableView(self.status, self.resource.billing_mode, own, views)

    # -- time ---------------------------------------------------------------------------------

    def pass_time(self, start: float, end: float) -> None:
        """Let what is sent from `start` until `end` be served or throttled."""
        for begin, stop in self._stretches(start, end):
            if self._is_enough(begin, stop):
                self._serve(begin, stop)
                continue
            while begin < stop:
                after = min((math.floor(begin / FINE) + 1) * FINE, stop)
                self._serve(begin, after)
                begin = after

    def _stretches(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """Cut where the rate of a source jumps or turns."""
        while start < end:
            after = min([end, *(demand.sender.next_break(start) for demand in self.demands)])
            yield start, after
            start = after

    def _is_enough(self, start: float, end: float) -> bool:
        """Whether there surely is capacity all the time."""
        wanted = dict.fromkeys(self.throughputs, 0.0)
        for demand in self.demands:
            rate = demand.most(start, end)
            for place, units in demand.units.items():
                wanted[place] += rate * units
                if rate * demand.hot * units > PARTITION[place[1]]:
                    return False
        return all(wanted[place] <= own.limit[0] for place, own in self.throughputs.items())

    def _serve(self, start: float, end: float) -> None:
        """Serve what there is capacity for."""
        dt = end - start
        wanted = dict.fromkeys(self.throughputs, 0.0)
        coming: list[tuple[Demand, float]] = []
        for demand in self.demands:
            requests = demand.sender.requests(start, end)
            demand.sent += requests
            requests = _spare_partition(demand, requests, dt)
            coming.append((demand, requests))
            for place, units in demand.units.items():
                wanted[place] += requests * units
        shares = {
            place: 1.0 if units <= own.available(dt) else own.available(dt) / units
            for (place, units), own in zip(wanted.items(), self.throughputs.values(), strict=True)
        }
        taken = dict.fromkeys(self.throughputs, 0.0)
        for demand, requests in coming:
            tightest = min(demand.units, key=lambda place: shares[place])
            served = requests * shares[tightest]
            cause = self.throughputs[tightest].limit[1]
            demand.lack((*tightest, cause), requests - served)
            for place, units in demand.units.items():
                taken[place] += served * units
        for place, own in self.throughputs.items():
            own.take(taken[place], dt)
            if own.provisioned is None:
                self.requested[place[1]] += taken[place]
            else:
                self.provisioned[place[1]] += own.provisioned * dt


def _spare_partition(demand: Demand, requests: float, dt: float) -> float:
    """How many are left when those for the hottest key have been cut to what a partition can do.

    Adaptive capacity gives a partition all that the table has, up to its own maximum.
    """
    left = requests
    for place, units in demand.units.items():
        hot = requests * demand.hot * units
        over = hot - PARTITION[place[1]] * dt
        if over > 0.0:
            throttled = min(over / units, left)
            demand.lack((*place, Cause.KEY_RANGE), throttled)
            left -= throttled
    return left


def owners(table: Table) -> dict[str, Table | GlobalSecondaryIndex]:
    """Whatever has a capacity of its own: the table (without a name) and its global indexes."""
    return {"": table, **{index.index_name: index for index in table.global_secondary_indexes}}
