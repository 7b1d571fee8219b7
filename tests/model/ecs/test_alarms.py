"""Alarms that end a deployment ("How CloudWatch alarms detect Amazon ECS deployment failures"), and
services without a load balancer."""

from __future__ import annotations

import pytest

from model.actions import Action
from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.moves import SetAlarmState
from model.ecs.verdicts import SETTLING
from model.world import World
from scenarios.player import make_world
from tests.model.ecs.samples import TEMPLATE, loaded, running, update, web

WATCHED = TEMPLATE.replace(
    "        DeploymentCircuitBreaker: {Enable: !Ref Breaker, Rollback: !Ref Rollback}",
    "        BakeTimeInMinutes: 2\n"
    "        Alarms: {AlarmNames: [!Ref Errors], Enable: true, Rollback: true}",
) + (
    "  Errors:\n"
    "    Type: AWS::CloudWatch::Alarm\n"
    "    Properties:\n"
    "      Namespace: Shop\n"
    "      MetricName: Errors\n"
    "      Statistic: Sum\n"
    "      Period: 60\n"
    "      EvaluationPeriods: 1\n"
    "      Threshold: 1\n"
    "      ComparisonOperator: GreaterThanThreshold\n"
)
ALONE = TEMPLATE.partition("      LoadBalancers:")[0].replace(
    "      HealthCheckGracePeriodSeconds: !Ref Grace\n", ""
)


@pytest.fixture
def watched() -> World:
    """A service whose deployments an alarm watches, in a steady state."""
    world = make_world(loaded({}, template=WATCHED).scenario)
    world.run(300.0)
    assert world.ecs.describe_services()[0].deployments[0].rollout == "COMPLETED"
    return world


def ring(world: World, state: AlarmState) -> None:
    parameters = SetAlarmState(alarm_name="Errors", state_value=state)
    world.apply(Action(name="cloudwatch:SetAlarmState", parameters=parameters))


def revisions(world: World) -> set[str]:
    return {task.definition.revision for task in running(world)}


def test_an_alarm_rolls_back_even_when_all_tasks_were_replaced(watched: World) -> None:
    watched.apply(update(task_definition="Next"))
    watched.run(420.0)
    assert revisions(watched) == {"web:2"}
    assert watched.ecs.describe_services()[0].deployments[0].rollout == "IN_PROGRESS"  # it bakes
    ring(watched, AlarmState.ALARM)
    watched.run(600.0)
    assert revisions(watched) == {"web:1"}
    reasons = [
        event.detail["reason"]
        for event in watched.bus.events
        if event.detail_type == "ECS Deployment State Change"
    ]
    assert "ECS deployment failed: alarm detected." in reasons


def test_a_deployment_is_complete_after_its_bake_time(watched: World) -> None:
    watched.apply(update(task_definition="Next"))
    watched.run(700.0)
    (view,) = watched.ecs.describe_services()
    assert [item.rollout for item in view.deployments] == ["COMPLETED"]
    done = watched.journal.history(f"Web/{view.deployments[0].id}", "deployment")[-1].time
    last = max(t.ended or 0.0 for t in watched.ecs.tasks.values())
    assert done == pytest.approx(last + 120.0, abs=30.0)


def test_an_alarm_that_rings_at_the_beginning_is_not_watched(watched: World) -> None:
    ring(watched, AlarmState.ALARM)
    watched.apply(update(task_definition="Next"))
    watched.run(700.0)
    assert revisions(watched) == {"web:2"}


def test_without_a_load_balancer_a_task_is_healthy_after_a_while() -> None:
    given = {"Most": 150}
    world = make_world(loaded(given, template=ALONE, scenario=QUIET).scenario)
    world.run(120.0)
    world.apply(update(task_definition="Next"))
    world.run(420.0)
    assert {task.definition.revision for task in web(world).tasks} == {"web:2"}
    old = [t for t in world.ecs.tasks.values() if t.definition.revision == "web:1"]
    new = [t for t in world.ecs.tasks.values() if t.definition.revision == "web:2"]
    started = min(task.started or 0.0 for task in new)
    assert min(task.ended or 0.0 for task in old) >= started + SETTLING


QUIET = """
name: Workers
start: 2026-11-25T09:00:00Z
duration: 30m
template: containers.yaml
services:
  web: {runs_on: [Web], boot_time: 5s}
"""
