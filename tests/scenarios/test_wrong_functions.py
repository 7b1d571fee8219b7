"""What is wrong with Lambda targets is told where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.elb.resources import TargetGroup
from model.functions.resources import Function
from scenarios.library import find
from scenarios.mistakes import ScenarioError
from scenarios.player import make_world
from tests.scenarios.samples import build_text, load_text, mistakes_of, replaced

TEMPLATE = find("cold-search").parent.joinpath("search.template.yaml").read_text(encoding="utf-8")
RESERVED = "ReservedConcurrentExecutions: "
GROUP = "      TargetType: lambda\n"


def test_the_shipped_template_is_good() -> None:
    assert build_text(TEMPLATE).remarks == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (GROUP, GROUP + "      Port: 80\n", "Port must be left out for lambda targets"),
        (GROUP, GROUP + "      VpcId: !Ref Vpc\n", "VpcId must be left out for lambda targets"),
        (
            "[{Id: !GetAtt Search.Arn}]",
            "[{Id: !Ref LaunchTemplate}]",
            "is no function of this template; !GetAtt its Arn",
        ),
        (
            "[{Id: !GetAtt Search.Arn}]",
            "[{Id: !GetAtt Search.Arn}, {Id: !GetAtt Search.Arn}]",
            "a target group takes one Lambda function",
        ),
        (
            "Principal: elasticloadbalancing.amazonaws.com",
            "Principal: apigateway.amazonaws.com",
            "elasticloadbalancing principal does not have permission to invoke",
        ),
        (
            "Principal: elasticloadbalancing.amazonaws.com",
            "Principal: elasticloadbalancing.amazonaws.com\n      SourceArn: !Ref ShopTargets",
            "elasticloadbalancing principal does not have permission to invoke",
        ),
        (
            "FunctionName: !GetAtt Search.Arn",
            "FunctionName: !Ref Vpc",
            "a reference to Lambda::Function is wanted here",
        ),
        ("MemorySize: 1024", "MemorySize: 64", "must be from 128 to 10240, not 64"),
        ("Timeout: 5", "Timeout: 901", "must be from 1 to 900, not 901"),
        (
            "      Subnets: [!Ref SubnetA, !Ref SubnetB]\n  Listener:",
            "      Type: network\n      Subnets: [!Ref SubnetA]\n  Listener:",
            "Protocol must be TCP, TLS, UDP or TCP_UDP",
        ),
    ],
)
def test_wrong_functions(old: str, new: str, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(replaced(TEMPLATE, (old, new)))
    assert any(words in str(mistake) for mistake in error.value.mistakes), str(error.value)


OTHER = """\
  Other:
    Type: AWS::Lambda::Function
    Properties: {Code: {ZipFile: ""}, Role: role, ReservedConcurrentExecutions: %s}
"""


@pytest.mark.parametrize(("own", "other"), [(901, 0), (450, 451)])
def test_no_more_can_be_reserved_than_the_account_has(own: int, other: int) -> None:
    reserved = ("ReservedConcurrentExecutions: !Ref Reserved", f"{RESERVED}{own}")
    template = replaced(TEMPLATE, reserved) + OTHER % other
    late = (
        template.count("\n") if other else template[: template.index(reserved[1])].count("\n") + 1
    )
    with pytest.raises(ScenarioError) as error:
        build_text(template)
    (told,) = mistakes_of(error)
    assert told.startswith(f"t.yaml:{late}:")
    assert "fewer than 100 unreserved concurrent executions" in told
    fitting = replaced(template, (f"{RESERVED}{own}", f"{RESERVED}449"))
    assert len(build_text(fitting).stack.of(Function)) == 2


MIXED = """\
name: A search
start: 2026-11-25T09:00:00Z
duration: 1m
template: web.yaml
services:
  shop: {runs_on: [ShopFleet], cpu_time: 5ms}
  search: {runs_on: [Search], wait_time: 50ms}
traffic: []
timeline:
  - {at: 30s, action: %s, targets: {%s}%s}
"""
DOCUMENT = ", parameters: {documentArn: AWSFIS-Run-CPU-Stress}"


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("aws:ssm:send-command", DOCUMENT),
        ("spillover:memory-leak", ""),
        ("aws:ec2:reboot-instances", ""),
    ],
)
def test_faults_of_instances_are_not_aimed_at_functions(
    action: str, more: str, tmp_path: Path
) -> None:
    for targets, why in (
        ("services: [search]", "search runs on a Lambda function"),
        ("target_groups: [SearchTargets]", "SearchTargets has a Lambda function as its target"),
    ):
        with pytest.raises(ScenarioError) as error:
            load_text(tmp_path, MIXED % (action, targets, more), TEMPLATE)
        (told,) = mistakes_of(error)
        assert told.startswith("s.yaml:10:")
        assert f"{action} takes instances; {why}" in told
    both = load_text(tmp_path, MIXED % (action, "services: [shop, search]", more), TEMPLATE)
    assert len(both.scenario.timeline) == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("50ms}", "50ms, workers: 3}", 7, "workers says nothing of a service that runs on Lambda"),
        ("50ms}", "50ms, port: 80}", 7, "port says nothing of a service that runs on Lambda"),
        ("5ms}", "5ms, cold_start: 1s}", 6, "cold_start says nothing of a service that runs on no"),
        ("[Search]", "[Search, ShopFleet], port: 81, cold_start: 1s", 0, ""),
    ],
)
def test_settings_that_say_nothing_are_remarked_on(
    old: str, new: str, line: int, told: str, tmp_path: Path
) -> None:
    plain = MIXED[: MIXED.index("timeline:")].replace("[ShopFleet]", "[ShopFleet], port: 8080")
    loaded = load_text(tmp_path, replaced(plain, (f" {old}", f" {new}")), TEMPLATE)
    found = [remark for remark in loaded.remarks if "says nothing" in remark.message]
    assert [remark.mark.line for remark in found] == ([line] if line else [])
    assert all(told in remark.message for remark in found)


VERSION = """\
  Published:
    Type: AWS::Lambda::Version
    Properties: {FunctionName: %s, Description: the first%s}
Outputs: {Number: {Value: !GetAtt Published.Version}}
"""


@pytest.mark.parametrize("function", ["!Ref Search", "!GetAtt Search.Arn"])
def test_a_version_is_its_function(function: str, tmp_path: Path) -> None:
    published = replaced(
        TEMPLATE,
        ("[{Id: !GetAtt Search.Arn}]", "[{Id: !Ref Published}]"),
        ("FunctionName: !GetAtt Search.Arn", "FunctionName: !Ref Published"),
    )
    plain = MIXED[: MIXED.index("timeline:")]
    loaded = load_text(tmp_path, plain, published + VERSION % (function, ""))
    group = loaded.scenario.stack.resources["SearchTargets"]
    assert isinstance(group, TargetGroup)
    (target,) = group.targets
    assert target.id.endswith(":function:Search")
    make_world(loaded.scenario).run(10.0)
    ready = ", ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 5}"
    with pytest.raises(ScenarioError, match="environments that are kept ready are not simulated"):
        load_text(tmp_path, plain, published + VERSION % (function, ready))


def test_a_network_load_balancer_cannot_invoke_a_function() -> None:
    flows = replaced(
        TEMPLATE,
        (
            "      Subnets: [!Ref SubnetA, !Ref SubnetB]\n  Listener:",
            "      Type: network\n      Subnets: [!Ref SubnetA]\n  Listener:",
        ),
        (
            "      Protocol: HTTP\n      DefaultActions:",
            "      Protocol: TCP\n      DefaultActions:",
        ),
        ("TargetGroupArn: !Ref ShopTargets", "TargetGroupArn: !Ref SearchTargets"),
    )
    with pytest.raises(ScenarioError, match="which only an Application Load Balancer can invoke"):
        build_text(flows)
