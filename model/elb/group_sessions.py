"""Stickiness between target groups: a client stays with the group that it came to first.

Source: "Action types for listener rules" and "Sticky sessions for your Application Load Balancer".
A request without the cookie AWSALBTG goes to a group by the weights; one that has it goes to the
group that it names, as long as the action forwards there, whatever its weight is by now. Clients
are amounts, as those of targets are (see `stickiness.py`); each route through the listeners has its
own, of all sources and nodes together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import define, field, frozen

from model.elb.resources import Action, AnyListener, ListenerRule
from model.elb.routing import Route
from model.elb.stickiness import arrivals
from model.traffic.source import Source

Place = tuple[str, str | None]
"""A listener and a rule of it (None: the default one), by logical id."""


@define(eq=False)
class Following:
    """The clients whose cookies name a target group."""

    clients: float = 0.0
    size: int = 1


@define(eq=False)
class Sessions:
    """Those of one route."""

    duration: float
    """Seconds that a cookie lasts."""
    groups: dict[str, Following] = field(factory=dict)
    """By target group, as far as the action forwards there."""
    silent: float = 0.0
    """Seconds since anybody asked."""

    def configure(self, action: Action) -> None:
        """The action is another now: groups that it does not name lose their clients."""
        self.duration = action.session or self.duration
        self.groups = {name: self.groups.get(name, Following()) for name in action.groups}

    def share_out(
        self, requests: float, clients: float, dt: float, weights: Iterable[tuple[str, float]]
    ) -> list[tuple[str, float]]:
        """The share that each group gets of the requests that so many clients send in `dt` seconds;
        `weights` are the shares of those without a cookie. Where no group has a weight, what is
        missing to 1 goes nowhere."""
        self.silent = 0.0
        fresh = {id(self.groups[name]): share for name, share in weights}
        held = list(self.groups.values())
        sent, _ = arrivals(requests, dt, clients, self.duration, held, (), fresh)
        return [(name, sent[id(own)] / requests) for name, own in self.groups.items()]

    def be_silent(self, dt: float) -> None:
        """Nobody asks: after the duration of a cookie all have run out."""
        self.silent += dt
        if self.silent >= self.duration:
            for following in self.groups.values():
                following.clients = 0.0


@frozen
class Crowd:
    """Like requests that reached the nodes in a step and wait for a target group."""

    route: Route
    source: Source
    kind: int
    each: float
    """At each node."""
    zones: list[str]
    """Of the nodes."""
    clients: float
    """Who use each node."""

    @property
    def place(self) -> Place:
        """Whose sessions they belong to."""
        return self.route.listener, self.route.rule


@define(eq=False)
class GroupSessions:
    """Those of a load balancer."""

    places: dict[Place, Sessions] = field(factory=dict)
    """By the route; only of routes whose target groups are sticky."""
    waiting: list[Crowd] = field(factory=list)
    """What came in the present step: all of it is needed to know how each is shared out."""

    def review(self, listeners: Iterable[AnyListener], rules: Mapping[str, ListenerRule]) -> None:
        """Listeners or rules do something else now: what is not sticky any more is forgotten."""
        actions: dict[Place, Action] = {(item.logical_id, None): item.action for item in listeners}
        actions |= {(rule.listener_arn, name): rule.action for name, rule in rules.items()}
        before, self.places = self.places, {}
        for place, action in actions.items():
            if action.session is not None:
                self.places[place] = before.get(place) or Sessions(action.session)
                self.places[place].configure(action)

    def share_out(self, dt: float) -> Iterator[tuple[Crowd, list[tuple[str, float]]]]:
        """What came in `dt` seconds, each with the target groups and the shares that they get."""
        crowds: dict[Place, list[Crowd]] = {place: [] for place in self.places}
        for crowd in self.waiting:
            crowds[crowd.place].append(crowd)
        self.waiting = []
        for place, sessions in self.places.items():
            own = crowds[place]
            if not own:
                sessions.be_silent(dt)
                continue
            requests = sum(crowd.each * len(crowd.zones) for crowd in own)
            clients = sum(crowd.clients * len(crowd.zones) for crowd in own)
            shares = sessions.share_out(requests, clients, dt, own[0].route.groups)
            for crowd in own:
                yield crowd, shares
