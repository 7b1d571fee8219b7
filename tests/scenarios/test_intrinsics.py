"""Intrinsic functions resolve as the CloudFormation user guide says; many cases are its own."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import pytest

from model.events.resources import Topic
from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import build_text


def resolve(value: str, head: str = "", given: Mapping[str, Any] | None = None) -> str | None:
    """What a template makes of a value, seen through the name of a topic."""
    text = textwrap.dedent(head) + textwrap.dedent(
        f"""
        Resources:
          It:
            Type: AWS::SNS::Topic
            Properties: {{TopicName: {value}}}
          Vpc:
            Type: AWS::EC2::VPC
            Properties: {{CidrBlock: 192.168.0.0/24}}
          Balancer:
            Type: AWS::ElasticLoadBalancingV2::LoadBalancer
            Properties: {{Subnets: [!Ref A, !Ref B]}}
          A:
            Type: AWS::EC2::Subnet
          B:
            Type: AWS::EC2::Subnet
          Bucket:
            Type: AWS::S3::Bucket
        """
    )
    topic = build_text(text, given).stack.resources["It"]
    assert isinstance(topic, Topic)
    return topic.topic_name


PARAMETERS = """
Parameters:
  Name: {Type: String, Default: shop}
  List: {Type: CommaDelimitedList, Default: "subnet one, two,three"}
  Number: {Type: Number, Default: 3}
  DbSubnetIpBlocks: {Type: CommaDelimitedList, Default: "10.0.48.0/24, 10.0.112.0/24"}
"""


@pytest.mark.parametrize(
    ("value", "is_"),
    [
        # Ref and the pseudo parameters
        ("!Ref Name", "shop"),
        ("!Ref Number", "3"),
        ("!Ref 'AWS::Region'", "us-east-1"),
        ("!Ref 'AWS::AccountId'", "123456789012"),
        ("!Ref 'AWS::Partition'", "aws"),
        ("!Ref 'AWS::URLSuffix'", "amazonaws.com"),
        ("!Ref 'AWS::NoValue'", None),
        # Fn::Join
        ('!Join [":", [a, b, c]]', "a:b:c"),
        ('!Join ["", ["arn:", !Ref "AWS::Partition", ":s3"]]', "arn:aws:s3"),
        ('!Join [",", !Ref List]', "subnet one,two,three"),
        # Fn::Split and Fn::Select
        ('!Select [2, !Split ["|", "a|b|c"]]', "c"),
        ('!Join ["+", !Split ["|", "a||c|"]]', "a++c+"),
        ('!Select ["1", [apples, grapes, oranges, mangoes]]', "grapes"),
        ("!Select [0, !Ref DbSubnetIpBlocks]", "10.0.48.0/24"),
        # Fn::Sub
        ('!Sub "www.${Name}.com"', "www.shop.com"),
        ('!Sub ["www.${Domain}.${Name}", {Domain: !Ref Number}]', "www.3.shop"),
        ('!Sub "ec2:${AWS::Region}:${AWS::AccountId}"', "ec2:us-east-1:123456789012"),
        ('!Sub "${!Literal} and ${Name}"', "${Literal} and shop"),
        ('!Sub "${Vpc.CidrBlock}"', "192.168.0.0/24"),
        # Fn::GetAtt
        ("!GetAtt Vpc.CidrBlock", "192.168.0.0/24"),
        ("{'Fn::GetAtt': [Vpc, CidrBlock]}", "192.168.0.0/24"),
        ("{'Fn::GetAtt': Vpc.CidrBlock}", "192.168.0.0/24"),
        ("!GetAtt Balancer.LoadBalancerName", "Balancer"),
        # Fn::GetAZs
        ('!Select [0, !GetAZs ""]', "us-east-1a"),
        ("!Select [5, !GetAZs us-east-1]", "us-east-1f"),
        ("!Select [1, !GetAZs {Ref: 'AWS::Region'}]", "us-east-1b"),
        # Fn::Cidr: the guide's "six CIDRs with a subnet mask /27 inside 192.168.0.0/24"
        (
            '!Join [" ", !Cidr ["192.168.0.0/24", 6, 5]]',
            " ".join(f"192.168.0.{n}/27" for n in (0, 32, 64, 96, 128, 160)),
        ),
        ("!Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 2, 4]]", "192.168.0.16/28"),
        # Fn::Base64
        ("!Base64 AWS CloudFormation", "QVdTIENsb3VkRm9ybWF0aW9u"),
        ("{'Fn::Base64': !Sub '${Name}'}", "c2hvcA=="),
    ],
)
def test_functions(value: str, is_: str | None) -> None:
    assert resolve(value, PARAMETERS) == is_


MAPPINGS = """
Mappings:
  RegionMap:
    us-east-1: {HVM64: ami-0ff8a91507f77f867, HVMG2: ami-0a584ac55a7631c0c}
    us-west-1: {HVM64: ami-0bdb828fd58c52235, HVMG2: ami-066ee5fd4a9ef77f1}
  Accounts:
    123456789012: {Years: {a: b}, 2026: this}
"""


@pytest.mark.parametrize(
    ("value", "is_"),
    [
        ('!FindInMap [RegionMap, !Ref "AWS::Region", HVM64]', "ami-0ff8a91507f77f867"),
        ("!FindInMap [RegionMap, us-west-1, HVMG2]", "ami-066ee5fd4a9ef77f1"),
        ('!FindInMap [Accounts, !Ref "AWS::AccountId", "2026"]', "this"),
        ("!FindInMap [RegionMap, eu-west-1, HVM64, {DefaultValue: none}]", "none"),
    ],
)
def test_mappings(value: str, is_: str) -> None:
    assert resolve(value, MAPPINGS) == is_


CONDITIONS = """
Parameters:
  EnvType: {Type: String, Default: test, AllowedValues: [test, prod]}
  Many: {Type: String, Default: "true"}
Conditions:
  CreateProd: !Equals [!Ref EnvType, prod]
  NotProd: !Not [!Equals [!Ref EnvType, prod]]
  Both: !And [!Condition CreateProd, !Equals [!Ref Many, true]]
  Either: !Or [!Condition CreateProd, {Condition: NotProd}]
"""


@pytest.mark.parametrize(
    ("value", "test", "prod"),
    [
        ("!If [CreateProd, c1.xlarge, m1.small]", "m1.small", "c1.xlarge"),
        ("!If [NotProd, yes-it-is, no-it-is-not]", "yes-it-is", "no-it-is-not"),
        ("!If [Both, both, one]", "one", "both"),
        ("!If [Either, one, none]", "one", "one"),
        ("!If [CreateProd, name, !Ref 'AWS::NoValue']", None, "name"),
        # the branch that is not taken is not looked at, as in AWS where it may not exist
        ("!If [CreateProd, !ImportValue x, local]", "local", "imported"),
    ],
)
def test_conditions(value: str, test: str | None, prod: str | None) -> None:
    assert resolve(value, CONDITIONS) == test
    given = {"EnvType": "prod"}
    if prod == "imported":
        with pytest.raises(ScenarioError, match="comes from another stack"):
            resolve(value, CONDITIONS, given)
        given["x"] = prod
    assert resolve(value, CONDITIONS, given) == prod


@pytest.mark.parametrize(
    ("value", "given"),
    [
        ("!ImportValue network-Name", {"network-Name": "shop"}),
        ("'{{resolve:ssm:/shop/name:1}}'", {"ssm:/shop/name:1": "shop"}),
        ("'s{{resolve:secretsmanager:x}}p'", {"secretsmanager:x": "ho"}),
    ],
)
def test_what_only_aws_knows_is_answered_by_the_scenario(
    value: str, given: Mapping[str, Any]
) -> None:
    assert resolve(value, given=given) == "shop"
    with pytest.raises(ScenarioError, match="give it in the scenario under parameters"):
        resolve(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("!Ref Bukcet", "no parameter or resource of that name (did you mean Bucket?)"),
        ("!GetAtt Vpc.CidrBlok", "AWS::EC2::VPC has no such attribute (did you mean CidrBlock?)"),
        ("!GetAtt Vcp.CidrBlock", "Fn::GetAtt Vcp: there is no resource of that name"),
        ("!GetAtt Vpc", "Fn::GetAtt takes a resource and an attribute"),
        ('!Sub "${Nope}"', "Ref Nope: there is no parameter or resource of that name"),
        ("!Join [a]", "Fn::Join takes a list of 2 items"),
        ("!Select [3, [a, b]]", "Fn::Select 3: the list has only 2 items"),
        ("!Select [-1, [a, b]]", "Fn::Select takes an index, counted from 0, and a list"),
        ("!Split ['', abc]", "Fn::Split takes a separator and a text"),
        ("!Select [0, !Cidr [10.0.0.0/16, x, 8]]", "Fn::Cidr takes a block, a count from 1 to 256"),
        ("!Select [0, !Cidr [10.0.0.0/16, 257, 8]]", "a count from 1 to 256"),
        ("!Select [0, !Cidr [10.0.0.0/28, 20, 2]]", "10.0.0.0/28 has no room for 20 blocks"),
        ("!Select [0, !Cidr [10.0.0.0/28, 2, 12]]", "Fn::Cidr 10.0.0.0/28"),
        ("!Select [0, !Cidr [nonsense, 2, 8]]", "Fn::Cidr nonsense"),
        ("!Select [0, !GetAZs eu-west-1]", "only us-east-1 is simulated, not eu-west-1"),
        ("!FindInMap [A, b, c]", "Fn::FindInMap: there is no mapping A"),
        ("!If [Nope, a, b]", "there is no condition Nope"),
        ("!Joyn ['', [a]]", "there is no function Fn::Joyn (did you mean Fn::Join?)"),
        ("{'Fn::Transform': {Name: x}}", "belongs to a macro"),
        ("{x: 1, Ref: Vpc}", "Ref must stand alone in its mapping"),
    ],
)
def test_wrong_functions_are_told(value: str, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        resolve(value)
    assert words in str(error.value)
    assert str(error.value).startswith("t.yaml:5:")


def test_conditions_in_a_circle() -> None:
    head = """
    Conditions:
      A: !Not [!Condition B]
      B: !Not [!Condition A]
    """
    with pytest.raises(ScenarioError, match="conditions go in a circle: A -> B -> A"):
        resolve("x", head)


def test_conditions_that_nothing_asks_for_are_read_too() -> None:
    with pytest.raises(ScenarioError, match=r"t.yaml:3:\d+: Fn::Equals takes a list of 2 items"):
        resolve("x", "\nConditions:\n  A: !Equals [1]\n")
