"""What the service scheduler does about tasks ("Amazon ECS services", "Amazon ECS task lifecycle",
"Balancing an Amazon ECS service across Availability Zones")."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from model.actions import ActionError
from model.ecs.tasks import TaskStatus
from model.world import World
from tests.model.ecs.samples import (
    A,
    B,
    health,
    messages,
    running,
    states,
    update,
    web,
    world_at,
)
from tests.model.samples import action


def zones(world: World) -> Counter[str]:
    return Counter(task.zone for task in running(world))


def test_a_task_goes_through_its_states_and_is_a_target_by_its_address() -> None:
    world = world_at(120.0)
    task = running(world)[0]
    names = [name for _, name in states(world, task)]
    assert names == ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"]
    (view,) = [
        v for v in world.elb.describe_target_health("Targets") if v.instance == task.private_ip
    ]
    assert view.id == f"{task.private_ip}:8080"
    assert (view.zone, view.state) == (task.zone, "healthy")
    assert view.rate == pytest.approx(10.0)
    world.apply(action("ecs:StopTask", task=task.name, reason="by hand"))
    world.run(200.0)
    assert [name for _, name in states(world, task)][4:] == [
        "DEACTIVATING",
        "STOPPING",
        "DEPROVISIONING",
        "STOPPED",
    ]
    times = {name: time for time, name in states(world, task)}
    assert times["STOPPING"] - times["DEACTIVATING"] == 10.0  # the deregistration delay
    assert times["DEPROVISIONING"] - times["STOPPING"] == 1.0  # what the service takes to end


def test_its_events_tell_its_states_and_why_it_ended() -> None:
    world = world_at(120.0)
    task = running(world)[0]
    world.apply(action("ecs:StopTask", task=task.arn, reason="by hand"))
    world.run(200.0)
    told = [
        event
        for event in world.bus.events
        if event.detail_type == "ECS Task State Change" and event.resources == (task.arn,)
    ]
    assert [event.detail["version"] for event in told] == list(range(1, 9))
    last = told[-1].detail
    assert last["lastStatus"] == last["desiredStatus"] == "STOPPED"
    assert (last["stopCode"], last["stoppedReason"]) == ("UserInitiated", "by hand")
    assert last["group"] == "service:web"
    assert (last["cpu"], last["memory"]) == ("512", "1024")
    assert told[3].detail["containers"][0]["lastStatus"] == "RUNNING"


def test_tasks_are_spread_over_the_zones() -> None:
    assert zones(world_at(120.0)) == {A: 2, B: 2}
    assert sorted(zones(world_at(120.0, Count=5)).values()) == [2, 3]


def test_the_desired_count_is_kept_in_balance_up_and_down() -> None:
    world = world_at(120.0)
    world.apply(update(desired_count=7))
    world.run(300.0)
    assert sorted(zones(world).values()) == [3, 4]
    assert len(web(world).rollouts.deployments) == 1  # that is no deployment
    world.apply(update(desired_count=2))
    world.run(400.0)
    assert zones(world) == {A: 1, B: 1}
    world.apply(update(desired_count=0))
    world.run(500.0)
    assert web(world).tasks == []
    assert health(world) == []


def test_a_stopped_task_is_replaced_at_once_and_drains_meanwhile() -> None:
    world = world_at(120.0)
    world.apply(action("aws:ecs:stop-task", clusters=("Cluster",), count=1))
    assert web(world).counts.pending == 1
    assert sorted(health(world)) == ["draining", "healthy", "healthy", "healthy"]
    world.run(300.0)
    assert health(world) == ["healthy"] * 4
    books = world.elb.books["Balancer"].by_status
    before = {status: number for status, number in books.items() if status != "200"}
    world.elb.settle()
    after = {s: n for s, n in world.elb.books["Balancer"].by_status.items() if s != "200"}
    assert before == after


def test_a_container_that_ends_takes_its_task_with_it() -> None:
    world = world_at(120.0)
    world.apply(action("aws:ecs:task-kill-process", services=("web",), count=1, process_name="web"))
    ended = [task for task in web(world).tasks if not task.active]
    assert [task.stopping.reason for task in ended if task.stopping] == [
        "Essential container in task exited"
    ]
    world.run(300.0)
    assert len(running(world)) == 4


def test_a_task_that_leaks_its_memory_is_killed_and_replaced() -> None:
    world = world_at(120.0)
    before = {task.name for task in running(world)}
    world.apply(action("spillover:memory-leak", services=("web",), time_to_exhaust=100.0))
    world.run(230.0)
    assert not before & {task.name for task in running(world)}


def test_what_fails_its_checks_is_replaced_before_it_is_stopped() -> None:
    world = world_at(120.0)
    ailing = running(world)[0]
    world.apply(action("spillover:fail-health-checks", instances=(ailing.private_ip,)))
    world.run(160.0)
    assert ailing.active  # its replacement is on its way
    assert web(world).counts.pending == 1
    world.run(300.0)
    assert not ailing.active
    assert ailing.stopping is not None
    assert ailing.stopping.reason.startswith("Task failed ELB health checks in (target-group")
    assert health(world) == ["healthy"] * 4
    assert any("failed ELB health checks" in text for text in messages(world))


def test_where_there_is_no_room_one_unhealthy_task_at_a_time_makes_it() -> None:
    world = world_at(120.0, Least=0, Most=100, Rebalancing="DISABLED")
    world.apply(action("spillover:fail-health-checks", id="sick", services=("web",)))
    ended = []
    while world.now < 200.0:
        world.run(world.now + 1.0)
        ended.append(sum(not task.active for task in world.ecs.tasks.values()))
        assert sum(task.active for task in web(world).tasks) == 4
    steps = [after - before for before, after in pairwise(ended)]
    assert max(steps) == 1
    assert sum(steps) >= 4


def test_failed_checks_do_not_count_in_the_grace_period() -> None:
    world = world_at(0.0, Grace=120)
    world.apply(action("spillover:fail-health-checks", services=("web",)))
    world.run(140.0)
    assert "unhealthy" in health(world)
    assert len(world.ecs.tasks) == 4
    world.run(180.0)
    assert len(world.ecs.tasks) > 4


def test_a_dark_zone_is_left_and_used_again_when_it_is_back() -> None:
    world = world_at(120.0)
    dark = action("aws:network:disrupt-connectivity", zones=(A,), duration=600.0)
    world.apply(dark)
    world.run(600.0)
    assert zones(world) == {B: 4}
    world.run(1100.0)
    assert zones(world) == {A: 2, B: 2}
    told = [
        event.detail["eventName"]
        for event in world.bus.events
        if event.detail_type == "ECS Service Action" and "BALANC" in event.detail["eventName"]
    ]
    assert told == ["SERVICE_REBALANCING_STARTED", "SERVICE_REBALANCING_COMPLETED"]


def test_without_rebalancing_tasks_stay_where_they_are() -> None:
    world = world_at(120.0, Rebalancing="DISABLED")
    world.apply(action("aws:network:disrupt-connectivity", zones=(A,), duration=300.0))
    world.run(1100.0)
    assert zones(world) == {B: 4}


def test_no_task_can_be_placed_where_no_zone_is_reached() -> None:
    world = world_at(120.0)
    world.apply(action("aws:network:disrupt-connectivity", zones=(A, B), duration=300.0))
    world.run(400.0)
    names = {e.detail.get("eventName") for e in world.bus.events}
    assert "SERVICE_TASK_PLACEMENT_FAILURE" in names
    world.run(900.0)
    assert health(world) == ["healthy"] * 4


def test_calls_that_ecs_refuses() -> None:
    world = world_at(120.0)
    with pytest.raises(ActionError, match="referenced task was not found"):
        world.apply(action("ecs:StopTask", task="0" * 32))
    with pytest.raises(ActionError, match="finds no task"):
        world.apply(action("aws:ecs:stop-task", zones=("us-east-1c",)))
    with pytest.raises(
        ActionError, match="container web does not exist in the task definition Oth"
    ):
        world.apply(update(task_definition="Other"))


def test_faults_of_instances_spare_tasks_and_those_of_tasks_are_felt() -> None:
    world = world_at(120.0)
    with pytest.raises(ActionError, match="finds no running instance"):
        world.apply(action("aws:ec2:terminate-instances", zones=(A,)))
    world.apply(action("aws:ecs:task-cpu-stress", duration=60.0, zones=(A,), percent=100.0))
    stressed = {task.zone for task in running(world) if task.vcpus < 0.5}
    assert stressed == {A}
    world.apply(
        action("aws:ecs:task-network-latency", id="late", zones=(B,), delay_milliseconds=300.0)
    )
    assert {t.ailing.latency for t in running(world) if t.zone == B} == {0.3}
    world.run(200.0)
    assert {task.vcpus for task in running(world)} == {0.5}


def test_a_task_before_it_runs_ends_without_draining() -> None:
    world = world_at(10.0)
    world.apply(update(desired_count=0))
    assert {task.status for task in web(world).tasks} == {TaskStatus.DEPROVISIONING}
    world.run(60.0)
    assert web(world).tasks == []
