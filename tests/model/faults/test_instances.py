"""The actions of AWS FIS on EC2 instances: stop, terminate, reboot.

Source: "AWS FIS actions reference", Amazon EC2 actions.
"""

from __future__ import annotations

import pytest

from model.ec2.instances import Instance, InstanceState
from model.ec2.service import PENDING_SECONDS, REBOOT_SECONDS, STOPPING_SECONDS
from model.world import World
from tests.model.faults.samples import (
    GROUP,
    calm,
    condition,
    do,
    lift,
    refused,
    set_desired,
    statuses,
    view,
)
from tests.model.samples import instances, world_at

BOOT = 20.0
"""Seconds that the sample's service takes to start."""


def states(world: World, instance: Instance) -> list[str]:
    """The instance's states since the minute that the tests begin with."""
    history = world.journal.history(instance.id, "state")
    return [change.value for change in history if change.time >= 60.0]


def test_stopped_instances_are_started_again_at_the_end() -> None:
    world = calm()
    one, other = instances(world)
    do(world, "aws:ec2:stop-instances", 120.0, instances=(one.id,))
    world.run(60.0 + STOPPING_SECONDS)
    assert (one.state, other.state) == (InstanceState.STOPPED, InstanceState.RUNNING)
    assert (view(world, one).state, view(world, one).reason) == ("unused", "Target.InvalidState")
    world.run(180.0 + PENDING_SECONDS[1] + BOOT + 60.0)
    assert states(world, one) == ["stopping", "stopped", "pending", "running"]
    assert view(world, one).state == "healthy"


def test_instances_that_are_still_stopping_at_the_end_are_started_once_they_are_stopped() -> None:
    world = calm()
    one = instances(world)[0]
    do(world, "aws:ec2:stop-instances", STOPPING_SECONDS / 3, instances=(one.id,))
    world.run(60.0 + STOPPING_SECONDS / 2)
    assert one.state is InstanceState.STOPPING
    world.run(200.0)
    assert states(world, one) == ["stopping", "pending", "running"]  # stopped for no time at all


def test_without_a_duration_stopped_instances_stay_stopped() -> None:
    world = calm()
    one = instances(world)[0]
    do(world, "aws:ec2:stop-instances", id="it", instances=(one.id,))
    assert statuses(world) == [("it", "completed")]
    assert not world.faults.active
    world.run(1000.0)
    assert states(world, one) == ["stopping", "stopped"]


def test_newcomers_are_not_stopped() -> None:
    world = calm(1)
    do(world, "aws:ec2:stop-instances", 300.0, services=("web",))
    (new,) = set_desired(world, 2)
    world.run(200.0)
    assert new.state is InstanceState.RUNNING


def test_a_group_replaces_an_instance_that_was_stopped() -> None:
    world = world_at(60.0)
    one = instances(world)[0]
    do(world, "aws:ec2:stop-instances", 300.0, instances=(one.id,))
    world.run(240.0)
    assert one.state is InstanceState.TERMINATED
    assert len(world.autoscaling.groups["Group"].in_service()) == 2
    lift(world)
    world.run(400.0)
    assert one.state is InstanceState.TERMINATED


def test_terminated_instances_end_for_good_and_are_replaced() -> None:
    world = world_at(60.0)
    one = instances(world)[0]
    do(world, "aws:ec2:terminate-instances", id="it", instances=(one.id,))
    assert statuses(world) == [("it", "completed")]
    world.run(240.0)
    assert states(world, one) == ["shutting-down", "terminated"]
    assert len(world.autoscaling.groups["Group"].in_service()) == 2


def test_a_rebooted_instance_keeps_running_but_its_service_is_gone_until_it_has_booted() -> None:
    world = calm()
    before = condition(world)
    one = instances(world)[0]
    do(world, "aws:ec2:reboot-instances", instances=(one.id,))
    assert not one.service_up
    world.run(60.0 + REBOOT_SECONDS + BOOT - 0.1)
    assert not one.service_up
    assert view(world, one).state == "unhealthy"
    world.run(60.0 + REBOOT_SECONDS + BOOT)
    assert condition(world) == before
    assert states(world, one) == []


@pytest.mark.parametrize("name", ["stop", "terminate", "reboot"])
def test_without_any_instance_among_the_targets_nothing_is_done(name: str) -> None:
    world = calm(1)
    do(world, "aws:ec2:terminate-instances", services=("web",))
    do(world, "autoscaling:SuspendProcesses", **GROUP)
    message = refused(world, f"aws:ec2:{name}-instances", duration=60.0, services=("web",))
    assert "no running instance" in message
    assert not world.faults.active
