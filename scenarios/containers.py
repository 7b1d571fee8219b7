"""What a report tells of services of containers, where a template has them."""

from __future__ import annotations

from typing import Any

from model.ecs.scheduler import Scheduler
from model.world import World
from scenarios.deliveries import whole
from scenarios.histories import since_start


def services_told(world: World) -> dict[str, Any]:
    """The counts, deployments, tasks and events of every service, by logical id."""
    return {name: _service(world, item) for name, item in world.ecs.schedulers.items()}


def _service(world: World, scheduler: Scheduler) -> dict[str, Any]:
    counts = since_start(world.journal.history(scheduler.id, "capacity"))
    prefix = f"{scheduler.id}/"
    return {
        "capacity": [
            {
                "time": whole(change.time),
                "desired": change.value.desired,
                "running": change.value.running,
                "pending": change.value.pending,
            }
            for change in counts
        ],
        "deployments": {
            name.removeprefix(prefix): [
                {"time": whole(change.time), "state": change.value}
                for change in since_start(changes)
            ]
            for name, changes in world.journal.histories("deployment")
            if name.startswith(prefix)
        },
        "tasks": dict(_tasks(world, scheduler.id)),
        "events": [
            {"time": whole(event.time), "message": event.message}
            for event in scheduler.messages
            if event.time >= 0
        ],
    }


def _tasks(world: World, service: str) -> list[tuple[str, dict[str, Any]]]:
    """Every task that was there in the scenario, in order of its start."""
    told = []
    for name, task in world.ecs.tasks.items():
        if task.service != service:
            continue
        changes = world.journal.history(name, "task")
        if changes[-1].time <= 0 and changes[-1].value == "STOPPED":
            continue  # gone before the scenario began
        stopping = task.stopping
        told.append(
            (
                name,
                {
                    "zone": task.zone,
                    "address": task.private_ip,
                    "task_definition": task.definition.revision,
                    "deployment": task.deployment,
                    "states": [
                        {"time": whole(change.time), "state": change.value}
                        for change in since_start(changes)
                    ],
                    "stop_code": None if stopping is None else stopping.code.value,
                    "stopped_reason": None if stopping is None else stopping.reason,
                },
            )
        )
    return told
