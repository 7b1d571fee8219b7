"""The register of what can be done, and its names."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

from model.actions import (
    REGISTER,
    TARGET_KEYS,
    Action,
    ActionError,
    ActionKind,
    NoParameters,
    api_call,
    fault,
    move,
    spelling,
)
from tests.model.samples import action

FIS = {
    "aws:lambda:invocation-add-delay",
    "aws:lambda:invocation-error",
    "aws:arc:start-zonal-autoshift",
    "aws:ec2:asg-insufficient-instance-capacity-error",
    "aws:ec2:send-spot-instance-interruptions",
    "aws:ec2:stop-instances",
    "aws:ebs:pause-volume-io",
    "aws:ec2:terminate-instances",
    "aws:ec2:reboot-instances",
    "aws:ecs:stop-task",
    "aws:ecs:task-cpu-stress",
    "aws:ecs:task-kill-process",
    "aws:ecs:task-network-latency",
    "aws:network:disrupt-connectivity",
    "aws:rds:failover-db-cluster",
    "aws:rds:reboot-db-instances",
    "aws:ssm:send-command",
}
"""The simulated ones of the "AWS FIS actions reference"."""

APIS = {
    "arc-zonal-shift",
    "autoscaling",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecs",
    "elasticloadbalancing",
    "fis",
    "lambda",
    "rds",
    "route53",
}
"""IAM's service prefixes of what an operator calls."""

each_action = pytest.mark.parametrize("kind", REGISTER.values(), ids=REGISTER)


def test_only_what_fis_has_stands_under_aws() -> None:
    assert {name for name in REGISTER if name.startswith("aws:")} == FIS


@each_action
def test_it_bears_a_name_of_aws_or_of_spillover(kind: ActionKind) -> None:
    assert REGISTER[kind.name] is kind
    service, _, operation = kind.name.rpartition(":")
    if kind.is_fault:
        assert service.partition(":")[0] in ("aws", "spillover")
        assert operation == operation.lower()
    else:
        assert service in APIS
        assert operation[0].isupper()
        assert operation.isalnum()


@each_action
def test_it_has_a_sentence_that_tells_what_it_does(kind: ActionKind) -> None:
    assert kind.summary[0].isupper()
    assert kind.summary.endswith(".")
    assert "\n" not in kind.summary


@each_action
def test_its_parameters_are_typed_fields(kind: ActionKind) -> None:
    assert attrs.has(kind.parameters)
    attrs.resolve_types(kind.parameters)
    for parameter in kind.parameter_fields.values():
        assert parameter.type is not None
        assert parameter.name == parameter.name.lower()


@each_action
def test_faults_may_be_aimed_and_moves_may_not(kind: ActionKind) -> None:
    assert kind.targets <= set(TARGET_KEYS.values())
    traffic = kind.name.startswith("spillover:traffic-")
    assert bool(kind.targets) == (kind.is_fault and not traffic)


def test_a_name_is_registered_once() -> None:
    for register in (move("fis:StopExperiment"), fault("aws:ssm:send-command", targets=set())):
        with pytest.raises(ValueError, match="registered twice"):
            register(lambda world, action: None)


def test_parameters_are_spelled_as_aws_spells_them() -> None:
    assert spelling("desired_capacity") == "DesiredCapacity"
    assert spelling("auto_scaling_group_name") == "AutoScalingGroupName"


def told(name: str, refusal: ActionError | None = None, **given: Any) -> dict[str, Any]:
    source, kind, _, detail = api_call(action(name, **given), refusal)
    assert kind == "AWS API Call via CloudTrail"
    assert detail["eventSource"] == f"{source.removeprefix('aws.')}.amazonaws.com"
    json.dumps(detail)
    return dict(detail)


def test_a_move_is_told_as_cloudtrail_tells_it() -> None:
    detail = told(
        "autoscaling:SetDesiredCapacity", auto_scaling_group_name="Group", desired_capacity=0
    )
    assert detail == {
        "eventSource": "autoscaling.amazonaws.com",
        "eventName": "SetDesiredCapacity",
        "requestParameters": {
            "autoScalingGroupName": "Group",
            "desiredCapacity": 0,
            "honorCooldown": False,
        },
    }


def test_a_refused_move_is_told_with_its_error() -> None:
    detail = told(
        "autoscaling:SetDesiredCapacity",
        refusal=ActionError("too many"),
        auto_scaling_group_name="Group",
        desired_capacity=99,
    )
    assert detail["errorCode"] == "ValidationError"
    assert detail["errorMessage"] == "too many"


def test_an_action_needs_nothing_but_its_name() -> None:
    bare = Action(name="fis:StopExperiment")
    assert bare.parameters == NoParameters()
    assert bare.targets.named() == ()
    assert bare.duration is None


def test_targets_tell_which_kinds_they_name() -> None:
    aimed = action("spillover:slow-responses", zones=("us-east-1a",), instances=("i-1",), count=1)
    assert aimed.targets.named() == ("Instances", "zones")
