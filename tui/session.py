"""A session: a scenario's world while a person flies it, and the recording of what they did."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from attrs import evolve
from platformdirs import user_state_path

from model.actions import Action, ActionError, NoParameters, Targets
from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.moves import AlarmNames, SetAlarmState
from model.elb.attributes import KeyValue
from model.elb.classic_moves import InstanceItem, Instances
from model.elb.listener_moves import ModifyListener, ModifyRule
from model.elb.moves import ModifyLoadBalancerAttributes, ModifyTargetGroupAttributes
from model.elb.moves import Targets as RegisteredTargets
from model.elb.resources import Action as ListenerAction
from model.elb.resources import ForwardConfig, TargetGroupTuple
from model.elb.resources.targets import TargetDescription
from model.elb.zonal_shift import CancelZonalShift, StartZonalShift
from model.faults.moves import StopExperiment
from model.faults.network import DisruptConnectivity
from model.faults.service import ErrorRate, SlowResponses
from model.faults.traffic import TrafficFactor
from model.world import World
from scenarios.exports import write
from scenarios.judge import not_reached
from scenarios.library import ENDING
from scenarios.loader import Loaded
from scenarios.player import Outcome, conclude, make_world
from scenarios.save import dump
from scenarios.scenario import TimelineEntry
from tui.group_moves import GroupMoves
from tui.views import actions_enabled

SHIFT = "2h"
"""How long a zonal shift by key lasts, unless it is taken back."""


class Session:
    """What the keys act on. Each method is one `Action`, named as AWS names it."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.scenario = loaded.scenario
        self.world: World = make_world(loaded.scenario)
        self.groups = GroupMoves(self.world, self._move)
        """What the keys do to Auto Scaling groups."""
        self._planned = {id(entry.action) for entry in self.scenario.timeline}
        self._saved = 0

    @property
    def end(self) -> float:
        """When the scenario is over, seconds since its start."""
        return self.scenario.duration

    @property
    def done_by_hand(self) -> int:
        """How many actions came from keys, not from the scenario's own timeline."""
        return sum(id(action) not in self._planned for _, action in self.world.applied)

    @property
    def unsaved(self) -> bool:
        """Whether a person did something that no file tells of yet."""
        return self.done_by_hand != self._saved

    @property
    def file_name(self) -> str:
        """What a recording is called if nobody says otherwise."""
        stem = self.loaded.path.name.removesuffix(ENDING).removesuffix(self.loaded.path.suffix)
        return f"{stem}-session{ENDING}"

    # -- faults and moves ---------------------------------------------------------------------

    def kill(self, instance: str) -> None:
        """Terminate an instance, or stop a task (which is known by its address)."""
        task = self.world.ecs.task(instance)
        if task is not None:
            self._apply("aws:ecs:stop-task", Targets(tasks=(task.name,)))
        else:
            self._apply("aws:ec2:terminate-instances", Targets(instances=(instance,)))

    def toggle_health(self, instance: str) -> bool:
        """Fail an instance's health checks, or stop that; whether it fails now."""
        return self._toggle("spillover:fail-health-checks", Targets(instances=(instance,)))

    def toggle_slow(self, instance: str) -> bool:
        """Make an instance's service slow, or stop that; whether it is slow now."""
        targets = Targets(instances=(instance,))
        return self._toggle("spillover:slow-responses", targets, SlowResponses())

    def toggle_errors(self, instance: str) -> bool:
        """Have an instance's service err, or stop that; whether it errs now."""
        targets = Targets(instances=(instance,))
        return self._toggle("spillover:error-rate", targets, ErrorRate())

    def toggle_zone(self, zone: str) -> bool:
        """Cut a zone's network, or restore it; whether it is dark now."""
        targets = Targets(zones=(zone,))
        return self._toggle("aws:network:disrupt-connectivity", targets, DisruptConnectivity())

    def toggle_spike(self, factor: float = 3.0) -> bool:
        """Multiply the traffic, or end that; whether it is multiplied now."""
        parameters = TrafficFactor(factor=factor)
        return self._toggle("spillover:traffic-factor", Targets(), parameters)

    def lift(self) -> None:
        """Lift all faults."""
        self._apply("fis:StopExperiment", Targets(), StopExperiment())

    def register(self, group: str, instance: str) -> None:
        """RegisterTargets for one instance."""
        self._targets("RegisterTargets", group, instance)

    def deregister(self, group: str, target: str) -> None:
        """DeregisterTargets for one target (`instance:port`)."""
        self._targets("DeregisterTargets", group, target)

    def _targets(self, call: str, group: str, target: str) -> None:
        instance, _, port = target.partition(":")
        if group in self.world.elb.balancers:
            classic = {
                "RegisterTargets": "RegisterInstancesWithLoadBalancer",
                "DeregisterTargets": "DeregisterInstancesFromLoadBalancer",
            }
            item = InstanceItem(instance_id=instance)
            named = Instances(load_balancer_name=group, instances=(item,))
            self._apply(f"elasticloadbalancing:{classic[call]}", Targets(), named)
            return
        one = TargetDescription(id=instance, port=int(port) if port else None)
        parameters = RegisteredTargets(target_group_arn=group, targets=(one,))
        self._apply(f"elasticloadbalancing:{call}", Targets(), parameters)

    def set_attribute(self, resource: str, key: str, value: str) -> None:
        """ModifyTargetGroupAttributes or ModifyLoadBalancerAttributes."""
        given = (KeyValue(key=key, value=value),)
        parameters: object
        if resource in self.world.elb.groups:
            name = "ModifyTargetGroupAttributes"
            parameters = ModifyTargetGroupAttributes(target_group_arn=resource, attributes=given)
        else:
            name = "ModifyLoadBalancerAttributes"
            parameters = ModifyLoadBalancerAttributes(load_balancer_arn=resource, attributes=given)
        self._apply(f"elasticloadbalancing:{name}", Targets(), parameters)

    def set_weights(self, rule: str, weights: tuple[tuple[str, int], ...]) -> None:
        """ModifyRule or ModifyListener: forward to target groups by weights."""
        groups = tuple(
            TargetGroupTuple(target_group_arn=name, weight=weight) for name, weight in weights
        )
        elb = self.world.elb
        rules = {name: own for b in elb.balancers.values() for name, own in b.rules.items()}
        before = (rules[rule] if rule in rules else elb.listener(rule)).action.forward_config
        config = ForwardConfig(target_groups=groups)
        if before is not None:
            config = evolve(before, target_groups=groups)
        actions = (ListenerAction(type="forward", forward_config=config),)
        parameters: object
        if rule in rules:
            name, parameters = "ModifyRule", ModifyRule(rule_arn=rule, actions=actions)
        else:
            name = "ModifyListener"
            parameters = ModifyListener(listener_arn=rule, default_actions=actions)
        self._apply(f"elasticloadbalancing:{name}", Targets(), parameters)

    def toggle_shift(self, zone: str) -> bool:
        """Lead traffic away from a zone, or let it return; whether it is led away now."""
        elb = self.world.elb
        active = [name for name, shift in elb.shifts.items() if shift.zone == zone]
        for name in active:
            cancel = CancelZonalShift(resource_identifier=name)
            self._apply("arc-zonal-shift:CancelZonalShift", Targets(), cancel)
        if active:
            return False
        able = [
            balancer.id
            for balancer in elb.balancers.values()
            if balancer.resource.zonal_shift and zone in balancer.nodes
        ]
        free = [name for name in able if name not in elb.shifts]
        if able and not free:
            raise ActionError("traffic is led away from another zone already")
        if not able:
            raise ActionError("no load balancer has zonal_shift.config.enabled set to true")
        for name in free:
            start = StartZonalShift(resource_identifier=name, away_from=zone, expires_in=SHIFT)
            self._apply("arc-zonal-shift:StartZonalShift", Targets(), start)
        return True

    def set_alarm_state(self, alarm: str, state: AlarmState) -> None:
        """SetAlarmState."""
        self._check_owner(alarm)
        parameters = SetAlarmState(alarm_name=alarm, state_value=state)
        self._apply("cloudwatch:SetAlarmState", Targets(), parameters)

    def toggle_alarm_actions(self, alarm: str) -> bool:
        """DisableAlarmActions or EnableAlarmActions; whether they are enabled now."""
        self._check_owner(alarm)
        enabled = actions_enabled(self.world, alarm)
        name = "DisableAlarmActions" if enabled else "EnableAlarmActions"
        self._apply(f"cloudwatch:{name}", Targets(), AlarmNames(alarm_names=(alarm,)))
        return not enabled

    def _check_owner(self, alarm: str) -> None:
        """The alarms of target tracking are not for people to change."""
        record = self.world.cloudwatch.alarms.get(alarm)
        if record is not None and record.alarm.owner is not None:
            raise ActionError(f"this alarm belongs to the scaling policy {record.alarm.owner}")

    def _toggle(self, name: str, targets: Targets, parameters: object = None) -> bool:
        for fault in self.world.faults.active.values():
            if fault.action.name == name and fault.action.targets == targets:
                self._apply("fis:StopExperiment", Targets(), StopExperiment(id=fault.id))
                return False
        self._apply(name, targets, parameters)
        return True

    def _move(self, name: str, parameters: object) -> None:
        self._apply(name, Targets(), parameters)

    def _apply(self, name: str, targets: Targets, parameters: object = None) -> None:
        if self.world.now < 0:
            raise ActionError("the past is still being played; wait for the scenario to begin")
        if self.world.now >= self.end:
            raise ActionError("the scenario is over")
        given = NoParameters() if parameters is None else parameters
        self.world.apply(Action(name=name, targets=targets, parameters=given))

    # -- the end, and the recording -----------------------------------------------------------

    def outcome(self) -> Outcome:
        """The verdicts and the report as of now; the world itself is left as it is."""
        return conclude(self.scenario, World.restore(self.world.snapshot()))

    def open_expectations(self) -> tuple[bool, ...]:
        """For each expectation, whether it looks at times that have not come."""
        return tuple(not_reached(item, self.world.now) for item in self.scenario.expect)

    def as_scenario(self, folder: Path) -> str:
        """The session until now as the text of a scenario file in `folder`."""
        return dump(
            self.loaded.document,
            [TimelineEntry(at=time, action=action) for time, action in self.world.applied],
            duration=self.world.now if self.world.now > 0 else self.end,
            source=self.loaded.path.parent,
            folder=folder,
        )

    def save(self, path: Path) -> None:
        """Write the recording; an existing file is not overwritten."""
        if path.exists():
            raise FileExistsError(path)
        write(path, self.as_scenario(path.resolve().parent))
        self._saved = self.done_by_hand

    def rescue(self) -> Path:
        """Write a recording that would be lost to the user's state folder; where it went."""
        folder = user_state_path("spillover", ensure_exists=True)
        stem = self.file_name.removesuffix(ENDING)
        names = (folder / f"{stem}-{number}{ENDING}" for number in count(1))
        path = next(name for name in names if not name.exists())
        self.save(path)
        return path
