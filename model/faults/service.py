"""Faults of the service itself, which AWS FIS has no actions for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from model.actions import Action, fault
from model.clock import Phase
from model.ec2.effects import Effect
from model.ec2.instances import Instance, InstanceState
from model.faults.active import ActiveFault
from model.faults.instances import INSTANCES
from model.fields import above, at_least, between

if TYPE_CHECKING:
    from model.world import World

HOSTS = INSTANCES | {"Tasks", "Clusters"}
"""What can run a service."""
LEAK_STEPS = 20
"""In how many steps a leaking service fills its memory."""
SLOWEST = 1.0
"""How much longer, as a share, requests take when memory is all but gone (twice as long)."""


@frozen(kw_only=True)
class ErrorRate:
    """Parameters of `spillover:error-rate`."""

    percent: float = field(default=50.0, validator=between(0, 100))
    """Of the requests, how many are answered with a 500."""


@frozen(kw_only=True)
class SlowResponses:
    """Parameters of `spillover:slow-responses`."""

    factor: float = field(default=5.0, validator=at_least(1))
    """How many times longer a request takes, CPU and waiting alike."""


@frozen(kw_only=True)
class MemoryLeak:
    """Parameters of `spillover:memory-leak`."""

    time_to_exhaust: float = field(default=600.0, validator=above(0), metadata={"duration": True})
    """Seconds until the memory is gone; the service is killed then and starts afresh."""


@fault("spillover:fail-health-checks", targets=HOSTS | {"Functions"})
def fail_health_checks(world: World, action: Action) -> None:
    """Have the service answer health checks with a 503 while it serves users well."""
    _begin(world, action, Effect(failing_checks=True))


@fault("spillover:error-rate", ErrorRate, targets=HOSTS | {"Functions"})
def error_rate(world: World, action: Action) -> None:
    """Have the service answer a share of the requests with a 500."""
    _begin(world, action, Effect(error_rate=action.parameters.percent / 100))


@fault("spillover:slow-responses", SlowResponses, targets=HOSTS | {"Functions"})
def slow_responses(world: World, action: Action) -> None:
    """Have every request take several times as long."""
    _begin(world, action, Effect(slowdown=action.parameters.factor))


@fault("spillover:memory-leak", MemoryLeak, targets=HOSTS)
def memory_leak(world: World, action: Action) -> None:
    """Have the service lose memory: slower and slower, then killed and started afresh."""
    name = world.faults.name(action)
    world.faults.begin(LeakingMemory(id=name, action=action, began=world.now, effect=Effect()))


def _begin(world: World, action: Action, effect: Effect) -> None:
    name = world.faults.name(action)
    world.faults.begin(ActiveFault(id=name, action=action, began=world.now, effect=effect))


@define(eq=False, kw_only=True)
class LeakingMemory(ActiveFault):
    """Each instance it touches fills its memory step by step."""

    def touch(self, world: World, instance: Instance) -> None:
        super().touch(world, instance)
        self._later(world, instance, 0)

    def _later(self, world: World, instance: Instance, step: int) -> None:
        parameters: Any = self.action.parameters
        seconds = parameters.time_to_exhaust / LEAK_STEPS
        world.schedule.after(seconds, Phase.CHANGE, self._leak, world, instance, step + 1)

    def _leak(self, world: World, instance: Instance, step: int) -> None:
        lifted = world.faults.active.get(self.id) is not self
        if lifted or instance.state in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED):
            return
        leaking = self.concerned(instance)
        up = instance.listening.issuperset(leaking)
        if step >= LEAK_STEPS or not up:
            self.affect(world, instance, Effect())
            if up:
                world.ec2.stop_service(instance, leaking)
                world.ec2.start_service(instance, leaking)
            step = 0  # a service that starts afresh has all its memory
        else:
            full = step / LEAK_STEPS
            self.affect(world, instance, Effect(slowdown=1 + SLOWEST * full * full))
        self._later(world, instance, step)
