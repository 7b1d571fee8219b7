"""What is wrong with services of containers is told, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from tests.model.ecs.samples import SCENARIO, TEMPLATE, write


def mistakes(folder: Path, template: str = TEMPLATE, scenario: str = SCENARIO) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(write(folder, template, scenario))
    return str(caught.value)


def remarks(folder: Path, template: str = TEMPLATE, scenario: str = SCENARIO) -> str:
    return "\n".join(str(remark) for remark in load(write(folder, template, scenario)).remarks)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('Default: "512"', 'Default: "300"', "Cpu must be one of 256, 512, 1024"),
        ("Default: 1 GB", "Default: 8 GB", "Memory must be 1024, 2048, 3072 or 4096 MiB for Far"),
        ("Default: 1 GB", "Default: much", "Memory must be a size such as 512 or 0.5 GB"),
        ("      NetworkMode: awsvpc\n", "", "NetworkMode must be awsvpc for Fargate"),
        ("Image: shop/web:1", "Image: x\n          Cpu: 600", "600 CPU units together"),
        ("Image: shop/web:1", "Image: x\n          Memory: 9000", "more than the task's 1024"),
        ("Image: shop/web:1", "Image: x\n          Essential: false", "essential container"),
        (
            "Image: shop/web:1",
            "Image: x\n          HealthCheck: {Interval: 3}",
            "Interval must be from 5 to 300",
        ),
        ("[FARGATE]", "[EC2]", "its RequiresCompatibilities must name FARGATE"),
        ("LaunchType: FARGATE", "LaunchType: EC2", "let Fargate run them (LaunchType: FARGATE)"),
        ("      LaunchType: FARGATE\n", "", "say LaunchType: FARGATE"),
        (
            "LaunchType: FARGATE",
            "CapacityProviderStrategy: [{CapacityProvider: MyInstances, Weight: 1}]",
            "must be FARGATE or FARGATE_SPOT",
        ),
        ("ContainerName: web", "ContainerName: wed", "The container wed does not exist"),
        ("ContainerPort: 8080, T", "ContainerPort: 80, T", "has no port 80 in its PortMappings"),
        ("TargetType: ip", "TargetType: instance", "targets by their address (TargetType: ip)"),
        (
            "DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]",
            "DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '200'}}]",
            "does not have an associated load balancer",
        ),
        ("Least: {Type: Number, Default: 100}", "Least: {Type: Number, Default: 120}", "0 to 100"),
        (
            "Most: {Type: Number, Default: 200}",
            "Most: {Type: Number, Default: 100}",
            "cannot both be 100",
        ),
        ("DesiredCount: !Ref Count", "DesiredCount: -1", "DesiredCount must be at least 0"),
        ("ServiceName: web", "SchedulingStrategy: DAEMON", "Fargate has no daemons"),
        ("ServiceName: web", "PlacementStrategies: [{Type: spread}]", "it spreads tasks over zon"),
        (
            "ServiceName: web",
            "DeploymentController: {Type: CODE_DEPLOY}",
            "only rolling deployments are",
        ),
    ],
)
def test_a_template_says_what_would_be_right(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in TEMPLATE
    assert message in mistakes(tmp_path, TEMPLATE.replace(before, after))


def test_other_types_of_ecs_are_refused(tmp_path: Path) -> None:
    more = "  Provider:\n    Type: AWS::ECS::CapacityProvider\n"
    assert "tasks on EC2 instances" in mistakes(tmp_path, TEMPLATE + more)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("runs_on: [Web]", "runs_on: [Wed]", "there is no Wed"),
        ("runs_on: [Web]", "runs_on: [Other]", "Web takes requests, but no service runs on it"),
        ("boot_time: 5s, workers: 32}\n  next", "port: 81}\n  next", "to port 8080 of Web"),
    ],
)
def test_a_scenario_says_what_would_be_right(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in SCENARIO
    assert message in mistakes(tmp_path, scenario=SCENARIO.replace(before, after))


def test_a_timeline_names_what_is_there(tmp_path: Path) -> None:
    lines = (
        "timeline:\n"
        "  - {at: 1m, action: 'aws:ecs:stop-task', targets: {Clusters: [Cluster2]}}\n"
        "  - {at: 1m, action: 'aws:ecs:stop-task', targets: {Tasks: [nonsense]}}\n"
        "  - {at: 1m, action: 'ecs:UpdateService', parameters: {Service: Webb}}\n"
        "  - {at: 1m, action: 'aws:ec2:stop-instances', targets: {Clusters: [Cluster]}}\n"
    )
    told = mistakes(tmp_path, scenario=SCENARIO + lines)
    assert "nothing named Cluster2 among the clusters" in told
    assert "'nonsense' is no task's id" in told
    assert "'Webb' is no ECS::Service of this template" in told
    assert "cannot be aimed at Clusters" in told


def test_expectations_know_a_service(tmp_path: Path) -> None:
    lines = (
        "expect:\n"
        "  - Web.RunningCount >= 4 from 2m to 30m\n"
        "  - Web.CPUUtilization < 30\n"
        "  - Web.RunningTaskCount >= 4\n"
    )
    told = mistakes(tmp_path, scenario=SCENARIO + lines)
    assert "Web has no metric RunningTaskCount" in told
    assert "RunningCount >=" not in told


def test_settings_that_say_nothing_of_a_task(tmp_path: Path) -> None:
    assert remarks(tmp_path) == ""
    given = SCENARIO.replace("workers: 32}\n  next", "vcpus: 4}\n  next")
    assert "vcpus says nothing of a service that runs in tasks" in remarks(tmp_path, scenario=given)


def test_each_task_definition_of_a_family_is_another_revision(tmp_path: Path) -> None:
    stack = load(write(tmp_path)).scenario.stack
    arns = [stack.resources[name].identity.ref for name in ("Good", "Next", "Other")]
    assert [arn.rpartition("/")[2] for arn in arns] == ["web:1", "web:2", "Other:1"]
    web = stack.resources["Web"].identity
    assert web.ref.endswith(":service/shop/web")
    assert web.attributes["Name"] == "web"
