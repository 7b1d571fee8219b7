"""Faults of AWS FIS on tasks of Amazon ECS ("AWS FIS Actions reference: Amazon ECS actions"), and
one that it lacks: tasks that cannot be started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field, frozen

from model.actions import Action, ActionError, fault
from model.ec2.effects import Effect
from model.ec2.instances import Instance
from model.ecs.tasks import StopCode, Stopping, Task
from model.faults.active import ActiveFault, select
from model.fields import at_least, between

if TYPE_CHECKING:
    from model.world import World

TASKS = frozenset({"Tasks", "Clusters", "services", "target_groups", "Subnets", "zones"})
"""What faults of tasks can be aimed at."""
BY_FIS = "Task stopped by AWS FIS"


@frozen(kw_only=True)
class CpuStress:
    """Parameters of `aws:ecs:task-cpu-stress`."""

    percent: float = field(default=100.0, validator=between(0, 100))
    workers: int = field(default=0, validator=at_least(0))
    """How many stressors; 0: one for each CPU. The load is the same."""
    install_dependencies: bool = True


@frozen(kw_only=True)
class NetworkLatency:
    """Parameters of `aws:ecs:task-network-latency`."""

    delay_milliseconds: float = field(default=200.0, validator=at_least(0))
    jitter_milliseconds: float = field(default=10.0, validator=at_least(0))
    """Its mean is none: nothing is made of it."""
    install_dependencies: bool = True
    use_ecs_fault_injection_endpoints: bool = False


@frozen(kw_only=True)
class KillProcess:
    """Parameters of `aws:ecs:task-kill-process`."""

    process_name: str
    """What is killed: the container's process, whatever its name."""
    signal: str = "SIGTERM"
    install_dependencies: bool = True


@define(eq=False, kw_only=True)
class OfTasks(ActiveFault):
    """A fault of the tasks that were chosen when it began."""

    def begin(self, world: World) -> None:
        for task in _chosen(world, self.action, self.id):
            self.touch(world, task)

    def launched(self, world: World, instance: Instance) -> None:
        """Only those are touched."""


@define(eq=False, kw_only=True)
class Unstartable(ActiveFault):
    """Tasks that come to be while it lasts cannot be started."""

    def begin(self, world: World) -> None:
        for instance in select(world, self.action, self.id):
            if isinstance(instance, Task) and instance.starting:
                self.touch(world, instance)


@fault("aws:ecs:stop-task", targets=TASKS, lasts=False)
def stop_task(world: World, action: Action) -> None:
    """Stop tasks; their service starts others."""
    for task in _struck(world, action):
        world.ecs.stop_task(task, Stopping(StopCode.USER, BY_FIS))


@fault("aws:ecs:task-cpu-stress", CpuStress, targets=TASKS)
def cpu_stress(world: World, action: Action) -> None:
    """Keep the CPUs of tasks busy."""
    _begin(world, action, Effect(cpu_burnt=action.parameters.percent / 100))


@fault("aws:ecs:task-network-latency", NetworkLatency, targets=TASKS)
def network_latency(world: World, action: Action) -> None:
    """Have the network of tasks answer late."""
    _begin(world, action, Effect(latency=action.parameters.delay_milliseconds / 1000))


@fault("aws:ecs:task-kill-process", KillProcess, targets=TASKS, lasts=False)
def kill_process(world: World, action: Action) -> None:
    """Kill the process of tasks: their container ends, and they with it."""
    for task in _struck(world, action):
        world.ecs.lifecycle.exit(task)


@fault("spillover:fail-task-start", targets={"Clusters", "services", "Subnets", "zones"})
def fail_task_start(world: World, action: Action) -> None:
    """Have the images of new tasks not be pulled: they stop without having run."""
    name = world.faults.name(action)
    effect = Effect(unstartable=True)
    world.faults.begin(Unstartable(id=name, action=action, began=world.now, effect=effect))


def _struck(world: World, action: Action) -> list[Task]:
    """The tasks that something is done to at once, which is put on the record."""
    name = world.faults.name(action)
    chosen = _chosen(world, action, name)
    world.faults.note(action, name, [*chosen])
    return chosen


def _begin(world: World, action: Action, effect: Effect) -> None:
    name = world.faults.name(action)
    world.faults.begin(OfTasks(id=name, action=action, began=world.now, effect=effect))


def _chosen(world: World, action: Action, name: str) -> list[Task]:
    found = [task for task in select(world, action, name) if isinstance(task, Task)]
    if not any(task.active for task in found):
        raise ActionError(f"{action.name} finds no task among its targets")
    return [task for task in found if task.active]
