"""Scenario files are read whole: sections, overrides, and every mistake at its place."""

from __future__ import annotations

import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from model.actions import REGISTER
from model.traffic.shapes import Constant, Pattern, Stage, Stages, Trace
from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from scenarios.player import play
from tests.scenarios.samples import (
    EXAMPLES,
    SCENARIO,
    TEMPLATE,
    load_text,
    mistakes_of,
    needs_examples,
    replaced,
)
from tests.scenarios.test_wrong_rules import FIRST

TRAFFIC = "  - {name: shoppers, to: Balancer, rate: 100}\n"
DISRUPT = "aws:network:disrupt-connectivity"
DESIRED = "autoscaling:SetDesiredCapacity"


def test_a_small_scenario(tmp_path: Path) -> None:
    loaded = load_text(tmp_path)
    scenario = loaded.scenario
    assert loaded.remarks == ()
    assert scenario.name == "A small one"
    assert scenario.start == datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert (scenario.duration, scenario.history, scenario.seed) == (3600, 0, 0)
    (service,) = scenario.services
    assert (service.name, service.runs_on, service.cpu_time) == ("web", ("Group",), 0.01)
    (source,) = scenario.traffic
    assert (source.name, source.to, source.shape) == ("shoppers", "Balancer", Constant(100.0))


@needs_examples
def test_the_example_scenario() -> None:
    scenario = load(EXAMPLES / "zone-outage.scenario.yaml").scenario
    assert scenario.duration == 3 * 3600
    assert isinstance(scenario.traffic[0].shape, Trace)
    (entry,) = scenario.timeline
    assert (entry.at, entry.action.name, entry.action.duration) == (5400, DISRUPT, 600)
    assert [expectation.text for expectation in scenario.expect] == [
        "availability >= 99",
        "WebGroup.InService >= 2 at 100m",
    ]


def test_the_template_may_stand_inside(tmp_path: Path) -> None:
    lines = "".join(f"  {line}\n" for line in TEMPLATE.splitlines())
    inside = load_text(tmp_path, replaced(SCENARIO, (" web.yaml\n", f"\n{lines}")))
    assert inside.scenario == load_text(tmp_path).scenario


@pytest.mark.parametrize(
    ("start", "hour"),
    [
        ("2026-11-25T09:00:00Z", 9),
        ("2026-11-25T09:00:00", 9),
        ("2026-11-25 09:00:00", 9),
        ("2026-11-25T10:00:00+01:00", 9),
        ("'2026-11-25T09:00:00Z'", 9),
    ],
)
def test_start_is_utc_unless_it_says_otherwise(tmp_path: Path, start: str, hour: int) -> None:
    scenario = load_text(tmp_path, overrides={"start": start}).scenario
    assert scenario.start == datetime(2026, 11, 25, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("item", "shape"),
    [
        ("rate: 5", Constant(5.0)),
        ("stages: [{duration: 1m, rate: 5}]", Stages(0.0, (Stage(60.0, 5.0),))),
        ("start_rate: 2, stages: []", Stages(2.0, ())),
        ("pattern: {low: 1, high: 2}", Pattern(1.0, 2.0)),
        (
            "pattern: {low: 1, high: 2, peak_hour: 9, weekdays: {sat: 0.6, sun: 0.5}, noise: 0.1}",
            Pattern(1.0, 2.0, 9.0, (1.0, 1.0, 1.0, 1.0, 1.0, 0.6, 0.5), 0.1),
        ),
        ("trace: {file: t.csv, period: 1m, scale: 2}", Trace((1.0, 2.0), 60.0, 2.0)),
    ],
)
def test_shapes_of_traffic(tmp_path: Path, item: str, shape: object) -> None:
    (tmp_path / "t.csv").write_text("2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,2\n")
    text = replaced(SCENARIO, ("rate: 100", item))
    assert load_text(tmp_path, text).scenario.traffic[0].shape == shape


def test_metrics_from_outside(tmp_path: Path) -> None:
    text = "metrics: [{namespace: Shop, name: Orders, period: 5m, values: [1, null, 2.5]}]\n"
    (feed,) = load_text(tmp_path, SCENARIO + text).scenario.metrics
    assert (feed.namespace, feed.name, feed.period) == ("Shop", "Orders", 300.0)
    assert feed.values == (1.0, None, 2.5)


@pytest.mark.parametrize(
    "parameters",
    [
        "{AutoScalingGroupName: Group, DesiredCapacity: 3}",
        "{autoScalingGroupName: Group, desiredCapacity: 3}",
    ],
)
def test_both_spellings_of_parameters(tmp_path: Path, parameters: str) -> None:
    line = f"timeline: [{{at: 5m, action: {DESIRED}, parameters: {parameters}}}]\n"
    (entry,) = load_text(tmp_path, SCENARIO + line).scenario.timeline
    assert entry.action.parameters.auto_scaling_group_name == "Group"
    assert entry.action.parameters.desired_capacity == 3


# -- overrides ----------------------------------------------------------------------------------


def test_overrides(tmp_path: Path) -> None:
    overrides = {
        "parameters.Size": "3",
        "services.web.workers": "8",
        "traffic.0.rate": "50",
        "traffic.shoppers.clients": "7",
        "seed": "5",
        "duration": "10m",
    }
    loaded = load_text(tmp_path, overrides=overrides)
    scenario = loaded.scenario
    assert scenario.stack.resources["Group"].desired_capacity == 3  # type: ignore[attr-defined]
    assert scenario.services[0].workers == 8
    assert (scenario.traffic[0].shape, scenario.traffic[0].clients) == (Constant(50.0), 7)
    assert (scenario.seed, scenario.duration) == (5, 600)
    assert loaded.document["traffic"][0]["rate"] == 50
    assert load_text(tmp_path, seed=9, overrides={"seed": "5"}).scenario.seed == 9


@pytest.mark.parametrize(
    ("where", "value", "told"),
    [
        ("servces.web.workers", "8", "there is no servces (did you mean services?)"),
        ("services.web.wrokers", "8", "there is no property wrokers here (did you mean workers?)"),
        ("services.web.workers", "many", "workers must be a whole number, not 'many'"),
        ("services.web.workers", "0", "workers must be above 0, not 0"),
        ("parameters.Siez", "1", "the template has no parameter Siez (did you mean Size?)"),
        ("parameters.Size", "many", "the parameter Size must be a number, not 'many'"),
        ("traffic.5.rate", "1", "there is no item 5; they count from 0 to 0"),
        ("name.first", "x", "there is nothing to set below a single value: first"),
        ("seed", "-1", "seed must be at least 0, not -1"),
        ("sead", "1", "there is no property sead here (did you mean seed?)"),
        ("start", "9999-12-31T23:30:00Z", "the scenario must lie between the years 1970 and 9000"),
    ],
)
def test_wrong_overrides(tmp_path: Path, where: str, value: str, told: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, overrides={where: value})
    assert str(error.value) == f"--set {where}={value}: {told}"


# -- what is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "added", "told"),
    [
        ([("name: A small one\n", "")], "", "s.yaml:1:1: name is missing"),
        ([("duration: 1h", "duration: 1 hour")], "", "s.yaml:3:11: '1 hour' is no duration"),
        ([("duration: 1h", "duration: 0")], "", "s.yaml:3:11: duration must be above 0, not 0"),
        (
            [("duration: 1h", "duration:")],
            "",
            "s.yaml:1:1: duration is missing (or a trace, whose end it may be)",
        ),
        ([("2026-11-25T09:00:00Z", "noon")], "", "s.yaml:2:8: start must be a date and time such"),
        ([("web.yaml", "nope.yaml")], "", "s.yaml:4:11: there is no template nope.yaml beside it"),
        ([], "drill: {weight: 1}\n", "s.yaml:9:1: drill is not simulated: drills are not simul"),
        ([], "draw: {a: 1}\n", "s.yaml:9:1: draw is not simulated: drawn values are not simul"),
        ([], "expects: []\n", "s.yaml:9:1: there is no property expects here (did you mean exp"),
        ([], "seed: 1\nseed: 2\n", "s.yaml:10:1: the key 'seed' is given twice (first in line 9)"),
        ([("[Group]", "[Gruop]")], "", "s.yaml:6:19: there is no Gruop; a service runs on Auto"),
        ([("[Group]", "[Targets]")], "", "s.yaml:6:19: Targets is an AWS::ElasticLoadBalancingV2"),
        ([("[Group]", "Group")], "", "s.yaml:6:18: runs_on must be a list, not 'Group'"),
        ([("cpu_time: 10ms", "cpu_time: 0")], "", "s.yaml:6:8: a request must take some cpu_time"),
        (
            [("  web: {runs_on: [Group], cpu_time: 10ms}\n", "  {}\n")],
            "",
            "s.yaml:6:3: Group takes requests, but no service runs on it (describe the software",
        ),
        (
            [("  web: {", "  api: {runs_on: [Group]}\n  web: {")],
            "",
            "s.yaml:7:19: api runs on Group already (give each service a port of its own",
        ),
        (
            [("cpu_time: 10ms", "port: 80")],
            "",
            "Targets sends requests to port 8080 of Group, but no service listens there",
        ),
        (
            [("cpu_time: 10ms", "requests: [{path: /a, cpu_tim: 1ms}]")],
            "",
            "there is no property cpu_tim here (did you mean cpu_time?)",
        ),
        (
            [("cpu_time: 10ms", "requests: [{path: /a, cpu_time: 0}]")],
            "",
            "a request must take some cpu_time",
        ),
        ([("to: Balancer", "to: Balanser")], "", "there is no load balancer named Balanser (did"),
        ([("rate: 100", "rate: -1")], "", "s.yaml:8:42: rate must be at least 0, not -1"),
        ([("rate: 100", "rat: 100")], "", "s.yaml:8:36: there is no property rat here"),
        ([(", rate: 100", "")], "", "s.yaml:8:5: give exactly one of rate, stages, trace, patt"),
        ([("rate: 100", "rate: 1, pattern: {low: 1, high: 2}")], "", "not rate and pattern"),
        ([("rate: 100", "pattern: {low: 3, high: 2}")], "", "low must not be above high"),
        ([("rate: 100", "rate: 1, request: {headers: 5}")], "", "headers must be a mapping, not 5"),
        (
            [("rate: 100", "rate: 1, request: {classification: odd}")],
            "",
            "classification must be one of compliant, acceptable, ambiguous, severe, not 'odd'",
        ),
        ([(TRAFFIC, TRAFFIC * 2)], "", "s.yaml:9:12: another source is named shoppers already"),
        (
            [],
            "metrics: [{namespace: AWS/EC2, name: x, values: [1]}]\n",
            "s.yaml:9:23: AWS/ is reserved for AWS's own metrics",
        ),
        (
            [],
            "metrics: [{namespace: A, name: x, period: 500ms, values: [1]}]\n",
            "s.yaml:9:43: period must be at least 1, not 0.5",
        ),
        (
            [],
            "metrics: [{namespace: A, name: x, dimensions: [a], values: [1]}]\n",
            "s.yaml:9:47: dimensions must be a mapping, not a list",
        ),
    ],
)
def test_wrong_scenarios(
    tmp_path: Path, pairs: list[tuple[str, str]], added: str, told: str
) -> None:
    text = replaced(SCENARIO, *pairs) + added
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, text)
    assert any(told in mistake for mistake in mistakes_of(error)), str(error.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            f"{{at: 5m, action: {DISRUPT[:-1]}}}",
            "there is no action aws:network:disrupt-connectivit",
        ),
        (f"{{at: 5m, action: {DISRUPT}}}", f"s.yaml:10:5: {DISRUPT} needs targets: one of"),
        (f"{{action: {DISRUPT}, targets: {{zones: [us-east-1a]}}}}", "s.yaml:10:5: at is missing"),
        (
            f"{{at: 5m, action: {DISRUPT}, targets: {{zones: [us-east-1z]}}}}",
            "there is nothing named us-east-1z among the zones (did you mean us-east-1",
        ),
        (
            f"{{at: 5m, action: {DISRUPT}, targets: {{zone: [us-east-1a]}}}}",
            "there is no property zone here (did you mean zones?)",
        ),
        (
            f"{{at: 5m, action: {DISRUPT}, targets: {{Subnets: [SubnetC]}}}}",
            "there is nothing named SubnetC among the subnets (did you mean SubnetB?)",
        ),
        (
            f"{{at: 5m, action: {DISRUPT}, "
            "targets: {zones: [us-east-1a], count: 1, percent: 5}}",
            "give count or percent, not both",
        ),
        (
            f"{{at: 5m, action: {DISRUPT}, targets: {{target_groups: [Targets]}}}}",
            "cannot be aimed at target_groups",
        ),
        (
            f"{{at: -5, action: {DISRUPT}, targets: {{zones: [us-east-1a]}}}}",
            "s.yaml:10:10: -5 is no duration",
        ),
        (
            f"{{at: 5m, for: 1m, action: {DESIRED}, "
            "parameters: {AutoScalingGroupName: Group, DesiredCapacity: 3}}",
            "s.yaml:10:14: autoscaling:SetDesiredCapacity is done at once and takes no `for`",
        ),
        (
            f"{{at: 5m, action: {DESIRED}, parameters: {{DesiredCapacity: 3}}}}",
            "AutoScalingGroupName is missing",
        ),
        (
            f"{{at: 5m, action: {DESIRED}, "
            "parameters: {AutoScalingGroupName: Gruop, DesiredCapacity: 3}}",
            "'Gruop' is no AutoScaling::AutoScalingGroup of this template (did you mean Group?)",
        ),
        (
            f"{{at: 5m, action: {DESIRED}, "
            "parameters: {AutoScalingGroupName: Group, DesiredCapacity: x}}",
            "DesiredCapacity must be a whole number, not 'x'",
        ),
        (
            f"{{at: 5m, action: {DESIRED}, "
            "parameters: {AutoScalingGroupName: Group, DesiredCapacty: 3}}",
            "there is no property DesiredCapacty here (did you mean DesiredCapacity?)",
        ),
    ],
)
def test_wrong_lines_of_the_timeline(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, f"{SCENARIO}timeline:\n  - {line}\n")
    found = [mistake for mistake in mistakes_of(error) if told in mistake]
    assert found, str(error.value)
    assert found[0].startswith("s.yaml:10:")


def test_a_parameter_in_fis_s_spelling_is_told_at_its_place(tmp_path: Path) -> None:
    text = (
        "timeline:\n"
        "  - at: 5m\n"
        "    action: aws:ssm:send-command\n"
        "    targets: {AutoScalingGroups: [Group]}\n"
        "    parameters:\n"
        "      documentArn: [a]\n"
    )
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, SCENARIO + text)
    (mistake,) = error.value.mistakes
    assert (mistake.mark.line, mistake.mark.column) == (14, 20)
    assert mistake.message == "documentArn must be text, not a list"


def test_two_lines_with_one_id(tmp_path: Path) -> None:
    line = f"  - {{at: 5m, id: dark, action: {DISRUPT}, targets: {{zones: [us-east-1a]}}}}\n"
    with pytest.raises(ScenarioError, match="another line has the id dark already"):
        load_text(tmp_path, f"{SCENARIO}timeline:\n{line}{line}")


def test_mistakes_of_all_sections_are_told_at_once(tmp_path: Path) -> None:
    text = replaced(SCENARIO, ("to: Balancer", "to: X")) + "expect: [nonsense]\ntimeline: [{}]\n"
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, text)
    lines = {mistake.mark.line for mistake in error.value.mistakes}
    assert lines == {8, 9, 10}


def test_a_mistake_in_the_template_names_the_template(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, template=replaced(TEMPLATE, ("Port: 8080", "Port: x")))
    assert mistakes_of(error) == ["web.yaml:29:13: Port must be a whole number, not 'x'"]


# -- remarks ------------------------------------------------------------------------------------


def test_words_that_are_not_what_they_seem(tmp_path: Path) -> None:
    line = f"timeline:\n  - {{at: 1:30, action: {DISRUPT}, targets: {{zones: [us-east-1a]}}}}\n"
    (remark,) = load_text(tmp_path, SCENARIO + line).remarks
    assert (remark.mark.line, remark.mark.column) == (10, 10)
    assert remark.message == "YAML 1.1 reads 1:30 as 90; is that what is meant?"


def test_a_template_is_read_as_aws_reads_it_without_remark(tmp_path: Path) -> None:
    template = replaced(TEMPLATE, ('Version: "1"', "Version: 01"))
    assert load_text(tmp_path, template=template).remarks == ()


def test_what_never_happens(tmp_path: Path) -> None:
    text = (
        f"timeline:\n  - {{at: 2h, action: {DISRUPT}, targets: {{zones: [us-east-1a]}}}}\n"
        "expect:\n  - availability >= 99 at 2h\n"
    )
    remarks = load_text(tmp_path, SCENARIO + text).remarks
    assert {(remark.mark.line, remark.message) for remark in remarks} == {
        (10, "this comes after the scenario's end and never happens"),
        (12, "this looks at a time after the scenario's end"),
    }


def test_a_state_is_one_of_the_states(tmp_path: Path) -> None:
    text = SCENARIO + (
        "timeline:\n"
        "  - at: 5m\n"
        "    action: cloudwatch:SetAlarmState\n"
        "    parameters: {AlarmName: Alarm, StateValue: ALARM}\n"
    )
    loaded = load_text(tmp_path, text)
    states = [change["state"] for change in play(loaded.scenario).report["alarms"]["Alarm"]]
    assert "ALARM" in states
    with pytest.raises(ScenarioError, match="StateValue must be one of OK, ALARM, INSUFF"):
        load_text(tmp_path, text.replace("StateValue: ALARM", "StateValue: PURPLE"))


GUIDE = Path(__file__).parents[2] / "docs" / "scenarios.md"
ACTION = re.compile(r"^\| `([a-z-]+:[\w:-]+)`(?:, `([a-z-]+:[\w:-]+)`)? \| (.*?)\|", re.MULTILINE)
WALLS = """\
  Firewall:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: a wall, VpcId: !Ref Vpc}
  Acl:
    Type: AWS::EC2::NetworkAcl
    Properties: {VpcId: !Ref Vpc}
  Classic:
    Type: AWS::ElasticLoadBalancing::LoadBalancer
    Properties:
      Subnets: [!Ref SubnetA]
      Listeners: [{LoadBalancerPort: 80, InstancePort: 80, Protocol: HTTP}]
  Search:
    Type: AWS::Lambda::Function
    Properties: {Code: {ZipFile: ""}, Role: role}
"""
FORWARD_TO = {"Type": "forward", "TargetGroupArn": "Targets"}
EXAMPLES_OF = {
    "documentArn": "AWSFIS-Run-CPU-Stress",
    "documentParameters": {"LoadPercent": 50},
    "scope": "all",
    "timeToExhaust": "5m",
    "source": "shoppers",
    "AutoScalingGroupName": "Group",
    "ScalingProcesses": ["Launch"],
    "TargetGroupArn": "Targets",
    "Targets": [{"Id": "i-0123456789abcdef0"}],
    "LoadBalancerArn": "Balancer",
    "ListenerArn": "Listener",
    "RuleArn": "First",
    "DefaultActions": [FORWARD_TO],
    "Actions": [FORWARD_TO],
    "Conditions": [{"Field": "path-pattern", "Values": ["/img/*"]}],
    "Attributes": [{"Key": "deletion_protection.enabled", "Value": "false"}],
    "HealthCheckPath": "/up",
    "LoadBalancerName": "Classic",
    "Instances": [{"InstanceId": "i-0123456789abcdef0"}],
    "HealthCheck": {
        "Target": "TCP:80",
        "Interval": 10,
        "Timeout": 5,
        "HealthyThreshold": 2,
        "UnhealthyThreshold": 2,
    },
    "FunctionName": "Search",
    "preventExecution": True,
    "ResourceIdentifier": "Balancer",
    "AwayFrom": "us-east-1a",
    "ExpiresIn": "20m",
    "MinimumLoadBalancerCapacity": {"CapacityUnits": 100},
    "SecurityGroups": ["Firewall"],
    "GroupId": "Firewall",
    "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}],
    "NetworkAclId": "Acl",
    "Protocol": "-1",
    "RuleAction": "allow",
    "Egress": True,
    "CidrBlock": "0.0.0.0/0",
    "PortRange": {"From": 80, "To": 81},
    "AlarmName": "Alarm",
    "AlarmNames": ["Alarm"],
    "HonorCooldown": True,
    "DesiredConfiguration": {"LaunchTemplate": {"LaunchTemplateId": "Launch", "Version": "1"}},
    "Preferences": {"MinHealthyPercentage": 90},
    "WaitForTransitioningInstances": True,
    "ShouldRespectGracePeriod": True,
    "HealthStatus": "Unhealthy",
    "ShouldDecrementDesiredCapacity": False,
    "Enabled": True,
    "TerminationPolicies": ["Default"],
    "HealthCheckType": "ELB",
    "StartTime": "2027-01-01T08:00:00Z",
    "EndTime": "2027-02-01T08:00:00Z",
    "Recurrence": "0 9 * * MON-FRI",
    "TimeZone": "Europe/Berlin",
    "PolicyType": "SimpleScaling",
    "PolicyName": "Policy",
    "AdjustmentType": "ChangeInCapacity",
    "ScheduledActionName": "Morning",
    "Namespace": "Shop",
    "MetricData": [{"MetricName": "Orders", "Value": 7}],
    "StateValue": "OK",
    "StateReason": "by hand",
    "Id": "it",
    "PoolState": "Running",
    "InstanceReusePolicy": {"ReuseOnScaleIn": True},
    "InstanceIds": ["i-0123456789abcdef0"],
    "ProtectedFromScaleIn": True,
    "TargetGroupARNs": ["Targets"],
    "LifecycleHookName": "Hook",
    "LifecycleActionResult": "CONTINUE",
    "LifecycleActionToken": "87654321-4321-4321-4321-210987654321",
    "InstanceId": "i-0123456789abcdef0",
    "Service": "Web",
    "Cluster": "Cluster",
    "TaskDefinition": "Task",
    "DeploymentConfiguration": {"MinimumHealthyPercent": 50},
    "ForceNewDeployment": True,
    "AvailabilityZoneRebalancing": "DISABLED",
    "Task": "0123456789abcdef0123456789abcdef",
}
CONTAINERS = textwrap.indent(
    textwrap.dedent(
        """\
        Cluster:
          Type: AWS::ECS::Cluster
        Task:
          Type: AWS::ECS::TaskDefinition
          Properties:
            Cpu: "256"
            Memory: "512"
            NetworkMode: awsvpc
            RequiresCompatibilities: [FARGATE]
            ContainerDefinitions: [{Name: web, Image: web}]
        Web:
          Type: AWS::ECS::Service
          Properties:
            Cluster: !Ref Cluster
            LaunchType: FARGATE
            TaskDefinition: !Ref Task
            NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref SubnetA]}}
        """
    ),
    "  ",
)


@pytest.mark.parametrize("row", ACTION.findall(GUIDE.read_text(encoding="utf-8")), ids=str)
def test_the_guide_names_parameters_as_they_are(row: tuple[str, ...], tmp_path: Path) -> None:
    *names, cell = row
    given = {name: EXAMPLES_OF.get(name, 3) for name in re.findall(r"`(\w+)[`:]", cell)}
    for name in filter(None, names):
        aimed = REGISTER[name].targets
        kind = next((kind for kind in ("zones", "services") if kind in aimed), "Functions")
        targets = {"zones": ["us-east-1a"], "services": ["web"], "Functions": ["Search"]}[kind]
        line = {"at": "5m", "action": name, "parameters": given}
        line |= {"targets": {kind: targets}} if aimed else {}
        load_text(
            tmp_path,
            SCENARIO + yaml.safe_dump({"timeline": [line]}),
            TEMPLATE + FIRST + WALLS + CONTAINERS,
        )
