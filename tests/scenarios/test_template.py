"""Templates become stacks: resources in order, references resolved, the rest named or refused."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import pytest

from model.autoscaling.resources import AutoScalingGroup, ScalingPolicy
from model.cloudwatch.resources import Alarm
from model.ec2.firewalls import SecurityGroup
from model.ec2.resources import Subnet, Vpc
from model.elb.resources import LoadBalancer, TargetGroup
from model.events.resources import Topic
from model.resources import Resource
from scenarios.cloudformation.template import Built
from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import EXAMPLES, TEMPLATE, build_text, needs_examples, replaced

Kind = TypeVar("Kind", bound=Resource)

ALARM = TEMPLATE[TEMPLATE.index("  Alarm:") :]
REST = TEMPLATE[: TEMPLATE.index("  Alarm:")]


def only(built: Built, kind: type[Kind]) -> Kind:
    """The one resource of a class."""
    (found,) = built.stack.of(kind)
    return found


def test_resources_in_the_order_of_the_template() -> None:
    names = list(build_text(TEMPLATE).stack.resources)
    assert names == re.findall(r"^  (\w+):\n    Type", TEMPLATE, re.M)


def test_references_hold_logical_ids() -> None:
    built = build_text(TEMPLATE)
    group = only(built, AutoScalingGroup)
    assert group.vpc_zone_identifier == ("SubnetA", "SubnetB")
    assert group.target_group_arns == ("Targets",)
    assert group.launch_template is not None
    assert group.launch_template.launch_template_id == "Launch"
    alarm = only(built, Alarm)
    assert alarm.alarm_actions == ("Topic", "Policy")


def test_numbers_may_be_text_and_text_may_be_numbers() -> None:
    group = only(build_text(TEMPLATE), AutoScalingGroup)
    assert (group.min_size, group.desired_capacity, group.max_size) == (1, 2, 4)


def test_cloudformation_s_defaults() -> None:
    built = build_text(TEMPLATE)
    targets, group = only(built, TargetGroup), only(built, AutoScalingGroup)
    assert targets.health_check_interval_seconds == 30
    assert targets.health_check_timeout_seconds == 5
    assert targets.healthy_threshold_count == 5
    assert targets.unhealthy_threshold_count == 2
    assert targets.deregistration_delay == 300
    assert targets.algorithm == "round_robin"
    assert targets.cross_zone is None
    assert targets.dns_failover_count == 1
    assert targets.dns_failover_percentage is None
    assert targets.unhealthy_state_routing_count == 1
    assert targets.unhealthy_state_routing_percentage is None
    assert targets.matches(200)
    assert not targets.matches(201)
    assert group.health_check_grace_period == 0
    assert group.cooldown == 300
    assert group.default_instance_warmup is None


def test_names_are_the_same_every_time_and_look_like_aws_s() -> None:
    first, second = build_text(TEMPLATE), build_text(TEMPLATE)
    assert first.names == second.names
    names = first.names
    arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
    assert re.fullmatch(rf"{arn}:loadbalancer/app/Balancer/[0-9a-f]{{16}}", names["Balancer"].ref)
    full = names["Targets"].attributes["TargetGroupFullName"]
    assert re.fullmatch(r"targetgroup/Targets/[0-9a-f]{16}", full)
    assert names["Targets"].ref == f"{arn}:{full}"
    assert names["Group"].ref == "Group"
    assert re.fullmatch(r"subnet-[0-9a-f]{17}", names["SubnetA"].ref)
    assert re.fullmatch(
        r"arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:[0-9a-f-]{36}"
        r":autoScalingGroupName/Group:policyName/Policy",
        names["Policy"].ref,
    )


def test_the_order_of_resources_does_not_matter() -> None:
    """An alarm may stand before what it watches and what it invokes."""
    named = replaced(
        REST,
        ("      Subnets: [!Ref", '      Name: !Sub "${AWS::StackName}-lb"\n      Subnets: [!Ref'),
    )
    head, _, tail = named.partition("  Vpc:\n")
    built = build_text(f"{head}{ALARM}  Vpc:\n{tail}")
    alarm, balancer = only(built, Alarm), only(built, LoadBalancer)
    assert balancer.full_name.startswith("app/spillover-lb/")
    assert alarm.dimensions[0].value == balancer.full_name
    assert alarm.alarm_actions == ("Topic", "Policy")


def test_things_of_different_types_may_bear_one_name() -> None:
    text = (
        replaced(
            TEMPLATE,
            ("      Subnets: [!Ref", "      Name: web\n      Subnets: [!Ref"),
            ("      Port: 8080", "      Name: web\n      Port: 8080"),
            ('      MinSize: "1"', '      AutoScalingGroupName: web\n      MinSize: "1"'),
            ("AutoScalingGroupName: !Ref Group", "AutoScalingGroupName: web"),
        )
        + "  Last: {Type: 'AWS::SNS::Topic', Properties: {TopicName: web}}\n"
    )
    policy = only(build_text(text), ScalingPolicy)
    assert policy.auto_scaling_group_name == "Group"


def test_subnets_without_a_zone_get_zones_in_order() -> None:
    subnets = build_text(TEMPLATE).stack.of(Subnet)
    assert [subnet.availability_zone for subnet in subnets] == ["us-east-1a", "us-east-1b"]


def test_what_exists_outside_the_template_is_taken_as_given() -> None:
    text = replaced(
        TEMPLATE,
        (
            "Parameters:\n",
            "Parameters:\n"
            "  Net: {Type: 'AWS::EC2::VPC::Id'}\n"
            "  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}\n"
            "  Walls: {Type: 'List<AWS::EC2::SecurityGroup::Id>'}\n",
        ),
        ("      VpcId: !Ref Vpc\n", "      VpcId: !Ref Net\n"),
        (
            "      Subnets: [!Ref SubnetA, !Ref SubnetB]",
            "      Subnets: !Ref Subnets\n      SecurityGroups: !Ref Walls",
        ),
        ("[!Ref Topic, !Ref Policy]", "['arn:aws:sns:us-east-1:210987654321:ops', !Ref Policy]"),
    )
    given = {"Net": "vpc-1", "Subnets": "subnet-1, subnet-2", "Walls": ["sg-1"]}
    built = build_text(text, given)
    resources = built.stack.resources
    assert isinstance(resources["vpc-1"], Vpc)
    assert isinstance(resources["sg-1"], SecurityGroup)
    topic = resources["arn:aws:sns:us-east-1:210987654321:ops"]
    assert isinstance(topic, Topic)
    balancer = only(built, LoadBalancer)
    zones = [
        subnet.availability_zone
        for subnet in built.stack.of(Subnet)
        if subnet.logical_id in balancer.subnet_ids
    ]
    assert zones == ["us-east-1a", "us-east-1b"]
    (remark,) = built.remarks
    assert "subnet-1 in us-east-1a, subnet-2 in us-east-1b" in remark.message


def test_what_is_harmless_is_named_in_one_remark() -> None:
    text = TEMPLATE + "".join(
        f"  X{n}: {{Type: '{type_}', Properties: {{Tags: []}}}}\n"
        for n, type_ in enumerate(["AWS::S3::Bucket", "AWS::IAM::Policy", "Custom::Thing"])
    )
    (remark,) = build_text(text).remarks
    assert remark.message == (
        "kept, but not simulated: X0 (AWS::S3::Bucket), X1 (AWS::IAM::Policy), X2 (Custom::Thing)"
    )


def test_properties_without_effect_are_named_in_one_remark() -> None:
    text = replaced(
        TEMPLATE,
        ("{CidrBlock: 10.0.0.0/16}", "{CidrBlock: 10.0.0.0/16, EnableDnsSupport: true}"),
        ("ImageId: ami-1,", "ImageId: ami-1, KeyName: k, UserData: !Base64 x,"),
    )
    (remark,) = build_text(text).remarks
    for name in ("Vpc.EnableDnsSupport", "Launch.KeyName", "Launch.UserData"):
        assert name in remark.message


@pytest.mark.parametrize(
    "line",
    [
        "CapacityRebalance: no",
        "DesiredCapacityType: units",
        "LifecycleHookSpecificationList: []",
        "LoadBalancerNames: []",
        "NewInstancesProtectedFromScaleIn: false",
    ],
)
def test_saying_no_to_what_is_not_simulated_is_harmless(line: str) -> None:
    text = replaced(TEMPLATE, ('      MinSize: "1"', f'      MinSize: "1"\n      {line}'))
    assert build_text(text).remarks == ()


def test_a_condition_drops_its_resource() -> None:
    text = replaced(
        TEMPLATE,
        ("Resources:\n", "Conditions: {Never: !Equals [a, b]}\nResources:\n"),
        ("  Alarm:\n", "  Alarm:\n    Condition: Never\n"),
    )
    assert "Alarm" not in build_text(text).stack.resources


def test_parameters_are_checked() -> None:
    text = replaced(
        TEMPLATE,
        (
            "Parameters:\n",
            "Parameters:\n"
            "  Needed: {Type: String}\n"
            "  Word: {Type: String, Default: abc, AllowedPattern: '[a-z]+', MaxLength: 4}\n"
            "  Many: {Type: 'List<Number>', Default: '1,2', MaxValue: 2}\n"
            "  Name: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}\n",
        ),
    )
    right: dict[str, Any] = {"Needed": "", "Name": "x"}
    build_text(text, right)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"Name": "x"}, "the parameter Needed has no value"),
        ({"Needed": ""}, "the parameter Name reads its value from SSM"),
        (right | {"Word": "ABC"}, "Word must be text that matches [a-z]+, not 'ABC'"),
        (right | {"Word": "abcde"}, "Word must be at most 4 characters"),
        (right | {"Many": "1,3"}, "Many must be at most 2, not '3'"),
        (right | {"Many": "1,x"}, "Many must be a number, not 'x'"),
        (right | {"Size": "two"}, "Size must be a number, not 'two'"),
        (right | {"Siez": 2}, "the template has no parameter Siez (did you mean Size?)"),
    ]
    for given, words in wrong:
        with pytest.raises(ScenarioError) as error:
            build_text(text, given)
        assert words in str(error.value)


@needs_examples
def test_the_example_template() -> None:
    built = build_text((EXAMPLES / "web.template.yaml").read_text(encoding="utf-8"))
    stack = built.stack
    subnets = {subnet.logical_id: subnet for subnet in stack.of(Subnet)}
    assert subnets["SubnetB"].cidr_block == "10.0.1.0/24"
    assert subnets["SubnetB"].availability_zone == "us-east-1b"
    group = only(built, AutoScalingGroup)
    assert group.default_instance_warmup == 120
    assert group.enabled_metrics == ()
    policy = only(built, ScalingPolicy)
    assert policy.target_tracking_configuration is not None
    assert policy.target_tracking_configuration.target_value == 50


def test_answers_to_what_is_not_simulated_are_no_surplus() -> None:
    text = TEMPLATE + (
        "  Bucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !ImportValue bucket}}\n"
    )
    build_text(text, {"bucket": "b"})
    with pytest.raises(ScenarioError, match="the template has no parameter bukcet"):
        build_text(text, {"bukcet": "b"})


def test_the_default_security_group_of_a_vpc() -> None:
    text = (
        replaced(
            TEMPLATE,
            (
                "      Subnets: [!Ref",
                "      SecurityGroups: [!GetAtt Vpc.DefaultSecurityGroup]\n      Subnets: [!Ref",
            ),
        )
        + "Outputs: {Wall: {Value: !Select [0, !GetAtt Balancer.SecurityGroups]}}\n"
    )
    built = build_text(text)
    (group,) = built.stack.of(SecurityGroup)
    assert only(built, LoadBalancer).security_groups == (group.logical_id,)
    assert group.logical_id == built.names["Vpc"].attributes["DefaultSecurityGroup"]
