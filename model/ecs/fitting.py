"""Whether a service can run a task definition: asked of templates, and of every UpdateService."""

from __future__ import annotations

from collections.abc import Iterator

from model.ecs.resources import Cluster, EcsService
from model.ecs.task_definitions import TaskDefinition


def launch_problem(service: EcsService, cluster: Cluster | None) -> str | None:
    """What is wrong with where its tasks would run, if anything is: without a launch type and a
    strategy, of its own or of its cluster, AWS takes EC2."""
    default = cluster is not None and cluster.default_capacity_provider_strategy
    if service.launch_type or service.capacity_provider_strategy or default:
        return None
    return (
        "without LaunchType and CapacityProviderStrategy tasks run on EC2 instances, which is not "
        "simulated yet; say LaunchType: FARGATE"
    )


def definition_problems(service: EcsService, definition: TaskDefinition) -> Iterator[str]:
    """What is wrong with a task definition for a service."""
    name = definition.logical_id
    if not definition.for_fargate:
        yield f"Fargate cannot run {name}: its RequiresCompatibilities must name FARGATE"
    if not definition.container_definitions:
        yield f"{name} has no ContainerDefinitions"
        return
    for attached in service.load_balancers:
        container = definition.container(attached.container_name)
        if container is None:
            known = ", ".join(c.name for c in definition.container_definitions)
            yield (
                f"The container {attached.container_name} does not exist in the task definition "
                f"{name}; it has {known}"
            )
            continue
        ports = [mapping.container_port for mapping in container.port_mappings]
        if attached.container_port not in ports:
            listed = ", ".join(map(str, ports)) or "none"
            yield (
                f"The container {container.name} of {name} has no port "
                f"{attached.container_port} in its PortMappings ({listed})"
            )
