"""What an operator does by the Amazon ECS API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from model.actions import Action, ActionError, move
from model.ecs.deployment_configuration import DeploymentConfiguration
from model.ecs.fitting import definition_problems
from model.ecs.resources import ClusterRef, ServiceRef, TaskDefinitionRef
from model.ecs.tasks import StopCode, Stopping
from model.fields import at_least, between, one_of

if TYPE_CHECKING:
    from model.world import World

INVALID = "InvalidParameterException"
BY_USER = "Task stopped by user"


@frozen(kw_only=True)
class UpdateService:
    service: ServiceRef
    cluster: ClusterRef | None = None
    desired_count: int | None = field(default=None, validator=at_least(0))
    task_definition: TaskDefinitionRef | None = None
    force_new_deployment: bool = False
    deployment_configuration: DeploymentConfiguration | None = None
    health_check_grace_period_seconds: int | None = field(
        default=None, validator=between(0, 2_147_483_647)
    )
    availability_zone_rebalancing: str | None = field(
        default=None, validator=one_of("ENABLED", "DISABLED")
    )


CONFIGURATION = (
    "deployment_configuration",
    "health_check_grace_period_seconds",
    "availability_zone_rebalancing",
)
"""What UpdateService changes without a deployment, beside the desired count."""


@move("ecs:UpdateService", UpdateService)
def update_service(world: World, action: Action) -> None:
    """Change a service: its desired count, its task definition, how it is deployed."""
    wanted: UpdateService = action.parameters
    scheduler = world.ecs.schedulers.get(wanted.service)
    if scheduler is None:
        raise ActionError(f"Service not found: {wanted.service}", "ServiceNotFoundException")
    given = {name: getattr(wanted, name) for name in CONFIGURATION}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    try:
        service = evolve(scheduler.service, **changes)
    except ValueError as problem:
        raise ActionError(str(problem), INVALID) from None
    if wanted.task_definition is not None:
        definition = world.ecs.definition(wanted.task_definition)
        for text in definition_problems(service, definition):
            raise ActionError(text, INVALID)
    world.ecs.update_service(
        wanted.service,
        changes=changes,
        desired=wanted.desired_count,
        definition=wanted.task_definition,
        force=wanted.force_new_deployment,
    )


@frozen(kw_only=True)
class StopTask:
    task: str
    cluster: ClusterRef | None = None
    reason: str = ""


@move("ecs:StopTask", StopTask)
def stop_task(world: World, action: Action) -> None:
    """Stop a task (by its id, its ARN or its address); its service starts another one."""
    wanted: StopTask = action.parameters
    task = world.ecs.task(wanted.task)
    if task is None:
        raise ActionError("The referenced task was not found.", INVALID)
    world.ecs.stop_task(task, Stopping(StopCode.USER, wanted.reason or BY_USER))
