"""Lambda functions as targets ("Use Lambda functions as targets of an Application Load
Balancer")."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from model.actions import Action as Change
from model.actions import ActionError, Targets
from model.billing import cost
from model.cloudwatch.metrics import MetricKey
from model.elb.attributes import KeyValue
from model.elb.moves import Targets as ElbTargets
from model.elb.resources import (
    Action,
    Condition,
    ForwardConfig,
    Listener,
    ListenerRule,
    TargetGroup,
    TargetGroupTuple,
)
from model.elb.resources.targets import TargetDescription
from model.faults.functions import AddDelay, InvocationError
from model.faults.service import ErrorRate, MemoryLeak
from model.faults.ssm import SendCommand
from model.functions.concurrency import FunctionStation
from model.functions.resources import Function, Permission
from model.functions.service import GIGABYTE_SECOND, REQUEST_PRICE
from model.services import Service
from model.stack import Stack
from model.traffic.shapes import Constant
from model.traffic.source import Source
from model.world import World
from tests.model.elb.samples import BALANCER, START, A, Cloud, identity, load_balancer, network

ARN = "arn:aws:lambda:us-east-1:123456789012:function:site"
SITE = Service(
    name="site", runs_on=("Site",), cpu_time=0.02, wait_time=0.08, variation=0.0, cold_start=0.5
)
GROUP = {"TargetGroup": "targetgroup/functions/0"}


def function(**properties: Any) -> Function:
    given: dict[str, Any] = {"memory_size": 1769, "code": {"ZipFile": ""}, "role": "role"}
    given |= properties
    return Function(
        identity=evolve(identity("Site", Arn=ARN), ref="site"),
        **given,
    )


def group(name: str = "Functions", **properties: Any) -> TargetGroup:
    given: dict[str, Any] = {"targets": (TargetDescription(id=ARN),)} | properties
    return TargetGroup(
        identity=identity(name, TargetGroupFullName=GROUP["TargetGroup"]),
        target_type="lambda",
        **given,
    )


class Site(Cloud):
    """An Application Load Balancer before a function."""

    def __init__(
        self,
        rate: float = 0.0,
        service: Service = SITE,
        *,
        action: Action | None = None,
        more: tuple[Any, ...] = (),
        health_checks: bool = False,
        source: Source | None = None,
        **properties: Any,
    ) -> None:
        resources = (
            *network(),
            load_balancer(),
            function(**properties),
            group(health_check_enabled=health_checks),
            Listener(
                identity=identity("Listener"),
                load_balancer_arn="Balancer",
                port=80,
                protocol="HTTP",
                default_actions=(action or Action(type="forward", target_group_arn="Functions"),),
            ),
            *more,
        )
        users = source or Source(name="users", to="Balancer", shape=Constant(rate))
        self.world = World(
            Stack({resource.logical_id: resource for resource in resources}),
            start=START,
            seed=7,
            services=(service,),
            traffic=(users,),
        )
        self._launched = 0

    def of_function(
        self, name: str, statistic: str = "Sum", function: str | None = "site"
    ) -> list[float]:
        dimensions = {} if function is None else {"FunctionName": function}
        key = MetricKey.of("AWS/Lambda", name, dimensions)
        metrics = self.world.cloudwatch.metrics
        data = metrics.get_metric_data(key, statistic, 60.0, 0.0, self.world.now)
        return list(data.values)


def test_a_whole_site_on_a_function() -> None:
    site = Site(20.0)
    site.run(600)
    assert site.books.by_status == {"200": site.books.total}
    (view,) = site.world.elb.describe_target_health("Functions")
    assert (view.id, view.zone) == ("site", "all")
    # health checks are off by default: it is sent requests, and nobody knows how it fares
    assert (view.state, view.reason) == ("unavailable", "Target.HealthCheckDisabled")
    assert view.description == "Health checks are disabled"
    assert site.names(BALANCER | GROUP) >= {"RequestCount", "TargetResponseTime"}
    assert "HealthyHostCount" not in site.names(BALANCER | GROUP)
    assert "RequestCountPerTarget" not in site.names(BALANCER | GROUP)
    assert site.of_function("Invocations")[-1] == 1200.0
    assert site.of_function("Duration", "Average")[-1] == pytest.approx(100.0)
    assert site.of_function("ConcurrentExecutions", "Maximum")[-1] == 2.0
    assert site.of_function("Errors")[-1] == 0.0


def test_with_health_checks_the_function_is_invoked_for_them() -> None:
    site = Site(20.0, health_checks=True)
    site.run(120)
    (view,) = site.world.elb.describe_target_health("Functions")
    assert view.state == "healthy"
    names = site.names(BALANCER | GROUP)
    assert "HealthyHostCount" in names
    assert not names & {"RequestCountPerTarget", "AnomalousHostCount", "MitigatedHostCount"}
    own = site.world.elb.groups["Functions"].resource
    assert (own.health_check_interval_seconds, own.health_check_timeout_seconds) == (35, 30)
    assert own.unhealthy_threshold_count == 5


def test_health_checks_are_invocations_and_are_paid_for() -> None:
    """Every 35 seconds one, which takes no more than the CPU time."""
    site = Site(0.0, health_checks=True)
    site.run(35 * 60)
    assert sum(site.of_function("Invocations")) == pytest.approx(60, abs=1)
    assert site.of_function("Duration", "Maximum")[-1] == pytest.approx(20.0)
    wanted = 60 * (REQUEST_PRICE + 0.02 * 1769 / 1024 * GIGABYTE_SECOND)
    assert cost(site.world)["Site"] == pytest.approx(wanted, rel=0.02)
    assert cost(Site(0.0).world)["Site"] == 0.0
    busy = Site(10.0, health_checks=True)
    busy.run(600)
    point = busy.of_function("Duration", "SampleCount")
    assert point == busy.of_function("Invocations")
    assert sum(point) == pytest.approx(busy.books.by_status["200"] + 17, abs=3)
    assert busy.of_function("Duration", "Minimum")[-1] == pytest.approx(20.0)


def test_durations_are_those_of_single_invocations() -> None:
    site = Site(50.0, evolve(SITE, variation=1.0))
    site.run(1200)
    assert site.of_function("Duration", "Average")[-1] == pytest.approx(100.0, rel=0.1)
    assert site.of_function("Duration", "p50")[-1] == pytest.approx(69.3, rel=0.15)
    assert site.of_function("Duration", "p99")[-1] == pytest.approx(460.5, rel=0.15)
    assert site.of_function("Duration", "Maximum")[0] < 1200.0  # no cold start is in it
    assert site.of_function("Duration", "SampleCount") == site.of_function("Invocations")
    again = Site(50.0, evolve(SITE, variation=1.0))
    again.run(1200)
    for statistic in ("p90", "Maximum"):
        assert site.of_function("Duration", statistic) == again.of_function("Duration", statistic)


def test_who_runs_out_of_time_took_all_of_it() -> None:
    site = Site(5.0, evolve(SITE, wait_time=2.0, variation=1.0))  # the time-out is 3 s by default
    site.run(600)
    assert site.of_function("Duration", "Maximum")[-1] == 3000.0
    assert site.of_function("Duration", "p99")[-1] == 3000.0
    assert site.of_function("Duration", "p50")[-1] < 3000.0


def test_all_functions_together() -> None:
    """Without dimensions; what is reserved for a function is not of the unreserved ones."""
    site = Site(20.0, more=(NOBODY,))
    site.run(300)
    for name in ("Invocations", "Duration", "Throttles", "Errors"):
        assert site.of_function(name, function=None) == site.of_function(name)
    for name in ("ConcurrentExecutions", "UnreservedConcurrentExecutions"):
        assert site.of_function(name, "Maximum", None)[-1] == 2.0
    kept = Site(20.0, reserved_concurrent_executions=50)
    kept.run(300)
    assert kept.of_function("ConcurrentExecutions", "Maximum", None)[-1] == 2.0
    assert kept.of_function("UnreservedConcurrentExecutions", "Maximum", None) == []


def test_bytes_of_requests_that_no_function_saw_are_not_its_own() -> None:
    large = Source(name="users", to="Balancer", shape=Constant(5.0), request_size=2e6)
    site = Site(source=large)
    site.run(120)
    assert site.metric("LambdaTargetProcessedBytes") == []
    throttled = Site(100.0, reserved_concurrent_executions=2)
    throttled.run(600)
    refused = throttled.of_function("Throttles")[-1] / 6000
    used = throttled.metric("LambdaTargetProcessedBytes")[-1] / (6000 * 11_000)
    assert used == pytest.approx(1 - refused, abs=0.01)


def test_the_first_requests_start_cold() -> None:
    site = Site(20.0)
    site.run(60)
    slow = site.metric("TargetResponseTime", statistic="Maximum")
    assert slow[0] > 0.5
    site.run(600)
    assert site.metric("TargetResponseTime", statistic="p90")[-1] == pytest.approx(0.1, rel=0.1)


def test_memory_is_speed() -> None:
    """A function has a vCPU with 1,769 MB, and a share of one with less."""
    times = []
    for memory in (128, 1769, 10_240):
        site = Site(5.0, memory_size=memory)
        site.run(300)
        times.append(site.of_function("Duration", "Average")[-1])
    assert times == pytest.approx([80 + 20 * 1769 / 128, 100.0, 100.0])


def test_throttled_invocations_are_502_and_the_users_error() -> None:
    site = Site(100.0, reserved_concurrent_executions=2)
    site.run(600)
    # ten would be busy: two serve 20 a second, the rest is throttled
    assert site.of_function("Throttles")[-1] == pytest.approx(80 * 60, rel=0.05)
    assert site.metric("HTTPCode_ELB_502_Count")[-1] == pytest.approx(80 * 60, rel=0.05)
    assert site.metric("LambdaUserError", GROUP)[-1] == pytest.approx(80 * 60, rel=0.05)
    assert site.metric("TargetConnectionErrorCount") == []
    assert site.metric("HTTPCode_Target_5XX_Count") == []


def test_functions_that_fail_are_502() -> None:
    site = Site(10.0)
    site.run(120)
    site.world.apply(
        Change(
            name="spillover:error-rate",
            targets=Targets(functions=("Site",)),
            parameters=ErrorRate(percent=50),
        )
    )
    site.run(300)
    assert site.metric("HTTPCode_ELB_502_Count")[-1] == pytest.approx(300, abs=50)
    assert site.metric("LambdaUserError", BALANCER | GROUP)[-1] == pytest.approx(300, abs=50)
    assert site.of_function("Errors")[-1] == pytest.approx(300, abs=50)
    assert site.metric("HTTPCode_Target_5XX_Count") == []


def test_a_function_that_runs_out_of_time() -> None:
    slow = evolve(SITE, wait_time=4.0, variation=0.0)
    site = Site(5.0, slow)  # the time-out is 3 s by default
    site.run(120)
    assert set(site.books.by_status) == {"502"}
    patient = Site(5.0, slow, timeout=30)
    patient.run(120)
    assert set(patient.books.by_status) == {"200"}


def test_messages_of_more_than_a_megabyte() -> None:
    small = Source(name="users", to="Balancer", shape=Constant(5.0))
    for source, status in (
        (evolve(small, request_size=2e6), "413"),
        (evolve(small, response_size=2e6), "502"),
    ):
        site = Site(source=source)
        site.run(120)
        assert site.books.by_status == {status: 600}
        assert site.metric("LambdaUserError", GROUP) == [300.0, 300.0]


def test_a_function_beside_instances() -> None:
    """One load balancer: the shop on instances, the search on a function, and half of the rest on
    each."""
    half = ForwardConfig(
        target_groups=(
            TargetGroupTuple(target_group_arn="Functions"),
            TargetGroupTuple(target_group_arn="Targets"),
        )
    )
    instances = TargetGroup(
        identity=identity("Targets", TargetGroupFullName="targetgroup/web/0"),
        port=80,
        protocol="HTTP",
        vpc_id="Vpc",
    )
    rule = ListenerRule(
        identity=identity("Search"),
        listener_arn="Listener",
        priority=1,
        conditions=(Condition(field="path-pattern", values=("/search*",)),),
        actions=(Action(type="forward", target_group_arn="Functions"),),
    )
    site = Site(40.0, action=Action(type="forward", forward_config=half), more=(instances, rule))
    site.add(A, 2)
    site.run(300)
    assert site.of_function("Invocations")[-1] == pytest.approx(1200, rel=0.01)
    views = site.world.elb.describe_target_health("Targets")
    assert sum(view.rate for view in views) == pytest.approx(20.0)
    used = site.metric("LambdaTargetProcessedBytes")[-1] / site.metric("ProcessedBytes")[-1]
    assert used == pytest.approx(0.5, rel=0.01)


def test_bytes_of_functions_cost_more_capacity_units() -> None:
    """1 GB an hour to instances is a capacity unit, 0.4 GB to functions."""
    source = Source(
        name="users", to="Balancer", shape=Constant(10.0), request_size=0.0, response_size=1e5
    )
    site = Site(source=source)
    site.run(600)
    units = site.metric("ConsumedLCUs")[-1] * 60
    assert units == pytest.approx(10 * 1e5 * 3600 / 4e8, rel=0.01)


def test_what_it_costs() -> None:
    site = Site(10.0, memory_size=1024)
    site.run(3600)
    seconds = 0.08 + 0.02 * 1769 / 1024
    wanted = 36_000 * (REQUEST_PRICE + seconds * GIGABYTE_SECOND)
    assert cost(site.world)["Site"] == pytest.approx(wanted, rel=0.01)


def test_cold_starts_are_paid_for() -> None:
    """The INIT phase is billed since August 2025; it is no part of a Duration."""
    slow, quick = (Site(20.0, evolve(SITE, cold_start=time)) for time in (2.0, 0.0))
    for site in (slow, quick):
        site.run(60)
    (target,) = slow.world.elb.groups["Functions"].targets.values()
    assert isinstance(target.station, FunctionStation)
    starting = GIGABYTE_SECOND * 1769 / 1024 * target.station.cold * 2.0
    assert target.station.cold >= 2.0
    requests = 1200 * (REQUEST_PRICE + 0.1 * 1769 / 1024 * GIGABYTE_SECOND)
    assert cost(quick.world)["Site"] == pytest.approx(requests, rel=0.001)
    assert cost(slow.world)["Site"] == pytest.approx(requests + starting, rel=0.001)


def test_a_snapshot_goes_on_the_same() -> None:
    site = Site(100.0, reserved_concurrent_executions=12)
    site.run(30)
    world = World.restore(site.world.snapshot())
    world.run(300)
    site.run(300)
    assert world.elb.books["Balancer"].by_status == site.books.by_status


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"port": 80}, "must be left out for lambda targets"),
        ({"protocol": "HTTP"}, "Protocol must be left out for lambda targets"),
        ({"targets": (TargetDescription(id=ARN),) * 2}, "takes one Lambda function"),
        (
            {"target_group_attributes": (KeyValue(key="slow_start.duration_seconds", value="30"),)},
            "no attribute of it",
        ),
    ],
)
def test_wrong_target_groups(properties: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        group(**properties)


def test_the_faults_of_functions() -> None:
    site = Site(10.0)
    site.run(120)
    for name, parameters in (
        ("invocation-add-delay", AddDelay(startup_delay_milliseconds=500)),
        ("invocation-error", InvocationError(prevent_execution=True, invocation_percentage=20)),
    ):
        site.world.apply(
            Change(
                name=f"aws:lambda:{name}",
                targets=Targets(functions=("site",)),
                parameters=parameters,
                duration=180.0,
            )
        )
    site.run(300)
    assert site.of_function("Duration", "Average")[-1] == pytest.approx(600.0)
    assert site.metric("HTTPCode_ELB_502_Count")[-1] == pytest.approx(120, abs=40)
    assert site.metric("TargetResponseTime", statistic="p50")[-1] == pytest.approx(0.6, rel=0.1)
    site.run(420)
    assert site.of_function("Duration", "Average")[-1] == pytest.approx(100.0)
    assert site.of_function("Errors")[-1] == 0.0


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("aws:ssm:send-command", SendCommand(document_arn="AWSFIS-Run-Kill-Process")),
        ("spillover:memory-leak", MemoryLeak(time_to_exhaust=10.0)),
    ],
)
def test_faults_of_instances_spare_functions(name: str, parameters: object) -> None:
    site = Site(10.0)
    site.run(120)
    fault = Change(name=name, targets=Targets(services=("site",)), parameters=parameters)
    site.world.apply(fault)
    site.run(240)
    assert set(site.books.by_status) == {"200"}
    assert site.of_function("Duration", "Average")[-1] == pytest.approx(100.0)


# -- registration -----------------------------------------------------------------------------


def permission(source: str | None = None, name: str = "Site") -> Permission:
    return Permission(
        identity=identity(f"{name}Permission"),
        action="lambda:InvokeFunction",
        function_name=name,
        principal="elasticloadbalancing.amazonaws.com",
        source_arn=source,
    )


OTHER_ARN = "arn:aws:lambda:us-east-1:123456789012:function:other"
NOBODY = Function(
    identity=evolve(identity("Other", Arn=OTHER_ARN), ref="other"),
    code={"ZipFile": ""},
    role="role",
)
GROUPS = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup"
EMPTY = evolve(
    group("Empty", targets=()), identity=evolve(identity("Empty"), ref=f"{GROUPS}/empty/1234")
)


def register(site: Site, target: str = ARN) -> None:
    wanted = ElbTargets(target_group_arn="Empty", targets=(TargetDescription(id=target),))
    site.world.apply(
        Change(name="elasticloadbalancing:RegisterTargets", parameters=wanted),
    )


@pytest.mark.parametrize("source", [None, f"{GROUPS}/empty/*", f"{GROUPS}/empty/0af3", "arn:*"])
def test_a_permission_lets_a_function_be_registered(source: str | None) -> None:
    site = Site(more=(EMPTY, permission(source)))
    register(site)
    (view,) = site.world.elb.describe_target_health("Empty")
    assert view.id == "site"


@pytest.mark.parametrize(
    "more", [(), (permission(f"{GROUPS}/functions/1"),), (permission(name="Other"),)]
)
def test_without_permission_a_function_is_not_registered(more: tuple[Permission, ...]) -> None:
    site = Site(more=(EMPTY, *more))
    with pytest.raises(ActionError, match="does not have permission to invoke arn") as refusal:
        register(site)
    assert refusal.value.code == "AccessDenied"
    assert f"from target group {GROUPS}/empty/1234" in str(refusal.value)


def test_a_function_that_nothing_runs_on_is_not_registered() -> None:
    site = Site(more=(EMPTY, NOBODY, permission(name="Other")))
    with pytest.raises(ActionError, match="no service runs on Other"):
        register(site, OTHER_ARN)


def test_what_a_function_did_counts_after_it_was_taken_out() -> None:
    site = Site(20.0)
    site.run(300)
    before = cost(site.world)["Site"]
    site.world.elb.deregister_targets("Functions", [site.world.functions.hosts["site"]])
    site.run(420)
    assert cost(site.world)["Site"] >= before
    assert all(number >= 0 for number in site.of_function("Invocations"))
