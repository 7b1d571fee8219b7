"""Templates that say how groups launch: what is read, and what is told to be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.autoscaling.resources import AutoScalingGroup
from scenarios.mistakes import ScenarioError
from scenarios.player import make_world
from tests.scenarios.samples import SCENARIO, TEMPLATE, build_text, load_text, mistakes_of, replaced

SOURCE = '          LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}\n'.replace(
    "          ", "      ", 1
)
DATA = "          LaunchTemplateData: {ImageId: ami-1, InstanceType: m5.large}\n".replace(
    "          ", "      ", 1
)
OLD = """\
  Old:
    Type: AWS::AutoScaling::LaunchConfiguration
    Properties: {ImageId: ami-1, InstanceType: t3.micro, KeyName: !Ref Key}
  Key:
    Type: AWS::EC2::KeyPair
    Properties: {KeyName: ops}
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17"}}
  Profile:
    Type: AWS::IAM::InstanceProfile
    Properties: {Roles: [!Ref Role]}
  Disk:
    Type: AWS::EC2::Volume
    Properties: {AvailabilityZone: us-east-1a, Size: 8, VolumeType: gp3}
"""
POOL = """\
  Pool:
    Type: AWS::AutoScaling::WarmPool
    Properties: {AutoScalingGroupName: !Ref Group}
"""
MIXED = """\
      MixedInstancesPolicy:
        InstancesDistribution: {OnDemandBaseCapacity: 1, SpotAllocationStrategy: capacity-optimized}
        LaunchTemplate:
          LaunchTemplateSpecification:
            {LaunchTemplateId: !Ref Launch, Version: !GetAtt Launch.LatestVersionNumber}
          Overrides: [{InstanceType: m5.large}, {InstanceType: c5.large}]
"""


def group(text: str) -> AutoScalingGroup:
    (found,) = build_text(text).stack.of(AutoScalingGroup)
    return found


def test_a_group_launches_from_a_launch_configuration() -> None:
    text = replaced(TEMPLATE, (SOURCE, "      LaunchConfigurationName: !Ref Old\n")) + OLD
    assert group(text).launch_configuration_name == "Old"


def test_a_launch_template_is_known_by_its_name() -> None:
    text = replaced(
        TEMPLATE,
        (DATA, DATA + "      LaunchTemplateName: web-servers\n"),
        (SOURCE, "      LaunchTemplate: {LaunchTemplateName: web-servers, Version: $Latest}\n"),
    )
    wanted = group(text).launch_template
    assert wanted is not None
    assert wanted.template == "Launch"


def test_a_mixed_instances_policy_is_read_with_its_defaults() -> None:
    policy = group(replaced(TEMPLATE, (SOURCE, MIXED))).mixed_instances_policy
    assert policy is not None
    assert policy.on_demand_strategy == "prioritized"
    assert policy.instances_distribution.on_demand_percentage_above_base_capacity == 100


CASES = [
    (SOURCE, SOURCE + MIXED, "give exactly one of LaunchTemplate, MixedInstancesPolicy and"),
    (SOURCE, "", "give exactly one of LaunchTemplate, MixedInstancesPolicy and"),
    (SOURCE, SOURCE.replace('"1"', '"2"'), "Launch has no version 2: CloudFormation makes"),
    (SOURCE, SOURCE.replace('"1"', '"last"'), "must be a version's number, $Latest or $Default"),
    (SOURCE, SOURCE.replace("Id: !Ref Launch", "Name: nope"), "'nope' is no EC2::LaunchTemplate"),
    (SOURCE, MIXED.replace("Overrides", "Overides"), "there is no property Overides"),
    (
        SOURCE,
        MIXED.replace("{InstanceType: c5.large}", "{InstanceType: m5.large}"),
        "the instance type m5.large is given twice",
    ),
    (
        SOURCE,
        MIXED.replace(
            "{InstanceType: c5.large}", '{InstanceType: c5.large, WeightedCapacity: "2"}'
        ),
        "give all instance types a WeightedCapacity, or none",
    ),
    (
        SOURCE,
        MIXED.replace("OnDemandBaseCapacity: 1", "SpotInstancePools: 3"),
        "SpotInstancePools goes with the SpotAllocationStrategy lowest-price",
    ),
    (SOURCE, SOURCE + "      DesiredCapacityType: vcpu\n", "goes with InstanceRequirements only"),
    (DATA, DATA.replace("ami-1", "web"), "ImageId must be an image's id such as ami-"),
    (DATA, DATA.replace(", InstanceType: m5.large", ""), "Launch says no InstanceType"),
    (DATA, DATA.replace("m5.large}", "m5.large, UserData: hello!}"), "UserData must be in base64"),
    (
        DATA,
        DATA.replace(
            "InstanceType: m5.large",
            "InstanceRequirements: {VCpuCount: {Min: 999}, MemoryMiB: {Min: 1}}",
        ),
        "no instance type that Spillover knows fits",
    ),
    (
        DATA,
        DATA.replace("m5.large}", "m5.large, InstanceMarketOptions: {MarketType: capacity-block}}"),
        "only Spot instances are",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), CASES, ids=[case[2][:40] for case in CASES])
def test_what_is_wrong_is_told(old: str, new: str, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(replaced(TEMPLATE, (old, new)))
    assert any(message in mistake for mistake in mistakes_of(error)), mistakes_of(error)


def test_a_template_of_spot_instances_does_not_go_with_a_mixed_policy() -> None:
    spot = DATA.replace("m5.large}", "m5.large, InstanceMarketOptions: {MarketType: spot}}")
    with pytest.raises(ScenarioError, match="does not go with a MixedInstancesPolicy"):
        build_text(replaced(TEMPLATE, (SOURCE, MIXED), (DATA, spot)))


def test_a_warm_pool_of_spot_instances_is_refused() -> None:
    mixed = MIXED.replace("OnDemandBaseCapacity: 1", "OnDemandPercentageAboveBaseCapacity: 40")
    build_text(replaced(TEMPLATE, (SOURCE, MIXED)) + POOL)
    with pytest.raises(ScenarioError, match="holds On-Demand Instances, but Group launches Spot"):
        build_text(replaced(TEMPLATE, (SOURCE, mixed)) + POOL)


MARKET = """\
spot:
  price: 0.4
  recommendation: 3m
  pools:
    - {types: ["m5.*"], zones: [us-east-1a], price: 0.3, interruptions_per_hour: 0.5, capacity: 4}
"""


def test_the_spot_market_of_a_scenario(tmp_path: Path) -> None:
    market = load_text(tmp_path, SCENARIO + MARKET).scenario.spot
    assert market.recommendation == 180.0
    assert market.terms("m5.large", "us-east-1a").price == 0.3
    assert market.terms("m5.large", "us-east-1b").price == 0.4
    assert market.terms("c5.large", "us-east-1a").capacity is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("price: 0.4", "price: 0", "s.yaml:10:10: price must be above 0, not 0"),
        ("capacity: 4", "capacity: -1", "capacity must be at least 0, not -1"),
        ("us-east-1a", "us-west-2a", "zones must be one of us-east-1a"),
        ('"m5.*"', '"m7.*"', "no instance type that Spillover knows is m7.*"),
        ("pools:", "pool:", "there is no property pool here (did you mean pools?)"),
    ],
)
def test_a_wrong_market_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, SCENARIO + MARKET.replace(old, new))
    assert any(message in mistake for mistake in mistakes_of(error)), mistakes_of(error)


TIMELINE = """\
timeline:
  - at: 5m
    action: ec2:CreateLaunchTemplateVersion
    parameters:
      LaunchTemplateId: Launch
      SourceVersion: "1"
      VersionDescription: a faster one
      LaunchTemplateData: {InstanceType: c5.large}
  - at: 6m
    action: ec2:ModifyLaunchTemplate
    parameters: {LaunchTemplateId: Launch, DefaultVersion: "2"}
  - at: 7m
    action: aws:ec2:asg-insufficient-instance-capacity-error
    targets: {AutoScalingGroups: [Group]}
    parameters: {availabilityZoneIdentifiers: "us-east-1a, use1-az2", percentage: 50}
    for: 5m
  - at: 8m
    action: spillover:spot-market
    targets: {zones: [us-east-1a]}
    parameters: {price: 0.9, interruptionsPerHour: 2}
    for: 5m
"""


def test_launches_in_a_timeline(tmp_path: Path) -> None:
    entries = load_text(tmp_path, SCENARIO + TIMELINE).scenario.timeline
    assert entries[0].action.parameters.template == "Launch"
    assert entries[2].action.parameters.zones == ("us-east-1a", "us-east-1b")
    with pytest.raises(ScenarioError, match="must be zones such as us-east-1a"):
        load_text(tmp_path, SCENARIO + TIMELINE.replace("use1-az2", "us-east-2b"))


ALONE = """\
  Alone:
    Type: AWS::EC2::Instance
    Properties:
      LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}
      SubnetId: !Ref SubnetA
      ImageId: ami-2
"""


def test_an_instance_launches_from_a_template_but_for_what_it_says_itself(tmp_path: Path) -> None:
    data = DATA.replace("m5.large}", "m5.large, Monitoring: {Enabled: true}}")
    loaded = load_text(tmp_path, SCENARIO, replaced(TEMPLATE, (DATA, data)) + ALONE)
    world = make_world(loaded.scenario)
    (alone,) = (world.ec2.instances[name] for name in world.ec2.standalone)
    assert (alone.image, alone.type.name, alone.monitoring) == ("ami-2", "m5.large", True)
    assert (alone.template, alone.template_version) == ("Launch", 1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '      LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}\n      SubnetId',
            "      SubnetId",
            "InstanceType is missing: give one, or a LaunchTemplate with it",
        ),
        ('Version: "1"}\n      SubnetId', 'Version: "2"}\n      SubnetId', "has no version 2"),
        (
            DATA,
            DATA.replace(
                "InstanceType: m5.large",
                "InstanceRequirements: {VCpuCount: {Min: 2}, MemoryMiB: {Min: 4096}}",
            ),
            "Launch has InstanceRequirements, which are for groups",
        ),
    ],
    ids=["no type", "no such version", "requirements"],
)
def test_an_instance_that_could_not_be_launched_is_told(old: str, new: str, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(replaced(TEMPLATE + ALONE, (old, new)))
    assert any(message in mistake for mistake in mistakes_of(error)), mistakes_of(error)
