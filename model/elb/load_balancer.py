"""A load balancer: its nodes, its listeners, and what clients see of it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from model.clock import Schedule
from model.ec2.instances import Instance
from model.ec2.network import Network
from model.elb.endings import (
    CONNECTION_REFUSED,
    CONNECTION_TIMEOUT,
    NO_TARGETS,
    Cause,
    Ending,
    too_large,
)
from model.elb.gates import Gates
from model.elb.group_sessions import Crowd, GroupSessions
from model.elb.growth import Growth
from model.elb.inflow import Inflow
from model.elb.inspection import Fault
from model.elb.marks import Mark
from model.elb.nodes import Node, Nodes
from model.elb.resources import AnyListener, Listener, ListenerRule
from model.elb.resources.shapes import Balancer
from model.elb.routing import Route, route
from model.elb.statuses import Statuses
from model.elb.target_group import TargetGroupState
from model.flow.chance import HEAVY_LOAD
from model.journal import Journal
from model.traffic.source import Request, Source

CLIENT_CONNECT_TIMEOUT = 10.0
"""Seconds after which a client gives up connecting to a node that does not answer."""

TRIFLE = 1e-9
"""Less than this share of requests is a rounding error."""


class LoadBalancerState(ABC):
    """One load balancer at work; its kind says what it has room for, and what it does where nobody
    is there."""

    def __init__(
        self,
        schedule: Schedule,
        journal: Journal,
        network: Network,
        resource: Balancer,
        nodes: dict[str, str],
        listeners: dict[int, AnyListener],
        rules: dict[str, ListenerRule],
        groups: dict[str, TargetGroupState],
    ) -> None:
        self._schedule = schedule
        self._journal = journal
        self._network = network
        self.listeners = listeners
        """By port."""
        self.growth = Growth()
        self._configure(resource)
        self.nodes = Nodes(schedule, nodes)
        self.rules = rules
        """Rules of its listeners, by logical id."""
        self._routes: dict[tuple[int, int], Route | None] = {}
        """What happens to each kind of request, as far as it was asked; None: nobody listens."""
        self.sessions = GroupSessions()
        """The clients who stay with a target group."""
        self.sessions.review(listeners.values(), rules)
        self.matched: dict[Route, float] = {}
        """Requests that took each route, as a flow."""
        self.groups = groups
        """The target groups that its listeners forward to, by logical id."""
        self.relayed_to: list[LoadBalancerState] = []
        """Application Load Balancers that are its targets."""
        self.on_health: Callable[[], None] | None = None
        """Whom to tell that nodes or targets may be healthy that were not, or the other way."""
        self.inflows: list[Inflow] = []
        self.sent = 0.0
        """Requests that clients sent since the world began (as a flow)."""
        self.passed = 0.0
        """Those of them that it passed on to other load balancers, which count them."""
        self.reached: dict[str, float] = {}
        """Requests that reached the node of each zone, as a flow."""
        self.ended: dict[Ending, float] = {}
        """Requests that no target was chosen for, as a flow."""
        self.routed: dict[str, float] = {}
        """Requests that a target was chosen for, by zone of the node, as a flow."""
        self.straining = False
        """Whether more came in the last step than it had room for."""
        self.rates: dict[Route, float] = {}
        """Requests per second that took each route in the last step."""
        self._rate = 0.0
        """Requests per second in the last step."""
        self.marked: dict[tuple[Mark, str], float] = {}
        """Requests with a mark, by that and the zone of the node, as a flow."""
        self._stranded: deque[tuple[float, str, float, Cause | None]] = deque()

    def _configure(self, resource: Balancer) -> None:
        self.resource = resource
        self.idle_timeout, self.keep_alive = resource.idle_timeout, resource.keep_alive

    @property
    def id(self) -> str:
        return self.resource.logical_id

    # -- listeners ----------------------------------------------------------------------------

    def forwards_to(self) -> list[str]:
        """The target groups that its listeners and rules name."""
        users: list[AnyListener | ListenerRule] = [*self.listeners.values(), *self.rules.values()]
        return list(dict.fromkeys(group for user in users for group in user.action.groups))

    def rules_of(self, listener: AnyListener) -> list[ListenerRule]:
        """A listener's rules in the order in which they are looked at."""
        own = (rule for rule in self.rules.values() if rule.listener_arn == listener.logical_id)
        return sorted(own, key=lambda rule: rule.priority)

    def put_listener(self, listener: Listener) -> None:
        """ModifyListener: it does something else with requests that meet no rule."""
        self.listeners[listener.port] = listener
        self._rerouted()

    def put_rule(self, rule: ListenerRule) -> None:
        """CreateRule, ModifyRule."""
        self.rules[rule.logical_id] = rule
        self._rerouted()

    def delete_rule(self, rule: str) -> None:
        """DeleteRule."""
        del self.rules[rule]
        self._rerouted()

    def _rerouted(self) -> None:
        """Requests may take other ways from now on."""
        self._routes.clear()
        self.sessions.review(self.listeners.values(), self.rules)

    # -- network ------------------------------------------------------------------------------

    def reaches(self, instance: Instance, port: int) -> bool:
        """Whether any of its nodes can connect to a port of an instance."""
        return self._gates().reaches(instance, port)

    def forwards(self, instance: Instance, port: int) -> bool:
        """Whether packets that keep the addresses of clients come to a port of an instance."""
        return self._gates().forwards(instance, port)

    def _gates(self) -> Gates:
        return Gates(self._network, self.nodes.values(), self.resource)

    def review_network(self) -> None:
        """Firewalls may let other things through now."""
        for inflow in self.inflows:
            inflow.barred = None
        for group in self.groups.values():
            group.review_network()

    def _barred(self, inflow: Inflow) -> frozenset[str]:
        """The zones whose nodes no connection of a source comes to."""
        if inflow.barred is None:
            inflow.barred = self._gates().barred(inflow)
        return inflow.barred

    # -- DNS ----------------------------------------------------------------------------------

    def zones_in_dns(self) -> list[str]:
        """Zones whose address clients get; all of them where none is healthy."""
        return self.nodes.in_dns()

    def set_dark(self, zone: str, dark: bool) -> None:
        """The network of a zone fails or comes back."""
        if zone in self.nodes:
            self.nodes[zone].dark = dark
            self.review_dns()

    def shift(self, zone: str, *, away: bool) -> None:
        """A zonal shift begins or ends."""
        self.nodes[zone].shifted = away
        for group in self.groups.values():
            group.shift(zone, away=away)
        self.review_dns()

    def modify(self, resource: Balancer) -> None:
        """ModifyLoadBalancerAttributes."""
        self._configure(resource)
        self._routes.clear()
        self.review_network()
        for group in self.groups.values():
            group.give_up_after(self.idle_timeout)
            group.follow(resource.cross_zone)

    def review_dns(self) -> None:
        """Have each node leave or enter DNS after its delay, as its health calls for."""
        self.nodes.review(self._groups_healthy, self._turned)
        if self.on_health is not None:
            self.on_health()

    @abstractmethod
    def _groups_healthy(self, zone: str) -> bool:
        """Whether the target groups are well enough for a zone's address to stay in DNS."""

    def _turned(self, node: Node) -> None:
        self._journal.write(self._schedule.now, f"{self.id}/{node.zone}", "in_dns", node.in_dns)
        if self.on_health is not None:
            self.on_health()

    # -- traffic ------------------------------------------------------------------------------

    def share_out(self, now: float, end: float) -> None:
        """Send what comes from `now` to `end` on its way."""
        while self._stranded and self._stranded[0][0] <= end:
            _, zone, requests, cause = self._stranded.popleft()
            self._end(CONNECTION_TIMEOUT, cause, requests, [zone])
        coming = [(inflow, inflow.requests(now, end)) for inflow in self.inflows]
        zones, room = self.zones_in_dns(), self._room(coming, now, end)
        live = [zone for zone in zones if not self.nodes[zone].dark]
        before = self.sent
        self.rates.clear()
        for inflow, requests in coming:
            if requests <= 0.0:
                continue
            self.sent += requests
            each, barred = requests / len(zones), self._barred(inflow)
            open_to_it = [zone for zone in live if zone not in barred] if barred else live
            if len(open_to_it) < len(zones):
                self._strand(each, [zone for zone in zones if zone not in open_to_it], end)
            if open_to_it:
                if room < 1.0:
                    rejected = each * (1.0 - room)
                    self._reject(inflow, rejected, open_to_it)
                    each -= rejected
                inflow.reached += each * len(open_to_it)
                self._take(inflow, each, open_to_it, end, inflow.clients(now, end) / len(zones))
        if self.sessions.places:
            self._send_to_sticky_groups(now, end)
        for taken in self.rates:
            self.rates[taken] /= end - now
        self._rate = (self.sent - before) / (end - now)
        for group in self.groups.values():
            group.share_out(now, end - now)

    @abstractmethod
    def _room(self, coming: list[tuple[Inflow, float]], now: float, end: float) -> float:
        """The share of what comes from each source from `now` to `end` that it has room for."""

    def _reject(self, inflow: Inflow, each: float, zones: list[str]) -> None:
        """There is no room for requests of a source, so many at the nodes of each of some zones."""
        self._end(CONNECTION_REFUSED, Cause.NO_ROOM, each, zones)

    def step(self, now: float, end: float) -> None:
        """Let that time pass."""
        for group in self.groups.values():
            group.step(now, end - now)

    def _take(
        self, inflow: Inflow, each: float, zones: list[str], end: float, clients: float
    ) -> None:
        """Requests of a source reach the nodes of some zones, so many each, until `end`; `clients`
        use each node."""
        for zone in zones:
            self.reached[zone] = self.reached.get(zone, 0.0) + each
        route = self._route(inflow)
        if route is None:
            self._refuse(CONNECTION_REFUSED, each, zones, end)
            return
        total = each * len(zones)
        self.matched[route] = self.matched.get(route, 0.0) + total
        self.rates[route] = self.rates.get(route, 0.0) + total
        if route.marks:
            self._mark(route.marks, each, zones)
        if route.status is not None:
            cause = Cause.REDIRECT if route.redirects else Cause.FIXED_RESPONSE
            self._end(route.status, route.fault or cause, each, zones)
        elif route.session is not None:
            self.sessions.waiting.append(
                Crowd(route, inflow.source, inflow.kind, each, zones, clients)
            )
            return
        elif not route.groups:
            self._refuse(NO_TARGETS, each, zones, end)
        for group, share in route.groups:
            part = each * share
            self._send(group, inflow.source, inflow.kind, part, zones, end, clients)

    def _send(
        self,
        group: str,
        source: Source,
        kind: int,
        each: float,
        zones: list[str],
        end: float,
        clients: float,
    ) -> None:
        """Nodes hand requests of a source over to a target group, so many each."""
        state = self.groups[group]
        if state.resource.invokes and (refused := too_large(source)) is not None:
            self._end(*refused, each, zones, group)
            return
        receive, sizes = state.scopes.receive, source.sizes
        for zone in zones:
            if receive(zone, kind, each, clients, sizes):
                self.routed[zone] = self.routed.get(zone, 0.0) + each
                if state.resource.relays:
                    self.passed += each
            else:
                self._refuse(self._vacant(group), each, [zone], end)

    def _send_to_sticky_groups(self, now: float, end: float) -> None:
        """The same of what came from clients who stay with a target group."""
        for crowd, shares in self.sessions.share_out(end - now):
            for group, share in shares:
                if share > 0.0:
                    each, clients = crowd.each * share, crowd.clients * share
                    self._send(group, crowd.source, crowd.kind, each, crowd.zones, end, clients)
            missing = 1.0 - sum([share for _, share in shares])
            if missing > TRIFLE:  # no group has a weight
                self._refuse(NO_TARGETS, crowd.each * missing, crowd.zones, end)

    @abstractmethod
    def _refuse(self, status: str, each: float, zones: list[str], end: float) -> None:
        """Nobody is there for requests, so many at the nodes of each of some zones."""

    def _vacant(self, group: str) -> str:
        """What clients see where a target group has nobody to send a request to."""
        return NO_TARGETS

    def _strand(self, each: float, zones: list[str], end: float) -> None:
        """Nothing comes back to requests at the nodes of some zones: their clients give up."""
        due = end + CLIENT_CONNECT_TIMEOUT
        self._stranded += [(due, zone, each, None) for zone in zones]

    def _drop_portless(self, flows: dict[str, float], end: float) -> None:
        """Flows at the nodes of some zones were sent to a target, but found no port."""
        for zone, each in flows.items():
            self.routed[zone] -= each
            self._mark((Mark.NO_PORT,), each, [zone])
            due = end + CLIENT_CONNECT_TIMEOUT
            self._stranded.append((due, zone, each, Cause.NO_PORT))

    def _mark(self, marks: Iterable[Mark], each: float, zones: list[str]) -> None:
        """Something is counted of requests at the nodes of some zones, so many each."""
        for mark in marks:
            for zone in zones:
                self.marked[mark, zone] = self.marked.get((mark, zone), 0.0) + each

    def _route(self, inflow: Inflow) -> Route | None:
        """What happens to requests of a source; None: nobody listens on their port."""
        request = inflow.source.request
        key = inflow.kind, request.port
        if key not in self._routes:
            self._routes[key] = self.way_of(request)
        return self._routes[key]

    def way_of(self, request: Request) -> Route | None:
        """What happens to a request; None: nobody listens on its port."""
        listener = self.listeners.get(request.port)
        if listener is None:
            return None
        host = self.resource.identity.attributes.get("DNSName", "")
        return route(listener, self.rules_of(listener), request, host, self.resource)

    def passed_on(self, inflow: Inflow, group: str) -> float:
        """The share of a source's requests that a target group is sent."""
        found = self._route(inflow)
        share = 0.0 if found is None else dict(found.groups).get(group, 0.0)
        zones, barred = self.zones_in_dns(), self._barred(inflow)
        reached = [z for z in zones if not self.nodes[z].dark and z not in barred]
        served = [zone for zone in reached if self.groups[group].serves(zone)]
        return share * len(served) / len(zones)

    def beyond(self) -> float:
        """Requests inside the load balancers that it passes flows on to, of those flows."""
        return sum([balancer.in_flight * balancer.share_via(self) for balancer in self.relayed_to])

    def share_via(self, other: LoadBalancerState) -> float:
        """The share of its requests at present that another load balancer passes on to it."""
        now = self._schedule.now
        whole = self.rate(now)
        own = sum(inflow.rate(now) for inflow in self.inflows if inflow.via is other)
        return own / whole if whole > 0.0 else 0.0

    @property
    def invokes(self) -> bool:
        """Whether it has requests answered by Lambda functions."""
        return any(group.resource.invokes for group in self.groups.values())

    def invoked_share(self, inflow: Inflow, ran: Mapping[str, float]) -> float:
        """The share of a source's requests that Lambda functions get, where `ran` is the share that
        the function of each target group ran for. They never see a message that is too large."""
        if not ran or too_large(inflow.source) is not None:
            return 0.0
        found = self._route(inflow)
        groups = () if found is None else found.groups
        return sum([share * ran.get(name, 0.0) for name, share in groups])

    def _end(
        self,
        status: str,
        cause: Cause | Fault | None,
        each: float,
        zones: list[str],
        group: str | None = None,
    ) -> None:
        """Requests end at the nodes of some zones, so many each."""
        for zone in zones:
            ending = Ending(zone, status, cause, group)
            self.ended[ending] = self.ended.get(ending, 0.0) + each

    def statuses(self) -> Mapping[str, Statuses]:
        """What clients see of the requests to each of its target groups."""
        return {name: group.statuses for name, group in self.groups.items()}

    @property
    def in_flight(self) -> float:
        """Requests sent and neither answered nor failed."""
        inside = sum([group.scopes.in_flight for group in self.groups.values()])
        if not self._stranded:
            return inside
        return inside + sum([requests for _, _, requests, _ in self._stranded])

    @property
    def unsettled(self) -> bool:
        """Whether short steps are needed: something is building up, draining or timing out."""
        return (
            bool(self._stranded)
            or self.straining
            or any(group.scopes.unsettled for group in self.groups.values())
        )

    def rate(self, time: float) -> float:
        """Requests per second that come at an instant."""
        return sum([inflow.rate(time) for inflow in self.inflows])

    def rate_of_clients(self, time: float) -> float:
        """Those of them that clients send here."""
        return sum(inflow.rate(time) for inflow in self.inflows if inflow.via is None)

    def next_break(self, time: float) -> float:
        """When after `time` the traffic jumps."""
        own = (i.begins + i.source.shape.next_break(time - i.begins) for i in self.inflows)
        return min(own, default=math.inf)

    def utilisation(self, now: float, until: float) -> float:
        """The highest utilisation that a target may come to between two close instants."""
        to_come = max(self.rate(now), self.rate(until))
        if to_come <= 0.0:
            return 0.0
        if self._rate <= 0.0:
            return HEAVY_LOAD  # nobody knows yet what the targets make of it
        busiest = max((group.scopes.utilisation for group in self.groups.values()), default=0.0)
        return busiest * max(to_come / self._rate, 1.0)
