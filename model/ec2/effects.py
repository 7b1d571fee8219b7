"""What a fault does to an instance and the service on it, while it lasts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from attrs import evolve, frozen


@frozen(kw_only=True)
class Effect:
    """The touch of one fault, or of several together."""

    unreachable: bool = False
    """No packet reaches the instance or leaves it."""
    host_impaired: bool = False
    """What it runs on has lost its network or power: status checks fail."""
    cpu_burnt: float = 0.0
    """Share of all vCPUs that something else uses (0 to 1)."""
    latency: float = 0.0
    """Seconds that the network adds to each answer."""
    slowdown: float = 1.0
    """How many times longer the service takes for a request."""
    error_rate: float = 0.0
    """Share of the requests that the service answers with a 5xx (0 to 1)."""
    failing_checks: bool = False
    """The service answers health checks with a 503, whatever it does for others."""
    volumes_impaired: bool = False
    """Its EBS volumes do no I/O: the attached EBS status check fails."""
    unstartable: bool = False
    """Containers cannot be started: their images are not to be had."""
    services: frozenset[str] = frozenset()
    """The services that `slowdown`, `error_rate` and `failing_checks` concern; empty: all."""

    def on(self, service: str | None) -> Effect:
        """What of it one service of the instance feels (None: the instance alone)."""
        if not self.services or service in self.services:
            return self
        return evolve(self, slowdown=1.0, error_rate=0.0, failing_checks=False)

    def __and__(self, other: Effect) -> Effect:
        """Both at once."""
        return Effect(
            unreachable=self.unreachable or other.unreachable,
            host_impaired=self.host_impaired or other.host_impaired,
            cpu_burnt=min(self.cpu_burnt + other.cpu_burnt, 1.0),
            latency=self.latency + other.latency,
            slowdown=self.slowdown * other.slowdown,
            error_rate=1 - (1 - self.error_rate) * (1 - other.error_rate),
            failing_checks=self.failing_checks or other.failing_checks,
            volumes_impaired=self.volumes_impaired or other.volumes_impaired,
            unstartable=self.unstartable or other.unstartable,
        )


NO_EFFECT = Effect()


def together(effects: Iterable[Effect]) -> Effect:
    """All of them at once."""
    return reduce(Effect.__and__, effects, NO_EFFECT)
