"""Ways to do harm to the small web tier, and to look at it."""

from __future__ import annotations

from typing import Any

from model.actions import Action, ActionError
from model.cloudwatch.metrics import MetricKey
from model.ec2.instances import Instance
from model.elb.views import TargetView
from model.faults.moves import StopExperiment
from model.world import World
from tests.model.samples import A, action, instances, source, views, world_at

GROUP: dict[str, Any] = {"auto_scaling_group_name": "Group"}


def calm(size: int = 2, rate: float = 60.0) -> World:
    """The web tier a minute after the start: all targets are healthy; the group neither replaces
    instances nor listens to alarms."""
    world = world_at(60.0, size, traffic=source(rate))
    suspended = ("HealthCheck", "AlarmNotification")
    do(world, "autoscaling:SuspendProcesses", **GROUP, scaling_processes=suspended)
    assert {view.state for view in views(world)} == {"healthy"}
    return world


def do(world: World, name: str, duration: float | None = None, **given: Any) -> None:
    """Carry out an action now."""
    world.apply(action(name, duration, **given))


def lift(world: World, id: str | None = None) -> None:
    """StopExperiment, for one fault or for all."""
    world.apply(Action(name="fis:StopExperiment", parameters=StopExperiment(id=id)))


def set_desired(world: World, capacity: int) -> list[Instance]:
    """Set the desired capacity; returns the instances that are launched for it."""
    before = set(world.ec2.instances)
    do(world, "autoscaling:SetDesiredCapacity", **GROUP, desired_capacity=capacity)
    return [item for item in instances(world) if item.id not in before]


def refused(world: World, name: str, **given: Any) -> str:
    """Why an action is refused."""
    try:
        do(world, name, **given)
    except ActionError as error:
        return str(error)
    raise AssertionError(f"{name} was not refused")


def view(world: World, instance: Instance) -> TargetView:
    return next(item for item in views(world) if item.instance == instance.id)


def condition(world: World) -> dict[str, object]:
    """All that a fault can change: what instances can do, what clients send, what is reachable."""
    balancer = world.elb.balancers["Balancer"]
    return {
        "states": [(item.state.value, item.service_up) for item in instances(world)],
        "capabilities": [item.capability() for item in instances(world)],
        "ailments": [item.ailing for item in instances(world)],
        "rate": balancer.rate(world.now),
        "shifted": [node.shifted for node in balancer.nodes.values()],
        "dark": [node.dark for node in balancer.nodes.values()],
        "launches": set(world.ec2.refusals),
        "spot": world.ec2.spot.terms("m5.large", A),
        "impaired": {zone for zone, count in world.autoscaling.impaired.items() if count},
    }


def statuses(world: World) -> list[tuple[str, str]]:
    """The faults that began and ended, as the event bus tells of them."""
    return [
        (event.detail["experiment-id"], event.detail["new-state"]["status"])
        for event in world.bus.events
        if event.detail_type == "FIS Experiment State Change"
    ]


def metric(world: World, name: str, start: float, end: float, **dimensions: str) -> list[float]:
    """The sums (or averages of percentages) of a metric, minute by minute."""
    namespace = "AWS/EC2" if name == "CPUUtilization" else "AWS/ApplicationELB"
    balancer = world.elb.balancers["Balancer"].resource.dimension[1]
    key = MetricKey.of(namespace, name, dimensions or {"LoadBalancer": balancer})
    statistic = "Average" if name in ("CPUUtilization", "TargetResponseTime") else "Sum"
    data = world.cloudwatch.metrics.get_metric_data(key, statistic, 60.0, start, end)
    return list(data.values)
