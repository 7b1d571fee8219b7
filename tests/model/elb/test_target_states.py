"""What DescribeTargetHealth shows: states, reason codes and descriptions ("Health checks for
Application Load Balancer target groups", "Register targets with your ALB target group")."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest

from model.actions import Action, ActionError
from model.ec2.instances import Instance
from model.elb.moves import Targets
from model.elb.resources.targets import TargetDescription
from tests.model.elb.samples import ELSEWHERE, A, Cloud


def status(cloud: Cloud, target: Instance) -> tuple[str, str, str]:
    view = cloud.view(target)
    return view.state, view.reason, view.description


def call(cloud: Cloud, operation: str, *ids: str, group: str = "Targets") -> None:
    targets = tuple(TargetDescription(id=name) for name in ids)
    parameters = Targets(target_group_arn=group, targets=targets)
    cloud.world.apply(Action(name=f"elasticloadbalancing:{operation}", parameters=parameters))


def test_registration_is_in_progress_at_first() -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    expected = ("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
    assert status(cloud, target) == expected


def test_initial_health_checks_are_in_progress_until_one_passes() -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    cloud.ail(target, failing_checks=True)
    cloud.run(10)
    expected = ("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
    assert status(cloud, target) == expected


def test_a_healthy_target_has_no_reason_and_no_description() -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    cloud.run(10)
    assert status(cloud, target) == ("healthy", "", "")


@pytest.mark.parametrize(
    ("effect", "reason", "description"),
    [
        (
            {"failing_checks": True},
            "Target.ResponseCodeMismatch",
            "Health checks failed with these codes: [503]",
        ),
        ({"unreachable": True}, "Target.Timeout", "Request timed out"),
    ],
)
def test_why_a_target_is_unhealthy(effect: dict[str, Any], reason: str, description: str) -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    cloud.ail(target, **effect)
    cloud.run(100)
    assert status(cloud, target) == ("unhealthy", reason, description)


def test_a_refused_connection_fails_health_checks() -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    cloud.kill(target)
    cloud.run(100)
    expected = ("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
    assert status(cloud, target) == expected


def test_a_stopped_instance_is_unused_and_registers_again_when_it_runs() -> None:
    cloud = Cloud(50)
    first, second = cloud.add(A, 2)
    cloud.run(60)
    cloud.world.ec2.stop_instances(first.id)
    cloud.run(100)
    expected = ("unused", "Target.InvalidState", "Target is in the stopped state")
    assert status(cloud, first) == expected
    assert cloud.shares([second]) == [1.0]
    cloud.world.ec2.start_instances(first.id)
    cloud.run(200)
    states = [state for state, _ in groupby(state for _, state, _ in cloud.states(first))]
    assert states[-3:] == ["unused", "initial", "healthy"]
    assert cloud.shares([first]) == pytest.approx([0.5])


def test_a_terminated_instance_is_unused() -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    cloud.run(60)
    cloud.world.ec2.terminate_instances(target.id)
    cloud.run(120)
    expected = ("unused", "Target.InvalidState", "Target is in the terminated state")
    assert status(cloud, target) == expected


def test_with_all_targets_unused_requests_get_503() -> None:
    """ "Troubleshoot your Application Load Balancers": no registered targets, or all unused."""
    cloud = Cloud(50)
    (target,) = cloud.add()
    cloud.add(ELSEWHERE)
    cloud.run(60)
    cloud.world.ec2.stop_instances(target.id)
    cloud.run(120)
    before = cloud.books.by_status["503"]
    cloud.run(180)
    assert cloud.books.by_status["503"] == before + 60 * 50


def test_registering_twice_changes_nothing() -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    cloud.run(60)
    call(cloud, "RegisterTargets", target.id)
    cloud.run(120)
    assert len(cloud.states(target)) == 2


def test_an_instance_must_run_to_be_registered() -> None:
    cloud = Cloud()
    target = cloud.launch()
    cloud.world.ec2.stop_instances(target.id)
    with pytest.raises(ActionError, match=f"not in a running state: {target.id}"):
        call(cloud, "RegisterTargets", target.id)
    assert cloud.group.targets == {}


def test_unknown_names_are_refused() -> None:
    cloud = Cloud()
    target = cloud.launch()
    with pytest.raises(ActionError, match="The instance ID 'i-0' does not exist"):
        call(cloud, "RegisterTargets", "i-0")
    with pytest.raises(ActionError, match="there is no target group Others"):
        call(cloud, "RegisterTargets", target.id, group="Others")


def test_operators_register_and_deregister() -> None:
    cloud = Cloud()
    target = cloud.launch()
    call(cloud, "RegisterTargets", target.id)
    cloud.run(10)
    assert cloud.view(target).state == "healthy"
    call(cloud, "DeregisterTargets", target.id)
    assert cloud.view(target).state == "draining"
