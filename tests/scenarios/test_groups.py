"""Templates with what belongs to an Auto Scaling group."""

from __future__ import annotations

import re

import pytest

from model.autoscaling.lifecycle_resources import LifecycleHook
from model.autoscaling.resources import AutoScalingGroup
from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import TEMPLATE, build_text, replaced

HOOK = (
    "  Hook:\n    Type: AWS::AutoScaling::LifecycleHook\n    Properties:\n"
    "      AutoScalingGroupName: !Ref Group\n"
    "      LifecycleTransition: autoscaling:EC2_INSTANCE_LAUNCHING\n"
)


def with_group(*lines: str, more: str = "") -> str:
    """A template whose group has these properties as well."""
    own = "".join(f"\n      {line}" for line in lines)
    return replaced(TEMPLATE, ('      MinSize: "1"', f'      MinSize: "1"{own}')) + more


def test_hooks_come_with_the_group_or_by_themselves() -> None:
    spec = (
        "LifecycleHookSpecificationList: [{LifecycleHookName: bye, HeartbeatTimeout: 60, "
        "LifecycleTransition: autoscaling:EC2_INSTANCE_TERMINATING}]"
    )
    stack = build_text(with_group(spec, more=HOOK)).stack
    (group,), (hook,) = stack.of(AutoScalingGroup), stack.of(LifecycleHook)
    (bye,) = group.lifecycle_hook_specification_list
    assert (bye.name, bye.heartbeat_timeout, bye.default_result) == ("bye", 60, "ABANDON")
    assert (hook.name, hook.heartbeat_timeout) == ("Hook", 3600)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("HeartbeatTimeout: 20", "must be from 30 to 7200, not 20"),
        ("DefaultResult: RETRY", "must be one of CONTINUE, ABANDON, not 'RETRY'"),
        ("LifecycleHookName: a b", "must be up to 255 letters"),
        ("NotificationTargetARN: pager", "must be the ARN of an SNS topic or an SQS queue"),
    ],
)
def test_wrong_hooks_are_told(line: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(message)):
        build_text(with_group(more=f"{HOOK}      {line}\n"))


def test_hooks_of_a_group_need_names_of_their_own() -> None:
    spec = (
        "LifecycleHookSpecificationList: [{LifecycleHookName: Hook, "
        "LifecycleTransition: autoscaling:EC2_INSTANCE_TERMINATING}]"
    )
    with pytest.raises(ScenarioError, match="Group has a hook named Hook already"):
        build_text(with_group(spec, more=HOOK))
