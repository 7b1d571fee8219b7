"""Rolling deployments ("Deploy Amazon ECS services by replacing tasks"), their circuit breaker and
their alarms."""

from __future__ import annotations

from itertools import pairwise

import pytest

from model.ecs.deployment_configuration import (
    CircuitBreaker,
    DeploymentConfiguration,
    ThresholdConfiguration,
)
from model.ecs.deployments import Deployment, Rollout
from model.world import World
from tests.model.ecs.samples import health, messages, running, update, web, world_at
from tests.model.samples import action

NEXT = {"task_definition": "Next"}


@pytest.mark.parametrize(
    ("desired", "least", "most", "healthy", "there"),
    [
        (4, 50, 200, 2, 8),  # may stop two before starting two, may start four before stopping any
        (2, 75, 200, 2, 4),  # rounded up: none can be stopped
        (3, 100, 125, 3, 3),  # rounded down: none can be started
        (10, 95, 110, 10, 11),
    ],
)
def test_the_examples_of_the_guide(
    desired: int, least: int, most: int, healthy: int, there: int
) -> None:
    made = DeploymentConfiguration(minimum_healthy_percent=least, maximum_percent=most)
    assert (made.least(desired), made.most(desired)) == (healthy, there)


@pytest.mark.parametrize(("desired", "failures"), [(1, 3), (25, 13), (400, 200), (800, 200)])
def test_the_thresholds_of_the_guide(desired: int, failures: int) -> None:
    threshold = CircuitBreaker(enable=True, rollback=True).threshold_configuration
    assert threshold.failures(desired) == failures


def test_other_thresholds() -> None:
    assert ThresholdConfiguration(type="UNBOUNDED_PERCENT", value=50).failures(800) == 400
    assert ThresholdConfiguration(type="COUNT", value=5).failures(800) == 5
    with pytest.raises(ValueError, match="from 1 to 100"):
        ThresholdConfiguration(type="BOUNDED_PERCENT", value=101)


def test_failures_count_in_a_row_unless_told_otherwise(definition_of_web: Deployment) -> None:
    patient = CircuitBreaker(enable=True, rollback=True)
    strict = CircuitBreaker(enable=True, rollback=True, reset_on_healthy_task=False)
    for breaker, over in ((patient, False), (strict, True)):
        one = definition_of_web
        one.failed_tasks = 0
        assert not one.count_failure(breaker, 4)
        assert not one.count_failure(breaker, 4)
        one.count_healthy(breaker)
        assert one.count_failure(breaker, 4) is over


@pytest.fixture
def definition_of_web() -> Deployment:
    definition = world_at(0.0).ecs.definition("Good")
    return Deployment("ecs-svc/1", definition, 0.0)


def rollouts(world: World) -> list[tuple[str, str]]:
    """The deployments, the newest first: revisions and states."""
    return [(d.definition.revision, d.rollout.value) for d in web(world).rollouts.deployments]


def watch(world: World, until: float) -> list[tuple[int, int]]:
    """The tasks that are there, and those that are healthy, second by second."""
    seen = []
    while world.now < until:
        world.run(world.now + 1.0)
        there = sum(task.active for task in web(world).tasks)
        seen.append((there, health(world).count("healthy")))
    return seen


def test_new_tasks_come_before_old_ones_go() -> None:
    """100 to 200 per cent: four new ones are started, and each that is healthy frees an old one."""
    world = world_at(120.0)
    world.apply(update(**NEXT))
    assert rollouts(world) == [("web:2", "IN_PROGRESS"), ("web:1", "COMPLETED")]
    seen = watch(world, 300.0)
    assert max(there for there, _ in seen) == 8
    assert min(healthy for _, healthy in seen) == 4
    assert rollouts(world) == [("web:2", "COMPLETED")]
    assert {task.definition.revision for task in running(world)} == {"web:2"}
    assert messages(world)[-1].endswith("has reached a steady state.")


def test_half_of_the_tasks_make_room_where_there_is_none() -> None:
    world = world_at(120.0, Least=50, Most=100, Rebalancing="DISABLED")
    world.apply(update(**NEXT))
    assert len(running(world)) == 2
    seen = watch(world, 420.0)
    assert max(there for there, _ in seen) == 4
    assert min(healthy for _, healthy in seen) == 2
    assert rollouts(world) == [("web:2", "COMPLETED")]


def test_a_deployment_that_its_limits_hold_is_told_of() -> None:
    world = world_at(120.0, Count=3, Most=125)
    world.apply(update(**NEXT))
    world.run(600.0)
    assert {task.definition.revision for task in running(world)} == {"web:1"}
    held = [text for text in messages(world) if "was unable to stop or start tasks" in text]
    assert len(held) == 1


def test_the_same_revision_is_deployed_anew_only_if_it_is_forced() -> None:
    world = world_at(120.0)
    world.apply(update(task_definition="Good"))
    assert len(web(world).rollouts.deployments) == 1
    before = {task.name for task in running(world)}
    world.apply(update(force_new_deployment=True))
    world.run(400.0)
    assert rollouts(world) == [("web:1", "COMPLETED")]
    assert len(running(world)) == 4
    assert not before & {task.name for task in running(world)}


def test_a_broken_revision_is_rolled_back_once_three_tasks_failed_their_checks() -> None:
    world = world_at(120.0, Breaker="true")
    world.apply(action("spillover:fail-health-checks", services=("next",)))
    world.apply(update(**NEXT))
    seen = watch(world, 400.0)
    assert min(healthy for _, healthy in seen) == 4
    assert rollouts(world) == [("web:1", "COMPLETED")]
    told = [
        (event.detail["eventName"], event.detail["reason"].partition(" ecs-svc")[0])
        for event in world.bus.events
        if event.detail_type == "ECS Deployment State Change" and event.time > 60
    ]
    assert [name for name, _ in told] == [
        "SERVICE_DEPLOYMENT_IN_PROGRESS",
        "SERVICE_DEPLOYMENT_FAILED",
        "SERVICE_DEPLOYMENT_IN_PROGRESS",
        "SERVICE_DEPLOYMENT_COMPLETED",
    ]
    assert told[2][1] == "ECS deployment circuit breaker: rolling back to deploymentId"


def test_without_a_rollback_it_stays_as_it_is() -> None:
    world = world_at(120.0, Breaker="true", Rollback="false")
    world.apply(action("spillover:fail-task-start", services=("next",)))
    world.apply(update(**NEXT))
    world.run(1200.0)
    assert rollouts(world) == [("web:2", "FAILED"), ("web:1", "COMPLETED")]
    assert {task.definition.revision for task in running(world)} == {"web:1"}
    started = len(world.ecs.tasks)
    world.apply(action("ecs:StopTask", task=running(world)[0].arn))
    world.run(1500.0)  # what is lost of the old revision is replaced by it
    assert len(world.ecs.tasks) == started + 1
    assert health(world) == ["healthy"] * 4


def test_nothing_to_roll_back_to_leaves_the_deployment_stalled() -> None:
    """The third deployment of the guide's example: the first one has not completed."""
    world = world_at(5.0, Breaker="true")
    world.apply(action("spillover:fail-task-start", clusters=("Cluster",)))
    world.run(600.0)
    assert rollouts(world) == [("web:1", "FAILED")]
    assert web(world).tasks == []
    number = len(world.ecs.tasks)
    world.run(1200.0)
    assert len(world.ecs.tasks) == number


def test_without_a_breaker_tasks_are_tried_more_and_more_seldom() -> None:
    world = world_at(120.0)
    world.apply(action("spillover:fail-task-start", id="outage", services=("next",)))
    world.apply(update(**NEXT))
    world.run(3000.0)
    new = [t.launched for t in world.ecs.tasks.values() if t.definition.revision == "web:2"]
    waits = [round(b - a) for a, b in pairwise(sorted(set(new)))]
    assert waits[-1] > 4 * waits[1]
    assert any("unable to consistently start tasks" in text for text in messages(world))
    assert health(world) == ["healthy"] * 4
    impaired = [
        event.detail["eventName"]
        for event in world.bus.events
        if event.detail.get("eventType") == "WARN"
    ]
    assert impaired == ["SERVICE_TASK_START_IMPAIRED"]


def test_an_old_revision_goes_on_replacing_its_own_tasks() -> None:
    """However often those of the new one fail: "independent from task failures in the target
    revision"."""
    world = world_at(120.0)
    world.apply(action("spillover:fail-task-start", services=("next",)))
    world.apply(update(**NEXT))
    world.run(300.0)
    lost = running(world)[0]
    world.apply(action("aws:ecs:stop-task", tasks=(lost.name,)))
    world.run(500.0)
    assert [task.definition.revision for task in running(world)] == ["web:1"] * 4
    assert health(world).count("healthy") == 4


def test_a_new_deployment_takes_the_place_of_one_that_is_under_way() -> None:
    world = world_at(120.0)
    world.apply(update(**NEXT))
    world.run(125.0)
    world.apply(update(task_definition="Good"))
    world.run(500.0)
    assert rollouts(world) == [("web:1", "COMPLETED")]
    assert {task.definition.revision for task in running(world)} == {"web:1"}
    stopped = [t for t in world.ecs.tasks.values() if t.definition.revision == "web:2"]
    assert {task.started for task in stopped} == {None}


def test_the_first_deployment_completes_when_all_are_healthy() -> None:
    world = world_at(20.0)
    assert rollouts(world) == [("web:1", "IN_PROGRESS")]
    world.run(120.0)
    assert rollouts(world) == [("web:1", Rollout.COMPLETED.value)]
