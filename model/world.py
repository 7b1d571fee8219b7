"""The world: one region of simulated AWS, its clock, and all that happens in it.

`run(until)` lets time pass, `apply(action)` changes something now. Between two events traffic
flows; at an event something happens. How `run` is cut into pieces never matters, because only the
schedule decides where time is cut.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from attrs import frozen

from model import catalogue
from model.actions import Action
from model.autoscaling.service import AutoScaling
from model.billing import cost, costs_by_service
from model.billing.charges import EstimatedCharges
from model.billing.instances import Opening
from model.books import Books
from model.calls import Calls
from model.clock import MINUTE, Event, Phase, Schedule, Streams
from model.cloudwatch.anomaly.resources import AnomalyDetector
from model.cloudwatch.composites import CompositeAlarm
from model.cloudwatch.feeds import Feed
from model.cloudwatch.resources import Alarm
from model.cloudwatch.service import CloudWatch
from model.dynamodb.requests import TableSource
from model.dynamodb.service import DynamoDb
from model.ec2.instances import Instance
from model.ec2.metrics import Ec2Metrics
from model.ec2.service import STATE_CHANGE, Ec2
from model.ec2.spot import SpotTerms
from model.ecs.service import Ecs
from model.elb.service import Elb
from model.events.bus import EventBus
from model.events.delivery import Couriers
from model.events.resources import Topic
from model.events.rules import Rules
from model.events.sns import Sns
from model.faults.active import Faults
from model.flow.latency import Counts, no_latencies
from model.functions.answers import Answer, Answers
from model.functions.destinations import Destinations
from model.functions.invocations import Invocations, Reaction
from model.functions.resources import Function
from model.functions.service import Functions
from model.journal import Journal
from model.rds.requests import DatabaseSource
from model.rds.service import Rds
from model.route53.service import Route53
from model.services import Service
from model.stack import Stack
from model.traffic.noise import dated
from model.traffic.sender import Sender
from model.traffic.source import Source, kinds_of
from model.usage import UsageMetrics

BUSY_STEP = 1.0
"""Seconds between two looks at traffic while a backlog moves, requests time out, or right after
something changed."""
WATCHFUL_STEP = 5.0
"""Seconds between two looks while a target is heavily loaded, or about to be."""
STIRRING = frozenset({Phase.CHANGE, Phase.ACTION})
"""The phases in which traffic may be disturbed."""


@frozen(eq=False)
class Totals:
    """What all load balancers had counted since the start, and what everything had cost."""

    total: int
    succeeded: int
    latencies: Counts
    cost: float


class World:
    """One region with the resources of one template, under one seed.

    `start` is the date of time 0 (UTC, aware); with `history` seconds the world begins that much
    earlier, and what happens before time 0 is remembered but not reported. At each of the
    `checkpoints` it notes its totals.
    """

    def __init__(
        self,
        stack: Stack,
        *,
        start: datetime,
        seed: int = 0,
        history: float = 0.0,
        services: Iterable[Service] = (),
        traffic: Iterable[Source] = (),
        feeds: Iterable[Feed] = (),
        timeline: Iterable[tuple[float, Action]] = (),
        reactions: Mapping[str, tuple[Reaction, ...]] | None = None,
        answers: Mapping[str, Answer] | None = None,
        checkpoints: Iterable[float] = (),
        spot: SpotTerms | None = None,
    ) -> None:
        catalogue.load()
        self._calls = Calls(self)
        self.stack = stack
        self.schedule = Schedule(0.0 - history, start)
        self.streams = Streams(seed)
        self.journal = Journal()
        self._look: Event | None = None
        """The next look at traffic, where there can be any."""
        self.applied: list[tuple[float, Action]] = []
        """Every action that was carried out, with its time: the recording of a session. What
        functions and rules do is not in it, since they do it again when it is played."""
        self.bus = EventBus(self.schedule, seed)
        self.sns = Sns(self.schedule, tuple(topic.logical_id for topic in stack.of(Topic)))
        self.cloudwatch = CloudWatch(
            self.schedule,
            self.bus,
            self.journal,
            self.sns,
            {name: item.identity.arn for name, item in stack.resources.items()},
            [function.logical_id for function in stack.of(Function)],
        )
        everybody = [dated(source, self.schedule, self.streams) for source in traffic]
        of_items = [source for source in everybody if isinstance(source, TableSource)]
        of_data = [source for source in everybody if isinstance(source, DatabaseSource)]
        sources = [s for s in everybody if not isinstance(s, TableSource | DatabaseSource)]
        services = tuple(services)
        told = [service.told(kinds_of(sources)) for service in services]
        self.ec2 = Ec2(self.schedule, self.streams, self.bus, self.journal, stack, told, spot)
        self.functions = Functions(self.streams, stack, told)
        self.elb = Elb(
            self.schedule, self.streams, self.journal, stack, self.ec2, self.functions, sources
        )
        self.route53 = Route53(self.schedule, self.journal, stack, self.elb.balancers)
        self.route53.admit(sources)
        self.dynamodb = DynamoDb(self.schedule, self.streams, self.journal, stack, of_items)
        self.rds = Rds(
            self.schedule, self.streams, self.bus, self.journal, stack, services, of_data
        )
        used = self.elb.balancers, self.dynamodb.tables, self.rds.deployments
        takers: tuple[Elb | DynamoDb | Rds, ...] = self.elb, self.dynamodb, self.rds
        self._takers: list[Elb | DynamoDb | Rds] = [
            taker for taker, own in zip(takers, used, strict=True) if own
        ]
        """What requests are sent to."""
        self.autoscaling = AutoScaling(
            self.schedule,
            self.streams,
            self.bus,
            self.journal,
            self.ec2,
            self.elb,
            self.cloudwatch,
            self.sns,
            stack,
        )
        self.ecs = Ecs(
            self.schedule,
            self.streams,
            self.bus,
            self.journal,
            stack,
            self.ec2,
            self.elb,
            self.cloudwatch,
            self.autoscaling.impaired,
        )
        self.faults = Faults(self)
        self.invocations = Invocations(
            self.schedule,
            self.streams,
            self.functions,
            stack,
            reactions or {},
            self._calls.for_function,
        )
        self.answers = Answers(self.streams, self.functions, answers or {})
        self.autoscaling.ask_functions(self.answers.ask)
        self.couriers = Couriers(self.schedule, stack, self.invocations.invoke)
        self.sns.subscribe(stack, self.couriers)
        self.autoscaling.notifier.couriers = self.couriers
        self.cloudwatch.actions.invoke = self.couriers.to_function
        self.cloudwatch.actions.operate = self._calls.for_alarm
        self.invocations.destinations = Destinations(self.couriers, self.sns, self.bus, stack)
        self.rules = Rules(
            self.schedule,
            self.streams,
            self.bus,
            self.sns,
            self.couriers,
            stack,
            self._calls.for_rule,
        )
        metrics = self.cloudwatch.metrics
        self.elb.report_to(metrics)
        self.functions.report_to(metrics)
        self.dynamodb.report_to(metrics)
        self.rds.report_to(metrics)
        self.autoscaling.report_to(metrics)
        self.ecs.report_to(metrics)
        counts = self.rules.counts, self.sns.counts, self.couriers.counts
        self._occurrences = [
            *[own.occurrences for own in counts],
            self.invocations.occurrences,
        ]
        for occurrences in self._occurrences:
            occurrences.report_to(metrics)
        self._ec2_metrics = Ec2Metrics(
            self.ec2, self.autoscaling.aggregates, start.timestamp(), metrics
        )
        self._usage = UsageMetrics(self, metrics)
        self._charges = EstimatedCharges(self._bill, start, metrics)
        self.cloudwatch.publishers.append(self._publish)
        for detector in stack.of(AnomalyDetector):
            self.cloudwatch.put_anomaly_detector(detector)
        for alarm in stack.of(Alarm):
            self.cloudwatch.put_alarm(alarm)
        for composite in stack.of(CompositeAlarm):
            self.cloudwatch.composites.put(composite)
        self.feeds = tuple(feeds)
        """What is reported to CloudWatch from outside."""
        for feed in self.feeds:
            self.cloudwatch.feeds.begin(feed)
        self.totals: dict[float, Totals] = {}
        """What had been counted at each of the `checkpoints`, by their time."""
        for time, action in timeline:
            self.schedule.at(time, Phase.ACTION, self._calls.act, action)
        self.opening = Opening()
        """What had been used when the scenario began."""
        self.schedule.at(0.0, Phase.CONTROL, self._open_books)
        for time in checkpoints:
            self.schedule.at(time, Phase.CONTROL, self.note_totals)
        self.bus.subscribe(STATE_CHANGE, self.elb.instance_changed)
        self.ec2.create_instances()
        self.elb.register_listed()
        self.autoscaling.create_groups()
        self.ecs.create_services()
        self._beat()

    def host(self, name: str) -> Instance:
        """What answers as a target: an instance by its id, a machine by its address, a function or
        a load balancer by its name."""
        found = self.functions.hosts.get(name) or self.elb.doors.get(name)
        return found or self.ec2.host(name)

    def hosts(self) -> Iterator[Instance]:
        """All of those."""
        yield from self.ec2.instances.values()
        yield from self.ec2.machines.values()
        yield from self.functions.hosts.values()

    @property
    def books(self) -> dict[str, Books]:
        """What became of requests, by the logical id of what they were sent to."""
        return {**self.elb.books, **self.dynamodb.books, **self.rds.books}

    def sent(self, name: str) -> float:
        """Requests that clients sent to one of these since the books were opened."""
        return next(taker.sent(name) for taker in self._takers if name in taker.books)

    def rate_of_clients(self) -> float:
        """Requests per second that clients send now."""
        balancers = sum(b.rate_of_clients(self.now) for b in self.elb.balancers.values())
        databases = [*self.dynamodb.senders, *self.rds.senders]
        return balancers + sum(sender.rate(self.now) for sender in databases)

    @property
    def senders(self) -> list[Sender]:
        """All sources at work, once for each resource that they send to."""
        balancers = self.elb.balancers.values()
        databases = [*self.dynamodb.senders, *self.rds.senders]
        return [*(inflow for b in balancers for inflow in b.inflows), *databases]

    # -- time ---------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds since the scenario's start."""
        return self.schedule.now

    def run(self, until: float) -> None:
        """Let everything happen that is due up to and including `until`."""
        schedule = self.schedule
        while (time := schedule.next_time()) is not None and time <= until:
            self._flow(time)
            stirred = False
            for event in schedule.due(time):
                assert event.callback is not None
                event.callback(*event.arguments)
                stirred |= event.phase in STIRRING and event.callback != self._beat
            if stirred or self._disturbed_at == time:
                self._look_soon()
        schedule.now = max(until, schedule.now)

    def _flow(self, until: float) -> None:
        """Let traffic flow until an instant at which something may change."""
        for taker in self._takers:
            taker.flow(until)

    def apply(self, action: Action) -> None:
        """Carry out an action now, and what follows from it at this instant.

        Raises `ActionError` where AWS (or the world) refuses it: nothing has changed then, but
        the refused call is on the record, as it is when a timeline makes it.
        """
        self.schedule.at(self.now, Phase.ACTION, self._calls.act, action)
        self.run(self.now)
        if self._calls.refusal is not None:
            raise self._calls.refusal

    def _open_books(self) -> None:
        """The scenario begins: what happened before is remembered, not reported."""
        for taker in self._takers:
            taker.open_books()
        self.opening = Opening.of(self)
        self.functions.open_books()
        self.ecs.bill.open_books()

    def note_totals(self) -> None:
        """Count what has ended until now. Between minutes this draws from the settlement's random
        stream, so a world that goes on is asked at its checkpoints only, a copy whenever."""
        self._flow(self.now)
        for taker in self._takers:
            taker.settle()
        books = self.books.values()
        self.totals[self.now] = Totals(
            total=sum(book.total for book in books),
            succeeded=sum(book.succeeded for book in books),
            latencies=sum((book.latencies for book in books), no_latencies()),
            cost=sum(cost(self).values()),
        )

    @property
    def _disturbed_at(self) -> float:
        """When traffic last went another way, or what takes it changed."""
        return max(self.elb.disturbed_at, self.rds.disturbed_at)

    def _beat(self) -> None:
        """Look at traffic again: soon while something builds up, else when it may have changed."""
        if not (self.elb.balancers or self.rds.deployments):
            return
        self.elb.join_alike()
        now = self.now
        unsettled = self.elb.unsettled or self.route53.unsettled or self.rds.unsettled
        if unsettled or self._disturbed_at == now:
            due = now + BUSY_STEP
        else:
            # while nothing is going on, it is enough to look when the minute is counted
            minute, watchful = self.schedule.boundary(MINUTE), now + WATCHFUL_STEP
            due = self.elb.next_look(minute, watchful)
            if self.rds.deployments:
                due = self.rds.next_look(due, watchful)
        self._look = self.schedule.at(due, Phase.CHANGE, self._beat)

    def _look_soon(self) -> None:
        """After something that may concern traffic."""
        now = self.schedule.now
        if self._look is not None and self._look.time > now + BUSY_STEP:
            self._look.cancel()
            self._look = self.schedule.at(now + BUSY_STEP, Phase.CHANGE, self._beat)

    def _publish(self, start: float, end: float) -> None:
        for taker in self._takers:
            taker.publish_metrics(start, end)
        if self.functions.hosts:
            self.functions.publish_metrics(start, self.elb.checks_of_functions(start, end))
        self._ec2_metrics.publish(end)
        self.autoscaling.metrics.publish(start)
        self.ecs.publish_metrics(end)
        self.couriers.count_messages(start)
        for occurrences in self._occurrences:
            occurrences.publish(start)
        self._usage.publish(start)
        self._charges.publish(end)

    def _bill(self) -> dict[str, float]:
        """What each service that is used cost since the scenario's start."""
        services = costs_by_service(self).items()
        return {name: sum(costs.values()) for name, costs in services if costs}

    # -- copies -------------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """Everything there is, to be taken up again by `restore`."""
        return pickle.dumps(self, protocol=pickle.HIGHEST_PROTOCOL)

    @staticmethod
    def restore(snapshot: bytes) -> World:
        """A world that goes on exactly as the one it was taken from."""
        world = pickle.loads(snapshot)
        assert isinstance(world, World)
        return world
