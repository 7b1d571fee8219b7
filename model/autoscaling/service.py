"""Amazon EC2 Auto Scaling: the groups and policies of a template, and the API over them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from model.autoscaling import health, manual
from model.autoscaling.activity import ActivityView
from model.autoscaling.dynamic import DynamicScaling
from model.autoscaling.errors import AutoScalingError
from model.autoscaling.group import PROCESSES, Group
from model.autoscaling.history import CapacityHistory, capacity_history
from model.autoscaling.launch_sources import LaunchSource
from model.autoscaling.lifecycle_resources import Hook, LifecycleHook, WarmPool
from model.autoscaling.lifetime import Lifetimes
from model.autoscaling.metrics import GroupMetrics
from model.autoscaling.notifications import Notifier
from model.autoscaling.outlook import PolicyView
from model.autoscaling.predictive.policy import ForecastView
from model.autoscaling.predictive.service import Predictions
from model.autoscaling.refresh import RefreshView
from model.autoscaling.refreshes import InstanceRefreshes
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.scheduled import ScheduledActionView, ScheduledRun, ScheduledScaling
from model.autoscaling.sizes import Sizes
from model.autoscaling.termination import Ask
from model.autoscaling.views import GroupView, group_view
from model.clock import Phase, Schedule, Streams
from model.cloudwatch.metrics import MetricStore
from model.cloudwatch.service import CloudWatch
from model.ec2.resources import Subnet
from model.ec2.service import STATE_CHANGE, Ec2
from model.ec2.spot import RECOMMENDATION, WARNING
from model.elb.service import Elb
from model.events.bus import CloudEvent, EventBus
from model.events.sns import Sns
from model.journal import Journal
from model.stack import Stack


class AutoScaling:
    """The Auto Scaling groups of one region."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        journal: Journal,
        ec2: Ec2,
        elb: Elb,
        cloudwatch: CloudWatch,
        sns: Sns,
        stack: Stack,
    ) -> None:
        self._schedule = schedule
        self._journal = journal
        self._elb = elb
        self.impaired: dict[str, int] = {}
        """How many faults keep each zone dark: no instance is launched there."""
        self.groups: dict[str, Group] = {}
        bus.subscribe(STATE_CHANGE, self._instance_changed)
        for event in (RECOMMENDATION, WARNING):
            bus.subscribe(event, self._at_risk)
        self._ec2 = ec2
        self._pools = {pool.auto_scaling_group_name: pool for pool in stack.of(WarmPool)}
        self.notifier = Notifier(schedule, streams, sns, stack)
        for resource in stack.of(AutoScalingGroup):
            self.groups[resource.logical_id] = Group(
                schedule,
                streams,
                bus,
                journal,
                ec2,
                elb,
                resource,
                LaunchSource(ec2, resource, stack),
                _subnets(stack, resource),
                self._blocked,
                _hooks(stack, resource),
                self.notifier,
            )
        self.predictive = Predictions(
            schedule, journal, cloudwatch.metrics, stack, elb, self.groups
        )
        self.dynamic = DynamicScaling(
            schedule, cloudwatch, elb, stack, self.groups, self.predictive.at_least
        )
        self.scheduled = ScheduledScaling(schedule, streams, self.groups)
        self.scheduled.create(stack)
        cloudwatch.actions.scale = self.dynamic.invoke
        self._lifetimes = {name: Lifetimes(group, elb) for name, group in self.groups.items()}
        self.metrics = GroupMetrics(journal, stack.of(AutoScalingGroup))
        self.refreshes = InstanceRefreshes(schedule, streams, bus, elb, cloudwatch, self.groups)

    def ask_functions(self, ask: Ask) -> None:
        """By this, groups ask functions who may end."""
        for group in self.groups.values():
            group.ender.termination.ask = ask

    def _blocked(self, zone: str) -> bool:
        return self.impaired.get(zone, 0) > 0

    def create_groups(self) -> None:
        """Bring every group to its first desired capacity, and begin its health checks."""
        for group in self.groups.values():
            wanted = group.resource.desired_capacity
            group.members.pool = self._pools.get(group.id)
            group.create(group.min if wanted is None else wanted)
            self._schedule.after(health.CHECK_SECONDS, Phase.CONTROL, self._check, group)

    def _check(self, group: Group) -> None:
        ailing = health.check(group, self._elb, self._schedule.now)
        busy = self._lifetimes[group.id].check(self._schedule.now)
        if not busy and not ailing and self.refreshes.active(group.id) is None:
            group.release_ahead()
        self._schedule.after(health.CHECK_SECONDS, Phase.CONTROL, self._check, group)

    def _instance_changed(self, event: CloudEvent) -> None:
        instance = self._ec2.instances[event.detail["instance-id"]]
        if instance.group in self.groups:
            self.groups[instance.group].instance_changed(instance)

    def _at_risk(self, event: CloudEvent) -> None:
        """EC2 is about to interrupt a Spot instance."""
        instance = self._ec2.instances[event.detail["instance-id"]]
        if instance.group in self.groups:
            warned = event.detail_type == WARNING
            self.groups[instance.group].spot.at_risk(instance, warned=warned)

    # -- the API ------------------------------------------------------------------------------

    def set_desired_capacity(
        self, group: str, desired: int, *, honor_cooldown: bool = False
    ) -> None:
        """SetDesiredCapacity: refused outside the group's limits and, if told to, in a cooldown."""
        manual.set_desired_capacity(
            self.groups[group], desired, self._schedule.now, honor_cooldown=honor_cooldown
        )

    def update_group(self, group: str, sizes: Sizes, changes: Mapping[str, Any]) -> None:
        """UpdateAutoScalingGroup: new sizes, and other changes of its configuration."""
        sizes.apply(self.groups[group], "a user request", **changes)

    def terminate_instance(self, instance: str, *, decrement: bool) -> None:
        """TerminateInstanceInAutoScalingGroup."""
        manual.terminate_instance(self.groups.values(), instance, decrement=decrement)

    def set_instance_health(self, instance: str, *, healthy: bool, respect_grace: bool) -> None:
        """SetInstanceHealth of an instance by its id."""
        for group in self.groups.values():
            member = group.members.get(instance)
            if member is not None:
                health.set_instance_health(
                    group,
                    self._elb,
                    member,
                    healthy,
                    self._schedule.now,
                    respect_grace=respect_grace,
                )
                return
        raise AutoScalingError(
            f"Instance Id not found - No managed instance found for instance ID {instance}"
        )

    def suspend_processes(self, group: str, processes: tuple[str, ...]) -> None:
        """SuspendProcesses; none named means all."""
        self.groups[group].suspend(_checked(processes))

    def resume_processes(self, group: str, processes: tuple[str, ...]) -> None:
        """ResumeProcesses; none named means all."""
        found = self.groups[group]
        found.resume(_checked(processes))
        health.replace_unhealthy(found, self._elb, self._schedule.now)

    def complete_lifecycle_action(
        self, group: str, hook: str, result: str, instance: str | None, token: str | None
    ) -> None:
        """CompleteLifecycleAction, by the instance or by the token."""
        self.groups[group].hooks.complete(hook, result, instance, token)

    def record_lifecycle_action_heartbeat(
        self, group: str, hook: str, instance: str | None, token: str | None
    ) -> None:
        """RecordLifecycleActionHeartbeat, by the instance or by the token."""
        self.groups[group].hooks.heartbeat(hook, instance, token)

    def put_warm_pool(self, group: str, settings: WarmPool | None) -> None:
        """PutWarmPool; None: DeleteWarmPool."""
        self.groups[group].pool.put(settings)

    def set_instance_protection(
        self, group: str, instances: Sequence[str], *, protected: bool
    ) -> None:
        """SetInstanceProtection: from scale-in."""
        self.groups[group].transfers.protect(instances, protected=protected)

    def enter_standby(self, group: str, instances: Sequence[str], *, decrement: bool) -> None:
        """EnterStandby."""
        self.groups[group].transfers.enter_standby(instances, decrement=decrement)

    def exit_standby(self, group: str, instances: Sequence[str]) -> None:
        """ExitStandby: not while Launch is suspended."""
        self._check_launch(group)
        self.groups[group].transfers.exit_standby(instances)

    def detach_instances(self, group: str, instances: Sequence[str], *, decrement: bool) -> None:
        """DetachInstances."""
        self.groups[group].transfers.detach(instances, decrement=decrement)

    def attach_instances(self, group: str, instances: Sequence[str]) -> None:
        """AttachInstances, by ids or logical ids: not while Launch is suspended."""
        self._check_launch(group)
        found = []
        for name in map(self._ec2.id_of, instances):
            if name not in self._ec2.instances:
                raise AutoScalingError(f"Invalid Instance ID(s): {name}")
            found.append(self._ec2.instances[name])
        self.groups[group].transfers.attach(found, self.groups[group].zones)

    def _check_launch(self, group: str) -> None:
        if "Launch" in self.groups[group].suspended:
            raise AutoScalingError("The process Launch is suspended; resume it first.")

    def attach_load_balancer_target_groups(self, group: str, names: Sequence[str]) -> None:
        """AttachLoadBalancerTargetGroups: what is in service is registered."""
        found = self.groups[group]
        found.attachments.attach(names, [member.instance for member in found.in_service()])

    def detach_load_balancer_target_groups(self, group: str, names: Sequence[str]) -> None:
        """DetachLoadBalancerTargetGroups: what is registered drains, and goes on running."""
        found = self.groups[group]
        found.attachments.detach(names, [m.instance for m in found.members.values()])

    def describe_auto_scaling_groups(self) -> tuple[GroupView, ...]:
        """DescribeAutoScalingGroups: every group in order of the template."""
        now = self._schedule.now
        return tuple(group_view(group, now) for group in self.groups.values())

    def describe_capacity(
        self, group: str, start: float, end: float, zone: str | None = None
    ) -> CapacityHistory:
        """How a group's capacity went from `start` to `end` (seconds since start); `zone`: its
        instances in that one only."""
        return capacity_history(self._journal, group, start, end, zone)

    def describe_scheduled_actions(self, group: str) -> tuple[ScheduledActionView, ...]:
        """DescribeScheduledActions: what runs next comes first."""
        return self.scheduled.describe(group)

    def scheduled_ahead(self, group: str, most: int = 24) -> tuple[ScheduledRun, ...]:
        """The next runs of a group's scheduled actions, with the sizes that they lead to."""
        return self.scheduled.ahead(group, most)

    def describe_policies(self, group: str) -> tuple[PolicyView, ...]:
        """DescribePolicies: its dynamic policies, with what each would do now."""
        return self.dynamic.describe(group)

    def describe_forecasts(self, group: str, start: float, end: float) -> tuple[ForecastView, ...]:
        """GetPredictiveScalingForecast of each of its predictive policies."""
        return tuple(policy.view(start, end) for policy in self.predictive.of(group))

    def describe_instance_refreshes(self, group: str) -> tuple[RefreshView, ...]:
        """DescribeInstanceRefreshes, newest first."""
        return self.refreshes.describe(group)

    def describe_scaling_activities(self, group: str) -> tuple[ActivityView, ...]:
        """DescribeScalingActivities, newest first."""
        return tuple(item.view for item in reversed(self.groups[group].activities))

    # -- metrics ------------------------------------------------------------------------------

    def aggregates(self) -> tuple[dict[str, str], float]:
        """The names of the groups whose metrics instances count for, by the instance's id: those
        in service, and warm if they must be. And when the next one will be warm."""
        now, names, until = self._schedule.now, dict[str, str](), math.inf
        for group in self.groups.values():
            warmup = group.resource.instance_warmup or 0
            for member in group.in_service():
                if member.warm(now, warmup):
                    names[member.instance.id] = group.name
                elif member.in_service_at is not None:
                    until = min(until, member.in_service_at + warmup)
        return names, until

    def report_to(self, metrics: MetricStore) -> None:
        """Have CloudWatch know the metrics of the groups."""
        self.metrics.report_to(metrics, self._pools)


def _hooks(stack: Stack, resource: AutoScalingGroup) -> list[Hook]:
    """The lifecycle hooks of a group, wherever the template has them."""
    own = [h for h in stack.of(LifecycleHook) if h.auto_scaling_group_name == resource.logical_id]
    return [*resource.lifecycle_hook_specification_list, *own]


def _subnets(stack: Stack, resource: AutoScalingGroup) -> dict[str, list[str]]:
    """The subnets of each zone."""
    subnets: dict[str, list[str]] = {}
    for name in resource.vpc_zone_identifier:
        subnet = stack.resources[name]
        assert isinstance(subnet, Subnet)
        subnets.setdefault(subnet.availability_zone, []).append(name)
    return subnets


def _checked(processes: tuple[str, ...]) -> tuple[str, ...]:
    for process in processes:
        if process not in PROCESSES:
            raise AutoScalingError(f"{process} is no process; they are {', '.join(PROCESSES)}")
    return processes
