"""Elastic Load Balancing: the load balancers of a template, their traffic and their metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from model.books import Books
from model.clock import Schedule, Streams
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricStore
from model.ec2.instances import Instance, InstanceState
from model.ec2.resources import Subnet
from model.ec2.service import Ec2
from model.ec2.sharing import Sharing
from model.elb.capacity import Meter
from model.elb.classic import ClassicState
from model.elb.inflow import Inflow
from model.elb.kinds import ApplicationState, NetworkState
from model.elb.load_balancer import LoadBalancerState
from model.elb.metrics import report_group, report_to
from model.elb.records import HostCounter, Minute
from model.elb.relay import Door, relay
from model.elb.resources import (
    AnyListener,
    ClassicLoadBalancer,
    Listener,
    ListenerRule,
    LoadBalancer,
    TargetGroup,
)
from model.elb.resources.classic import ports
from model.elb.resources.shapes import Balancer, Pool
from model.elb.settlement import Settler
from model.elb.tallies import Settlement
from model.elb.target_group import TargetGroupState
from model.elb.views import BalancerView, TargetView, describe_balancer, describe_targets
from model.elb.zonal_shift import ZonalShift
from model.events.bus import CloudEvent
from model.flow.chance import HEAVY_LOAD
from model.functions.service import Functions
from model.journal import Journal
from model.stack import Stack
from model.traffic.source import Source, kinds_of


class Elb:
    """The load balancers and target groups of one region."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        journal: Journal,
        stack: Stack,
        ec2: Ec2,
        functions: Functions,
        sources: Iterable[Source],
    ) -> None:
        self._schedule = schedule
        self._ec2 = ec2
        self._functions = functions
        self._stack = stack
        self._sharing = Sharing(ec2.roster)
        self._flowed = schedule.now
        self._disturbed_at = schedule.now
        self.groups: dict[str, TargetGroupState] = {}
        self.balancers: dict[str, LoadBalancerState] = {}
        self.books: dict[str, Books] = {}
        self._settlers: dict[str, Settler] = {}
        self._counters: dict[str, HostCounter] = {}
        self.meters: dict[str, Meter] = {}
        """What each load balancer is used for, and billed by."""
        self._metrics: MetricStore | None = None
        self._pending: dict[str, list[Settlement]] = {}
        self._listed: dict[str, list[tuple[TargetGroupState, int | None]]] = {}
        """Targets of the template that wait for their instance to run, by its id."""
        self.on_health: list[Callable[[TargetGroupState], None]] = []
        """Called when targets of a group may have come, gone or changed their health."""
        self.doors: dict[str, Door] = {}
        """Application Load Balancers that are targets themselves, by logical id."""
        self.shifts: dict[str, ZonalShift] = {}
        """Zonal shifts that are active, by load balancer."""
        self.ledgers: dict[str, Ledger[Minute]] = {}
        """What each load balancer counted minute by minute: what its metrics are read from."""
        sources = tuple(sources)
        kinds = kinds_of(sources)
        pools: list[Pool] = [*stack.of(TargetGroup)]
        for classic in stack.of(ClassicLoadBalancer):
            pools += classic.pools().values()
        for pool in pools:
            self.groups[pool.logical_id] = TargetGroupState(
                schedule, streams, journal, pool, self._review
            )
        for balancer in _balancers(schedule, journal, ec2, stack):
            for source in sources:
                if source.to == balancer.id:
                    begins = schedule.now if source.begins is None else source.begins
                    kind = kinds.index(source.request)
                    balancer.inflows.append(Inflow(source, begins, kind=kind))
            self.balancers[balancer.id] = balancer
            self.books[balancer.id] = Books()
            self._pending[balancer.id] = []
            self.ledgers[balancer.id] = Ledger[Minute]()
            stream = streams[f"elb/{balancer.id}/settlement"]
            self._settlers[balancer.id] = Settler(balancer, stream)
            self._counters[balancer.id] = HostCounter(balancer)
            self.meters[balancer.id] = Meter(balancer)
            self._attach_groups(balancer)
        for classic in stack.of(ClassicLoadBalancer):
            leader, *others = self.pools(classic.logical_id)
            leader.followers = others
            for other in others:
                other.leader = leader

    def _attach_groups(self, balancer: LoadBalancerState) -> None:
        """Have a load balancer use the target groups that its listeners and rules forward to."""
        used = balancer.forwards_to()
        for name, group in balancer.groups.items():
            group.use(in_use=name in used)
        for name in used:
            group = self.groups[name]
            if group.balancer is None:
                balancer.groups[name] = group
                group.attach(balancer)
                if self._metrics is not None:
                    report_group(self._metrics, balancer, group, self.ledgers[balancer.id])

    def _review(self, group: TargetGroupState) -> None:
        self._disturbed_at = self._schedule.now
        for tell in self.on_health:
            tell(group)
        for balancer in self.balancers.values():
            if group.id in balancer.groups:
                balancer.review_dns()
                if balancer.id in self.doors:
                    self.doors[balancer.id].changed()

    # -- the API ------------------------------------------------------------------------------

    def register_targets(
        self, group: str, instances: Iterable[Instance], port: int | None = None
    ) -> None:
        """RegisterTargets, on a port of each (None: the group's own)."""
        for instance in instances:
            for pool in self.pools(group):
                pool.register(instance, port)

    def pools(self, name: str) -> list[TargetGroupState]:
        """A target group, or what a Classic Load Balancer sends requests to."""
        owner = self.balancers.get(name)
        return list(owner.groups.values()) if owner is not None else [self.groups[name]]

    def register_listed(self) -> None:
        """Register the targets that the template lists: addresses at once, instances as soon as
        they run."""
        for group in self._stack.of(TargetGroup):
            state = self.groups[group.logical_id]
            for target in group.targets:
                if group.relays:
                    state.register(self._door(target.id, group))
                elif group.invokes:
                    state.register(self._functions.hosts[self._functions.name_of(target.id)])
                elif group.target_type == "ip":
                    zone = target.availability_zone
                    host = self._ec2.machine_at(target.id, zone, group.logical_id)
                    state.register(host, target.port)
                else:
                    self._listed.setdefault(target.id, []).append((state, target.port))
        for classic in self._stack.of(ClassicLoadBalancer):
            for instance in classic.instances:
                own = [(pool, None) for pool in self.pools(classic.logical_id)]
                self._listed.setdefault(instance, []).extend(own)

    def _door(self, name: str, group: TargetGroup) -> Instance:
        """An Application Load Balancer as the target of a Network Load Balancer."""
        target = next(b for b in self.balancers.values() if name in b.resource.identity.names)
        door = self.doors.setdefault(target.id, Door.of(target))
        owner = self.balancers.get(self.groups[group.logical_id].balancer or "")
        if owner is not None and target not in owner.relayed_to:
            relay(owner, group.logical_id, target, group.port)
        return door

    def instance_changed(self, event: CloudEvent) -> None:
        """EC2 says that an instance is in another state."""
        if event.detail["state"] == InstanceState.RUNNING.value:
            instance = self._ec2.instances[event.detail["instance-id"]]
            for group, port in self._listed.pop(instance.id, ()):
                group.register(instance, port)

    def deregister_targets(
        self, group: str, instances: Iterable[Instance], port: int | None = None
    ) -> float:
        """DeregisterTargets, of a port of each (None: of all); returns the longest time that any of
        them may drain (seconds)."""
        instances = tuple(instances)
        states = self.pools(group)
        delays = [state.deregister(item, port) for state in states for item in instances]
        return max(delays, default=0.0)

    def listener(self, name: str) -> Listener:
        """A listener by its logical id."""
        found = (x for b in self.balancers.values() for x in b.listeners.values())
        own = (listener for listener in found if isinstance(listener, Listener))
        return next(listener for listener in own if listener.logical_id == name)

    def put_listener(self, listener: Listener) -> None:
        """ModifyListener."""
        balancer = self.balancers[listener.load_balancer_arn]
        balancer.put_listener(listener)
        self._rearranged(balancer)

    def put_rule(self, rule: ListenerRule) -> None:
        """CreateRule, ModifyRule."""
        balancer = self.balancers[self.listener(rule.listener_arn).load_balancer_arn]
        balancer.put_rule(rule)
        self._rearranged(balancer)

    def delete_rule(self, rule: ListenerRule) -> None:
        """DeleteRule."""
        balancer = self.balancers[self.listener(rule.listener_arn).load_balancer_arn]
        balancer.delete_rule(rule.logical_id)
        self._rearranged(balancer)

    def modify_load_balancer(self, name: str, resource: Balancer) -> None:
        """ModifyLoadBalancerAttributes, SetSecurityGroups, ModifyCapacityReservation."""
        self.settle()  # what was counted apart may be counted together now
        self.balancers[name].modify(resource)
        self._rearranged(self.balancers[name])

    def modify_classic_load_balancer(self, name: str, resource: ClassicLoadBalancer) -> None:
        """ConfigureHealthCheck, and ModifyLoadBalancerAttributes of a Classic Load Balancer."""
        self.modify_load_balancer(name, resource)
        for pool in resource.pools().values():
            self.groups[pool.logical_id].modify(pool)

    def _rearranged(self, balancer: LoadBalancerState) -> None:
        self._attach_groups(balancer)
        balancer.review_dns()
        if balancer.id in self.doors:
            self.doors[balancer.id].changed()
        self._disturbed_at = self._schedule.now

    def review_network(self) -> None:
        """Firewalls may let other things through now."""
        self._disturbed_at = self._schedule.now
        for balancer in self.balancers.values():
            balancer.review_network()

    def modify_target_group(self, group: str, resource: Pool) -> None:
        """ModifyTargetGroup, ModifyTargetGroupAttributes."""
        self.settle()  # what was counted apart may be counted together now
        self.groups[group].modify(resource)

    def checks_of_functions(self, start: float, end: float) -> dict[str, int]:
        """Health checks of Lambda functions from `start` until `end`: each is an invocation."""
        found = Counter[str]()
        for group in self.groups.values():
            if group.resource.invokes:
                for target in group.targets.values():
                    found[target.instance.id] += group.checker.number(target, start, end)
        return found

    def describe_target_health(self, group: str) -> tuple[TargetView, ...]:
        """DescribeTargetHealth: every target of a group, in order of registration."""
        return tuple(describe_targets(self.groups[group]))

    def describe_load_balancers(self) -> tuple[BalancerView, ...]:
        """DescribeLoadBalancers, with their listeners and rules."""
        views = []
        for name, balancer in self.balancers.items():
            shift = self.shifts.get(name)
            records = self.ledgers[name].records
            last = records[next(reversed(records))] if records else None
            zone = None if shift is None else shift.zone
            views.append(describe_balancer(balancer, zone, last))
        return tuple(views)

    # -- time ---------------------------------------------------------------------------------

    @property
    def disturbed_at(self) -> float:
        """When targets last came, went or changed their health, or traffic its way."""
        latest = self._disturbed_at
        for balancer in self.balancers.values():
            if balancer.nodes.turned_at > latest:
                latest = balancer.nodes.turned_at
        return latest

    @property
    def unsettled(self) -> bool:
        """Whether traffic needs short steps."""
        return any(balancer.unsettled for balancer in self.balancers.values())

    def next_look(self, calm: float, watchful: float) -> float:
        """When to look at traffic again: at `calm`, earlier where it jumps, or at `watchful` if it
        might come near to what a target can do until then."""
        now, until = self._schedule.now, calm
        for balancer in self.balancers.values():
            until = min(until, balancer.next_break(now))
        for balancer in self.balancers.values():
            if balancer.utilisation(now, until) >= HEAVY_LOAD:
                return min(until, watchful)
        return until

    def join_alike(self) -> None:
        """Have targets that nothing tells apart computed once from now on."""
        for group in self.groups.values():
            group.scopes.join_alike()

    def flow(self, until: float) -> None:
        """Let traffic flow until an instant at which something may change."""
        if until > self._flowed:
            for group in self.groups.values():
                group.scopes.join_alike(torn=True)
            for balancer in self.balancers.values():
                balancer.share_out(self._flowed, until)
            self._share_cpus()
            for balancer in self.balancers.values():
                balancer.step(self._flowed, until)
            self._flowed = until

    def _share_cpus(self) -> None:
        """Ports of one instance share its vCPUs."""
        if self._sharing.idle:
            return
        hosts = chain(self._ec2.instances.values(), self._ec2.machines.values())
        for instance, station, others in list(self._sharing.divide(hosts)):
            for group in self.groups.values():
                for target in group.on(instance):
                    if target.station is station:
                        group.set_apart(target, others)

    def settle(self) -> None:
        """Count the requests that ended until now."""
        for name, settler in self._settlers.items():
            settlement = settler.settle()
            self._pending[name].append(settlement)
            books = self.books[name]
            for ending, number in settlement.ended.items():
                books.count(ending.status, number)
            for group in settlement.parts:
                tally, seen = settlement.tally(group), settlement.statuses[group].of
                for outcome, number in tally.outcomes.items():
                    if number:
                        books.count(seen[outcome], number)
                tally.latencies.add_to(books.latencies)

    def open_books(self) -> None:
        """Forget what ended before now: from here on it is judged and reported."""
        self.settle()
        for name, balancer in self.balancers.items():
            self.books[name] = Books(
                in_flight_at_opening=balancer.in_flight,
                sent_at_opening=balancer.sent - balancer.passed,
            )
            for group in balancer.groups.values():
                group.scopes.forget()

    def sent(self, balancer: str) -> float:
        """Requests that clients sent since the books were opened, those in flight then included."""
        books = self.books[balancer]
        state = self.balancers[balancer]
        own = state.sent - state.passed
        return own - books.sent_at_opening + books.in_flight_at_opening

    def report_to(self, metrics: MetricStore) -> None:
        """Have CloudWatch read the load balancers' metrics from their ledgers."""
        self._metrics = metrics
        for name, balancer in self.balancers.items():
            report_to(metrics, balancer, self.ledgers[name])

    def publish_metrics(self, start: float, end: float) -> None:
        """Settle, and enter what the minute from `start` to `end` brought."""
        self.settle()
        for name, balancer in self.balancers.items():
            requests = Settlement.of(self._pending[name])
            self._pending[name] = []
            hosts = self._counters[name].count(end)
            in_dns = tuple(balancer.zones_in_dns())
            use = self.meters[name].read(start, requests)
            queues = balancer.queues() if isinstance(balancer, ClassicState) else {}
            self.ledgers[name].enter(start, Minute(requests, hosts, use, in_dns, queues))
        self.join_alike()


def _balancers(
    schedule: Schedule, journal: Journal, ec2: Ec2, stack: Stack
) -> Iterator[LoadBalancerState]:
    """The load balancers of a template, each of its kind."""
    around = schedule, journal, ec2.network
    for resource in stack.of(LoadBalancer):
        own: dict[int, AnyListener] = {
            item.port: item
            for item in stack.of(Listener)
            if item.load_balancer_arn == resource.logical_id
        }
        ids = {item.logical_id for item in own.values()}
        rules = {r.logical_id: r for r in stack.of(ListenerRule) if r.listener_arn in ids}
        kind = NetworkState if resource.network else ApplicationState
        yield kind(*around, resource, _nodes(stack, resource), own, rules, {})
    for classic in stack.of(ClassicLoadBalancer):
        yield ClassicState(*around, classic, _nodes(stack, classic), {**ports(classic)}, {}, {})


def _nodes(stack: Stack, resource: Balancer) -> dict[str, str]:
    """The subnets that a load balancer has nodes in, by their zones."""
    nodes = {}
    for subnet in resource.subnet_ids:
        place = stack.resources[subnet]
        assert isinstance(place, Subnet)
        nodes[place.availability_zone] = subnet
    return nodes
