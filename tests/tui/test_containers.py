"""The app on a service of containers, where there is no Auto Scaling group."""

from __future__ import annotations

from model.ecs.tasks import StopCode
from scenarios.library import find
from scenarios.loader import load
from tests.model.ecs.samples import loaded, running, update
from tests.model.samples import action
from tests.tui.screen import flying, text_of
from tui.graphs import graphs_of
from tui.log import LogReader
from tui.session import Session


async def test_tasks_are_targets_and_the_keys_work_on_them() -> None:
    async with flying(loaded({}), minutes=3) as (app, pilot):
        shown = text_of(app)
        assert "10.0.0.4" in shown
        assert "us-east-1b  2/2 healthy" in shown
        assert "Web  desired 4  running 4  web:1" in shown
        assert "● running" in shown
        assert "has reached a steady state" in shown
        await pilot.press("k")
        stopped = [t for t in app.session.world.ecs.tasks.values() if t.stopping is not None]
        assert [t.stopping.code for t in stopped if t.stopping] == [StopCode.USER]
        await pilot.press("d")
        assert "there is no Auto Scaling group" in text_of(app)


def test_the_graphs_of_a_service() -> None:
    titles = [graph.title for graph in graphs_of(Session(loaded({})).world)]
    assert titles[-2:] == ["Web CPUUtilization", "Web tasks"]


def test_what_the_log_says_of_a_deployment_that_fails() -> None:
    world = Session(loaded({"Breaker": "true"})).world
    log = LogReader(world)
    world.run(120.0)
    before = len(log.lines())
    world.apply(action("spillover:fail-task-start", services=("next",)))
    world.apply(update(task_definition="Next"))
    world.run(300.0)
    texts = [line.text for line in log.lines()[before:]]
    assert "web: deployment in progress" in texts
    assert "web: deployment circuit breaker: tasks failed to start" in texts
    assert "web: deployment circuit breaker: rolling back" in texts
    assert "web: deployment completed" in texts
    assert any("did not start: CannotPullContainerError" in text for text in texts)


def test_a_task_that_runs_and_one_that_ends() -> None:
    world = Session(loaded({})).world
    world.run(120.0)
    task = running(world)[0]
    world.apply(action("ecs:StopTask", task=task.arn, reason="by hand"))
    texts = [line.text for line in LogReader(world).lines()]
    assert f"task {task.name[:9]} runs in {task.zone}" in texts
    assert f"task {task.name[:9]} ends: by hand" in texts


def test_a_session_on_containers_is_saved_and_plays_to_the_same_end() -> None:
    session = Session(load(find("rollback")))
    session.world.run(120.0)
    task = next(iter(session.world.ecs.tasks.values()))
    session.kill(task.private_ip)
    text = session.as_scenario(find("rollback").parent)
    assert f"Tasks:\n    - {task.name}" in text
