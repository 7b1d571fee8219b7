"""Every fault that lasts begins, is felt, ends, and leaves what was there before."""

from __future__ import annotations

from typing import Any

import pytest

from model.actions import REGISTER, ActionError
from tests.model.faults.samples import calm, condition, do, lift, refused, statuses
from tests.model.samples import A

WEB: dict[str, Any] = {"services": ("web",)}
OF_FUNCTIONS = {"aws:lambda:invocation-add-delay", "aws:lambda:invocation-error"}
"""Tested with the functions that they are aimed at."""
OF_TASKS = {
    "aws:ecs:stop-task",
    "aws:ecs:task-cpu-stress",
    "aws:ecs:task-kill-process",
    "aws:ecs:task-network-latency",
    "spillover:fail-task-start",
}
"""Tested with tasks."""
OF_DATABASES = {"aws:rds:failover-db-cluster", "aws:rds:reboot-db-instances"}
"""The same of databases."""
DONE_AT_ONCE = {
    "aws:ec2:reboot-instances",
    "aws:ec2:send-spot-instance-interruptions",
    "aws:ec2:terminate-instances",
}


def ssm(document: str, **parameters: Any) -> tuple[str, dict[str, Any]]:
    given = {"document_arn": document, "document_parameters": parameters}
    return "aws:ssm:send-command", {**WEB, **given}


LASTING: list[tuple[str, dict[str, Any]]] = [
    ("aws:ec2:stop-instances", {"zones": (A,)}),
    ("aws:arc:start-zonal-autoshift", {"zones": (A,)}),
    ("aws:network:disrupt-connectivity", {"zones": (A,)}),
    ("aws:network:disrupt-connectivity", {"subnets": ("SubnetA",)}),
    ssm("AWSFIS-Run-CPU-Stress", LoadPercent=80),
    ssm("AWSFIS-Run-Network-Latency", DelayMilliseconds="300"),
    ssm("AWSFIS-Run-Kill-Process", ProcessName="web"),
    ("spillover:fail-health-checks", WEB),
    ("spillover:error-rate", {**WEB, "percent": 20.0}),
    ("spillover:slow-responses", {**WEB, "factor": 3.0}),
    ("spillover:memory-leak", {**WEB, "time_to_exhaust": 200.0}),
    (
        "aws:ec2:asg-insufficient-instance-capacity-error",
        {"auto_scaling_groups": ("Group",), "availability_zone_identifiers": A},
    ),
    ("spillover:launch-error", {"auto_scaling_groups": ("Group",), "reason": "limit"}),
    ("spillover:spot-market", {"zones": (A,), "price": 0.8}),
    ("aws:ebs:pause-volume-io", {"zones": (A,)}),
    ("spillover:traffic-spike", {"requests_per_second": 40.0}),
    ("spillover:traffic-factor", {"factor": 0.5}),
]
each_fault = pytest.mark.parametrize(
    ("name", "given"),
    LASTING,
    ids=[f"{name} {given.get('document_arn', '')}".strip() for name, given in LASTING],
)


def test_every_registered_fault_is_among_these() -> None:
    faults = {name for name, kind in REGISTER.items() if kind.is_fault}
    elsewhere = DONE_AT_ONCE | OF_FUNCTIONS | OF_TASKS | OF_DATABASES
    assert {name for name, _ in LASTING} | elsewhere == faults


@each_fault
def test_it_ends_by_itself_and_leaves_what_was_there_before(
    name: str, given: dict[str, Any]
) -> None:
    world = calm()
    before = condition(world)
    do(world, name, 60.0, id="it", **given)
    assert list(world.faults.active) == ["it"]
    assert statuses(world) == [("it", "running")]
    world.run(119.9)
    assert condition(world) != before
    assert list(world.faults.active) == ["it"]
    world.run(120.0)
    assert not world.faults.active
    assert statuses(world) == [("it", "running"), ("it", "completed")]
    world.run(220.0)
    assert condition(world) == before


@each_fault
def test_it_can_be_lifted_before_its_time(name: str, given: dict[str, Any]) -> None:
    world = calm()
    before = condition(world)
    do(world, name, 600.0, id="it", **given)
    world.run(75.0)
    assert condition(world) != before
    lift(world, "it")
    assert statuses(world)[-1] == ("it", "stopped")
    world.run(200.0)
    assert condition(world) == before
    world.run(700.0)  # when it would have ended nothing happens any more
    assert len(statuses(world)) == 2


@pytest.mark.parametrize(("name", "given"), LASTING[1:])
def test_without_a_duration_it_lasts_until_it_is_lifted(name: str, given: dict[str, Any]) -> None:
    """All but stop-instances: FIS starts them again only where it is told after how long."""
    world = calm()
    before = condition(world)
    do(world, name, **given)
    world.run(1000.0)
    assert condition(world) != before
    lift(world)
    world.run(1100.0)
    assert condition(world) == before


def test_two_faults_at_work_cannot_have_one_name() -> None:
    world = calm()
    do(world, "spillover:traffic-factor", id="it", factor=2.0)
    message = refused(world, "spillover:error-rate", id="it", **WEB)
    assert "it is at work already" in message
    lift(world, "it")
    do(world, "spillover:error-rate", id="it", **WEB)
    assert list(world.faults.active) == ["it"]


def test_lifting_names_one_fault_or_means_all() -> None:
    world = calm()
    for name in ("a", "b", "c"):
        do(world, "spillover:slow-responses", id=name, **WEB)
    lift(world, "b")
    assert list(world.faults.active) == ["a", "c"]
    with pytest.raises(ActionError, match="no fault named b"):
        lift(world, "b")
    lift(world)
    assert not world.faults.active
