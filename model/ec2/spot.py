"""Spot instances: what they cost, whether there are any, and when EC2 takes them back.

Sources: "Spot Instances", "Spot Instance interruptions", "Spot Instance interruption notices", "EC2
instance rebalance recommendations", "Billing for interrupted Spot Instances" (Amazon EC2 User
Guide). Prices, spare capacity and how often pools are reclaimed come from the scenario: AWS
publishes none of it in advance.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from attrs import Attribute, define, field, frozen

from model.clock import HOUR, Event, Phase, Schedule, Streams
from model.ec2.instance_types import INSTANCE_TYPES, InstanceType
from model.ec2.instances import Instance, InstanceState
from model.ec2.launches import LaunchError, no_spot_capacity, price_too_low
from model.events.bus import EventBus
from model.fields import FieldError, above, at_least, between, each, one_of
from model.resources import ZONES

NOTICE_SECONDS = 120.0
"""From the interruption notice until the instance is terminated."""
FREE_SECONDS = HOUR
"""What EC2 interrupts within its first hour is not charged."""
USUAL_PRICE = 0.35
"""The share of the On-Demand price, where a scenario does not say: discounts of 60 to 70 per cent
are common."""

RECOMMENDATION = "EC2 Instance Rebalance Recommendation"
WARNING = "EC2 Spot Instance Interruption Warning"
ALIVE = (InstanceState.PENDING, InstanceState.RUNNING)


@frozen
class Terms:
    """What one pool (a type in a zone) is like at present."""

    price: float
    """Share of the On-Demand price."""
    interruptions_per_hour: float
    """How often an instance is interrupted on average, if it ran on and on."""
    capacity: int | None
    """Instances there are at most; None: enough."""


@frozen(kw_only=True)
class PoolTerms:
    """What is different in some pools; what is not given is as elsewhere."""

    types: tuple[str, ...] = field(default=())
    """Names of types, `*` for anything; none: all types."""
    zones: tuple[str, ...] = field(default=(), validator=each(one_of(*ZONES)))
    """None: all zones."""
    price: float | None = field(default=None, validator=above(0))
    interruptions_per_hour: float | None = field(default=None, validator=between(0, 60))
    capacity: int | None = field(default=None, validator=at_least(0))

    @types.validator
    def _known(self, attribute: Attribute[Any], value: tuple[str, ...]) -> None:
        for index, pattern in enumerate(value):
            if not any(fnmatchcase(name, pattern) for name in INSTANCE_TYPES):
                message = f"no instance type that Spillover knows is {pattern}"
                raise FieldError(attribute, message, index)

    def concern(self, kind: str, zone: str) -> bool:
        """Whether they are about a type in a zone."""
        fits = not self.types or any(fnmatchcase(kind, pattern) for pattern in self.types)
        return fits and (not self.zones or zone in self.zones)

    def over(self, terms: Terms) -> Terms:
        """Terms with what these say in its place."""
        rate, capacity = self.interruptions_per_hour, self.capacity
        return Terms(
            terms.price if self.price is None else self.price,
            terms.interruptions_per_hour if rate is None else rate,
            terms.capacity if capacity is None else capacity,
        )


@frozen(kw_only=True)
class SpotTerms:
    """The Spot market of a scenario: what holds everywhere, and pools that differ (later ones of
    the list go before earlier ones)."""

    price: float = field(default=USUAL_PRICE, validator=above(0))
    interruptions_per_hour: float = field(default=0.0, validator=between(0, 60))
    capacity: int | None = field(default=None, validator=at_least(0))
    recommendation: float = field(default=0.0, validator=at_least(0), metadata={"duration": True})
    """How long before the interruption notice the rebalance recommendation comes."""
    pools: tuple[PoolTerms, ...] = ()

    def terms(self, kind: str, zone: str) -> Terms:
        """Those of one pool."""
        terms = Terms(self.price, self.interruptions_per_hour, self.capacity)
        for pool in self.pools:
            if pool.concern(kind, zone):
                terms = pool.over(terms)
        return terms


@define(eq=False)
class SpotRequest:
    """A Spot instance, and what it has cost."""

    instance: Instance
    max_price: float
    """Dollars an hour."""
    price: float
    """Dollars an hour at present."""
    dollars: float = 0.0
    """What it cost until the price last changed."""
    seconds: float = 0.0
    """Billed time until then."""
    reclaim: Event | None = None
    """When EC2 will want it back, if nothing changes."""
    warned: bool = False
    """Whether it has got its interruption notice."""
    free: bool = False
    """Whether it costs nothing, since EC2 took it back in its first hour."""


class SpotMarket:
    """The Spot instances of one region, and the pools they come from."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        settings: SpotTerms,
        terminate: Callable[[str], None],
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._bus = bus
        self._settings = settings
        self._terminate = terminate
        self.requests: dict[str, SpotRequest] = {}
        """Every Spot instance there was, by id, in order of launch."""
        self.changes: dict[str, PoolTerms] = {}
        """What faults have changed, by their ids; later ones go before earlier ones."""

    # -- pools --------------------------------------------------------------------------------

    def terms(self, kind: str, zone: str) -> Terms:
        """What a pool is like at present."""
        terms = self._settings.terms(kind, zone)
        for change in self.changes.values():
            if change.concern(kind, zone):
                terms = change.over(terms)
        return terms

    def price(self, kind: InstanceType, zone: str) -> float:
        """Dollars an hour at present."""
        return kind.price * self.terms(kind.name, zone).price

    def room(self, kind: str, zone: str) -> float:
        """How many more instances a pool has."""
        capacity = self.terms(kind, zone).capacity
        return float("inf") if capacity is None else capacity - len(self._pool(kind, zone))

    def refuse(self, kind: InstanceType, zone: str, max_price: float) -> LaunchError | None:
        """Why no instance of a pool can be had for so much an hour, if none can."""
        price = self.price(kind, zone)
        if price > max_price:
            return price_too_low(max_price, price)
        return no_spot_capacity() if self.room(kind.name, zone) < 1 else None

    def riskier(self, kind: str, zone: str, than: Instance) -> bool:
        """Whether an instance of a pool is interrupted more often than one that there is."""
        known = self.terms(than.type.name, than.zone)
        return self.terms(kind, zone).interruptions_per_hour > known.interruptions_per_hour

    def _pool(self, kind: str, zone: str) -> list[SpotRequest]:
        return [
            request
            for request in self.requests.values()
            if request.instance.type.name == kind
            and request.instance.zone == zone
            and request.instance.state in ALIVE
        ]

    # -- instances ----------------------------------------------------------------------------

    def launched(self, instance: Instance, max_price: float) -> None:
        """A Spot instance is launched: from now on EC2 may want it back."""
        price = self.price(instance.type, instance.zone)
        request = self.requests[instance.id] = SpotRequest(instance, max_price, price)
        self._draw(request)

    def _draw(self, request: SpotRequest) -> None:
        """Draw when EC2 wants an instance back; what was drawn before is void."""
        if request.reclaim is not None:
            request.reclaim.cancel()
            request.reclaim = None
        instance = request.instance
        rate = self.terms(instance.type.name, instance.zone).interruptions_per_hour
        if rate > 0:
            wait = self._streams["spot/interruptions"].exponential(HOUR / rate)
            request.reclaim = self._schedule.after(
                float(wait),
                Phase.CHANGE,
                self.interrupt,
                instance.id,
                self._settings.recommendation,
            )

    def interrupt(self, instance: str, lead: float = 0.0) -> None:
        """EC2 wants an instance back: it recommends to rebalance now, gives notice `lead` seconds
        later, and terminates it two minutes after that."""
        request = self.requests[instance]
        if request.instance.state in ALIVE:
            self._tell(request, RECOMMENDATION, {})
            self._schedule.after(lead, Phase.CHANGE, self._warn, request)

    def _warn(self, request: SpotRequest) -> None:
        if request.instance.state in ALIVE and not request.warned:
            request.warned = True
            self._tell(request, WARNING, {"instance-action": "terminate"})
            self._schedule.after(NOTICE_SECONDS, Phase.CHANGE, self._take, request)

    def _take(self, request: SpotRequest) -> None:
        instance = request.instance
        if instance.state in ALIVE:
            ran = instance.billed_seconds(self._schedule.now)
            request.free = ran < FREE_SECONDS
            self._terminate(instance.id)

    def _tell(self, request: SpotRequest, event: str, more: dict[str, str]) -> None:
        instance = request.instance
        detail = {"instance-id": instance.id, **more}
        self._bus.publish("aws.ec2", event, (instance.arn,), detail)

    # -- what changes -------------------------------------------------------------------------

    def change(self, name: str, change: PoolTerms | None) -> None:
        """The market changes (None: a change is over): prices follow at once, and what EC2 has no
        room for any more, or costs more than its request allows, is interrupted."""
        if change is None:
            self.changes.pop(name, None)
        else:
            self.changes[name] = change
        living = [r for r in self.requests.values() if r.instance.state in ALIVE]
        for request in living:
            self._settle(request)
            self._draw(request)
            if request.price > request.max_price and not request.warned:
                self.interrupt(request.instance.id)
        pools = dict.fromkeys((r.instance.type.name, r.instance.zone) for r in living)
        for kind, zone in pools:
            staying = [request for request in self._pool(kind, zone) if not request.warned]
            surplus = min(round(max(-self.room(kind, zone), 0)), len(staying))
            chosen = self._streams["spot/reclaimed"].permutation(len(staying))[:surplus]
            for index in sorted(int(number) for number in chosen):
                self.interrupt(staying[index].instance.id)

    def _settle(self, request: SpotRequest) -> None:
        """Charge what has run so far at the old price; the new one counts from now."""
        instance, now = request.instance, self._schedule.now
        request.dollars, request.seconds = self._dollars(request), instance.billed_seconds(now)
        request.price = self.price(instance.type, instance.zone)

    def _dollars(self, request: SpotRequest) -> float:
        seconds = request.instance.billed_seconds(self._schedule.now) - request.seconds
        return request.dollars + seconds / HOUR * request.price

    def cost(self, instance: str) -> float:
        """What a Spot instance has cost until now, in dollars."""
        request = self.requests[instance]
        return 0.0 if request.free else self._dollars(request)
