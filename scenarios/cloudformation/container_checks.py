"""What only shows once a service of containers is seen with what it names."""

from __future__ import annotations

from collections.abc import Iterator

from model.ecs.fitting import definition_problems, launch_problem
from model.ecs.resources import Cluster, EcsService
from model.ecs.task_definitions import TaskDefinition
from model.elb.resources import Listener, ListenerRule, TargetGroup
from model.stack import Stack
from scenarios.cloudformation.problems import Problem


def container_problems(stack: Stack) -> Iterator[Problem]:
    """Everything that is wrong between services, clusters, task definitions and target groups."""
    clusters = {cluster.name: cluster for cluster in stack.of(Cluster)}
    taken: dict[tuple[str, str], str] = {}
    for service in stack.of(EcsService):
        place = (service.logical_id, "Properties")
        problem = launch_problem(service, clusters.get(service.cluster_name))
        if problem is not None:
            yield Problem(place, problem)
        definition = stack.resources[service.task_definition]
        assert isinstance(definition, TaskDefinition)
        for message in definition_problems(service, definition):
            yield Problem((*place, "TaskDefinition"), message)
        yield from _target_groups(stack, service)
        key = service.cluster_name, service.name
        other = taken.setdefault(key, service.logical_id)
        if other != service.logical_id:
            yield Problem(
                (*place, "ServiceName"),
                f"{other} has the ServiceName {service.name} already: it is unique in a cluster",
            )


def _target_groups(stack: Stack, service: EcsService) -> Iterator[Problem]:
    rules: list[Listener | ListenerRule] = [*stack.of(Listener), *stack.of(ListenerRule)]
    used = {name for item in rules for name in item.action.groups}
    for index, attached in enumerate(service.load_balancers):
        place = (service.logical_id, "Properties", "LoadBalancers", index, "TargetGroupArn")
        group = stack.resources[attached.target_group_arn]
        assert isinstance(group, TargetGroup)
        if group.target_type != "ip":
            yield Problem(
                place,
                f"{group.logical_id} takes targets of type {group.target_type}; tasks with awsvpc "
                "are targets by their address (TargetType: ip)",
            )
        if group.logical_id not in used:
            yield Problem(
                place,
                f"The target group {group.logical_id} does not have an associated load balancer: "
                "have a listener or a rule forward to it",
            )
