"""Faults while they last: how one begins, whom it touches, and how it ends.

A fault is named after an AWS FIS action where FIS has it. It touches the instances it was aimed at;
aimed at a place or a service as a whole, it also touches the instances that come there later.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from model.actions import REGISTER, Action, ActionError, Targets
from model.clock import Event, Phase
from model.ec2.effects import Effect
from model.ec2.instances import Instance, InstanceState
from model.ecs.tasks import Task
from model.resources import ACCOUNT, REGION

if TYPE_CHECKING:
    from model.world import World

ALIVE = (InstanceState.PENDING, InstanceState.RUNNING)
OF_INSTANCES = ("aws:ebs:", "aws:ec2:", "aws:ssm:")
"""How the names of faults begin that are about EC2 instances alone."""


@define(eq=False, kw_only=True)
class ActiveFault:
    """One fault that lasts. Families override `begin`, `cover` and `finish`."""

    id: str
    action: Action
    began: float
    effect: Effect | None = None
    """What it does to each instance it touches."""
    touched: list[Instance] = field(factory=list)
    ending: Event | None = None

    def begin(self, world: World) -> None:
        """Touch the instances it is aimed at."""
        for instance in select(world, self.action, self.id):
            self.touch(world, instance)

    def touch(self, world: World, instance: Instance) -> None:
        """Let one instance feel it."""
        self.touched.append(instance)
        if self.effect is not None:
            self.affect(world, instance, self.effect)

    def affect(self, world: World, instance: Instance, effect: Effect) -> None:
        """Have an instance feel an effect (on the services that it is aimed at, if on any)."""
        only = frozenset(self.action.targets.services)
        instance.set_effect(world.now, self.id, evolve(effect, services=only))

    def concerned(self, instance: Instance) -> tuple[str, ...]:
        """The services of an instance that it is aimed at."""
        only = self.action.targets.services
        return tuple(s.name for s in instance.services if not only or s.name in only)

    def launched(self, world: World, instance: Instance) -> None:
        """A new instance: touched as well if the fault is on a place or a service as a whole."""
        targets = self.action.targets
        chosen = targets.instances or targets.count is not None or targets.percent is not None
        if not chosen and instance in select(world, self.action, self.id):
            self.touch(world, instance)

    def finish(self, world: World) -> None:
        """Lift it from all it touched."""
        for instance in self.touched:
            instance.set_effect(world.now, self.id, None)


class Faults:
    """The faults at work in a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._number = 0
        self.active: dict[str, ActiveFault] = {}
        """By id, in order of beginning."""
        world.ec2.on_launch.append(self._launched)

    def name(self, action: Action) -> str:
        """The id of a new fault: its own, or the next number."""
        self._number += 1
        return action.id or f"fault-{self._number}"

    def begin(self, fault: ActiveFault) -> None:
        """A fault begins now, and ends by itself after its duration if it has one."""
        if fault.id in self.active:
            raise ActionError(f"a fault named {fault.id} is at work already")
        fault.begin(self._world)
        self.active[fault.id] = fault
        self._tell(fault, "running", before="pending")
        if fault.action.duration is not None:
            fault.ending = self._world.schedule.after(
                fault.action.duration, Phase.CHANGE, self.end, fault.id, "completed"
            )

    def note(self, action: Action, fault_id: str, touched: list[Instance]) -> None:
        """Put a fault on the record that is done at once and leaves nothing to lift."""
        now = self._world.now
        fault = ActiveFault(id=fault_id, action=action, began=now, touched=touched)
        self._tell(fault, "completed", before="pending")

    def fail(self, action: Action, problem: ActionError) -> None:
        """Put on the record that a fault could not begin, and why."""
        fault = ActiveFault(id=self.name(action), action=action, began=self._world.now)
        self._tell(fault, "failed", before="pending", reason=str(problem))

    def end(self, fault_id: str, status: str = "stopped") -> None:
        """Lift a fault now."""
        fault = self.active.pop(fault_id)
        if fault.ending is not None:
            fault.ending.cancel()
        fault.finish(self._world)
        self._tell(fault, status, before="running")

    def _launched(self, instance: Instance) -> None:
        for fault in self.active.values():
            fault.launched(self._world, instance)

    def _tell(self, fault: ActiveFault, status: str, before: str, reason: str = "") -> None:
        """AWS FIS's event; the action and whom it touches are added to its detail."""
        targets = fault.action.targets
        kinds = ("zones", "services", "subnets", "clusters", "db_instances")
        named = {key: getattr(targets, key) for key in kinds}
        aimed = {key: list(value) for key, value in named.items() if value}
        is_fis = fault.action.name.startswith("aws:")
        self._world.bus.publish(
            "aws.fis" if is_fis else "spillover",
            "FIS Experiment State Change",
            (f"arn:aws:fis:{REGION}:{ACCOUNT}:experiment/{fault.id}",),
            {
                "experiment-id": fault.id,
                "new-state": {"status": status, "reason": reason or f"Experiment is {status}."},
                "old-state": {"status": before, "reason": f"Experiment is {before}."},
                "action-id": fault.action.name,
                "targets": aimed | _touched(fault.touched),
            },
        )


def _touched(hosts: list[Instance]) -> dict[str, list[str]]:
    """Whom a fault touches, as its event tells it."""
    tasks = [host.arn for host in hosts if isinstance(host, Task)]
    others = [host.id for host in hosts if not isinstance(host, Task)]
    return {"instances": others, **({"tasks": tasks} if tasks else {})}


def select(
    world: World,
    action: Action,
    name: str,
    eligible: Callable[[Instance], bool] = lambda _: True,
) -> list[Instance]:
    """The living instances that an action's targets mean, in order of launch; functions are among
    them where it can be aimed at those.

    Several kinds of targets together mean the instances that fit all of them. Where only a count or
    a percentage is wanted, the seed chooses.
    """
    targets, spared = action.targets, world.functions.hosts
    if "Functions" in REGISTER[action.name].targets:
        spared = {}
    found = [
        instance
        for instance in world.hosts()
        if instance.state in ALIVE
        and instance.id not in spared
        and eligible(instance)
        and _concerns(action.name, instance)
        and _fits(world, targets, instance)
    ]
    wanted = len(found)
    if targets.count is not None:
        wanted = min(targets.count, wanted)
    elif targets.percent is not None:
        wanted = math.ceil(wanted * targets.percent / 100 - 1e-9)
    if wanted < len(found):
        order = world.streams[f"faults/{name}"].permutation(len(found))[:wanted]
        found = [found[int(index)] for index in sorted(order)]
    return found


def _concerns(name: str, instance: Instance) -> bool:
    """Whether an action is about such a host: AWS has faults for instances alone, and others for
    tasks of Amazon ECS alone. A task that is about to end is let alone."""
    wanted = REGISTER[name].targets
    if isinstance(instance, Task):
        return instance.active and not name.startswith(OF_INSTANCES)
    return "Clusters" not in wanted or "Instances" in wanted


def _fits(world: World, targets: Targets, instance: Instance) -> bool:
    named = {
        "instances": instance.id,
        "subnets": instance.subnet,
        "auto_scaling_groups": instance.group,
        "zones": instance.zone,
        "functions": instance.id,
        "tasks": instance.name if isinstance(instance, Task) else None,
        "clusters": instance.cluster if isinstance(instance, Task) else None,
    }
    if targets.services and not any(s.name in targets.services for s in instance.services):
        return False
    for kind, value in named.items():
        wanted = getattr(targets, kind)
        if kind == "instances":
            wanted = tuple(map(world.ec2.id_of, wanted))
        if kind == "functions":
            wanted = tuple(map(world.functions.name_of, wanted))
        if kind == "tasks":
            wanted = tuple(name.rpartition("/")[2] for name in wanted)
        if kind == "clusters":
            wanted = tuple(map(world.ecs.cluster_name, wanted))
        if wanted and value not in wanted:
            return False
    return not targets.target_groups or any(
        _belongs(world, group, instance) for group in targets.target_groups
    )


def _belongs(world: World, target_group: str, instance: Instance) -> bool:
    """Whether an instance is in a target group, or its Auto Scaling group will register it."""
    owner = world.autoscaling.groups.get(instance.group or "")
    attached = owner is not None and target_group in owner.attachments.names
    targets = world.elb.groups[target_group].targets.values()
    return attached or any(target.instance is instance for target in targets)
