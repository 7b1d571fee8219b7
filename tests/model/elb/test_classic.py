"""Classic Load Balancers ("Elastic Load Balancing: User Guide for Classic Load Balancers")."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import Action as Change
from model.billing import cost
from model.billing.balancers import CLASSIC_HOUR
from model.cloudwatch.metrics import MetricKey
from model.elb.attributes import KeyValue
from model.elb.classic_moves import (
    ClassicAttributes,
    ConfigureHealthCheck,
    CrossZoneLoadBalancing,
    InstanceItem,
    Instances,
)
from model.elb.moves import ModifyLoadBalancerAttributes
from model.elb.resources import ClassicLoadBalancer
from model.elb.resources.classic import REGISTRATION_SECONDS
from model.elb.resources.classic_parts import (
    AdditionalAttribute,
    ClassicListener,
    ConnectionDrainingPolicy,
    LBCookieStickinessPolicy,
)
from model.services import Service
from model.stack import Stack
from model.traffic.shapes import Constant, Shape, Stage, Stages
from model.traffic.source import Request, Source
from model.world import World
from tests.model.elb.samples import START, WEB, A, B, Cloud, health_check, identity, network

HTTP = ClassicListener(load_balancer_port=80, instance_port=80, protocol="HTTP")
TCP = ClassicListener(load_balancer_port=80, instance_port=80, protocol="TCP")
NARROW = Service(name="web", runs_on=("G",), cpu_time=0.0, wait_time=0.1, workers=10, backlog=0)
"""100 requests a second, and no room to wait."""


class Classic(Cloud):
    """A Classic Load Balancer in two zones."""

    def __init__(
        self,
        traffic: float | Shape | Iterable[Source] = (),
        *,
        listeners: tuple[ClassicListener, ...] = (HTTP,),
        **properties: Any,
    ) -> None:
        if isinstance(traffic, int | float):
            traffic = Constant(float(traffic))
        if not isinstance(traffic, Iterable):
            traffic = (Source(name="users", to="Balancer", shape=traffic),)
        check = health_check(target="HTTP:80/", interval=10, timeout=5, unhealthy_threshold=2)
        resources = (
            *network(),
            ClassicLoadBalancer(
                identity=identity("Balancer"),
                listeners=listeners,
                subnets=("SubnetA", "SubnetB"),
                **({"health_check": check} | properties),
            ),
        )
        self.world = World(
            Stack({resource.logical_id: resource for resource in resources}),
            start=START,
            seed=7,
            traffic=traffic,
        )
        self._launched = 0

    def add(
        self, zone: str = A, number: int = 1, service: Service = WEB, group: str = "Balancer"
    ) -> list[Any]:
        return super().add(zone, number, service, group)

    def view(self, instance: Any) -> Any:
        views = self.world.elb.describe_target_health("Balancer")
        return next(view for view in views if view.instance == instance.id)

    def rates(self, *instances: Any) -> list[float]:
        return [self.view(instance).rate for instance in instances]

    def of(self, name: str, statistic: str = "Sum", **dimensions: str) -> list[float]:
        """The one-minute datapoints of a metric."""
        key = MetricKey.of("AWS/ELB", name, dimensions or {"LoadBalancerName": "Balancer"})
        metrics = self.world.cloudwatch.metrics
        data = metrics.get_metric_data(key, statistic, 60.0, 0.0, self.world.now)
        return list(data.values)

    def apply(self, name: str, parameters: Any) -> None:
        self.world.apply(Change(name=f"elasticloadbalancing:{name}", parameters=parameters))

    def states_of(self, instance: Any) -> list[tuple[float, str, str]]:
        history = self.world.journal.history(f"Balancer/{instance.id}:80", "health")
        return [(change.time, change.value.state, change.value.reason) for change in history]


def test_an_instance_is_in_service_after_its_first_check() -> None:
    """HealthyThreshold does not delay a new instance."""
    cloud = Classic(10.0)
    (instance,) = cloud.add()
    cloud.run(5)
    view = cloud.view(instance)
    assert (view.state, view.reason) == ("OutOfService", "ELB")
    assert view.description == "Instance registration is still in progress."
    cloud.run(60)
    view = cloud.view(instance)
    assert (view.state, view.reason, view.description) == ("InService", "N/A", "N/A")
    assert cloud.states_of(instance)[-1][0] == REGISTRATION_SECONDS


def test_out_of_service_after_the_unhealthy_threshold() -> None:
    cloud = Classic(10.0)
    first, second = cloud.add(number=2)
    cloud.run(60)
    cloud.kill(first)
    cloud.run(120)
    view = cloud.view(first)
    assert (view.state, view.reason) == ("OutOfService", "Instance")
    assert view.description.startswith("Instance has failed at least the UnhealthyThreshold")
    assert cloud.rates(first, second) == [0.0, 10.0]


def test_only_200_passes_a_check() -> None:
    cloud = Classic()
    pool = cloud.world.elb.groups["Balancer"].resource
    assert pool.matches(200)
    assert not pool.matches(204)


def test_no_cross_zone_by_default_and_then_with_it() -> None:
    """The guide's arithmetic: two instances in one zone and eight in the other."""
    cloud = Classic(100.0)
    few, many = cloud.add(A, 2), cloud.add(B, 8)
    cloud.run(120)
    assert cloud.rates(few[0], many[0]) == pytest.approx([25.0, 6.25], rel=1e-3)
    wanted = ClassicAttributes(cross_zone_load_balancing=CrossZoneLoadBalancing(enabled=True))
    cloud.apply(
        "ModifyLoadBalancerAttributes",
        ModifyLoadBalancerAttributes(
            load_balancer_name="Balancer", load_balancer_attributes=wanted
        ),
    )
    cloud.run(240)
    assert cloud.rates(few[0], many[0]) == pytest.approx([10.0, 10.0], rel=1e-3)


ZONES_TOO = ClassicAttributes(cross_zone_load_balancing=CrossZoneLoadBalancing(enabled=True))
VALUE = (KeyValue(key="idle_timeout.timeout_seconds", value="30"),)


@pytest.mark.parametrize(
    "given",
    [
        {"load_balancer_arn": "Balancer", "attributes": VALUE, "load_balancer_name": "Old"},
        {
            "load_balancer_name": "Old",
            "load_balancer_attributes": ZONES_TOO,
            "load_balancer_arn": "Balancer",
        },
        {"load_balancer_arn": "Balancer", "load_balancer_attributes": ZONES_TOO},
        {"load_balancer_name": "Old"},
        {},
    ],
)
def test_attributes_are_those_of_one_kind_of_load_balancer(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give LoadBalancerArn and Attributes, or"):
        ModifyLoadBalancerAttributes(**given)


def test_attributes_that_change_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing is to be changed"):
        ClassicAttributes()


def test_requests_go_where_the_fewest_are_outstanding_connections_in_turn() -> None:
    slow = Service(name="web", runs_on=("G",), cpu_time=0.0, wait_time=0.2)
    fast = Service(name="web", runs_on=("G",), cpu_time=0.0, wait_time=0.05)
    shares = []
    for listener in (HTTP, TCP):
        cloud = Classic(100.0, listeners=(listener,))
        tardy, quick = *cloud.add(A, 1, slow), *cloud.add(A, 1, fast)
        cloud.add(B)
        cloud.run(600)
        one, other = cloud.rates(tardy, quick)
        shares.append(other / one)
    assert shares == pytest.approx([4.0, 1.0], rel=0.05)


def test_there_is_no_failing_open() -> None:
    """503 where no instance is healthy; an Application Load Balancer would try them all."""
    cloud = Classic(10.0)
    instances = cloud.add(A) + cloud.add(B)
    cloud.run(120)
    cloud.ail(*instances, failing_checks=True)
    cloud.run(600)
    before = dict(cloud.books.by_status)
    cloud.run(660)
    assert cloud.books.by_status["503"] - before["503"] == 600
    assert cloud.books.by_status["200"] == before["200"]
    assert cloud.of("HTTPCode_ELB_5XX")[-1] == 600.0
    assert cloud.of("UnHealthyHostCount", "Average")[-1] == 2.0


def test_a_zone_without_a_healthy_instance_leaves_dns() -> None:
    cloud = Classic(10.0)
    (instance,) = cloud.add(A)
    cloud.run(300)
    assert cloud.balancer.zones_in_dns() == [A]
    assert cloud.rates(instance) == [10.0]


def test_connections_to_nobody_are_closed() -> None:
    cloud = Classic(10.0, listeners=(TCP,))
    cloud.run(60)
    assert cloud.books.by_status == {"connection_refused": 600}


def test_the_surge_queue_takes_what_no_instance_accepts_and_then_spills_over() -> None:
    """1,024 requests wait at each node; one more is rejected with 503."""
    jump = Stages(100.0, (Stage(300.0, 100.0), Stage(0.0, 300.0)))
    cloud = Classic(jump)
    cloud.add(A, 1, NARROW)
    cloud.add(B, 1, NARROW)
    cloud.run(300)
    assert cloud.of("SpilloverCount") == []
    before = cloud.books.by_status["200"]
    cloud.run(360)
    # 50 more come each second than two instances serve: 2,048 of the first 3,000 wait
    assert cloud.of("SurgeQueueLength", "Maximum")[-1] == pytest.approx(1024, abs=2)
    spilled = cloud.of("SpilloverCount")[-1]
    assert spilled == pytest.approx(60 * 100 - 2048, rel=0.02)
    assert cloud.of("HTTPCode_ELB_5XX")[-1] == spilled
    assert cloud.books.by_status["200"] - before == pytest.approx(60 * 200, rel=0.01)
    # Latency begins when a request is sent to an instance: ten seconds in the queue do not count
    assert cloud.of("Latency", "Average")[-1] < 0.25


def test_what_waited_is_served_once_there_is_room() -> None:
    burst = Stages(50.0, (Stage(300.0, 50.0), Stage(0.0, 400.0), Stage(4.0, 400.0), Stage(0.0, 50)))
    cloud = Classic(burst)
    cloud.add(A, 1, NARROW)
    cloud.add(B, 1, NARROW)
    cloud.run(60)
    registering = cloud.books.by_status["503"]
    cloud.run(420)
    assert cloud.of("SpilloverCount") == []
    assert max(cloud.of("SurgeQueueLength", "Maximum")) == pytest.approx(400, rel=0.05)
    cloud.run(480)
    assert cloud.of("SurgeQueueLength", "Maximum", LoadBalancerName="Balancer")[-1] > 100
    assert cloud.books.by_status["503"] == registering
    assert cloud.balancer.in_flight == pytest.approx(5.0, rel=0.01)


def test_a_request_is_tried_again_where_nothing_listens() -> None:
    """The count of connection errors may exceed that of requests; clients see nothing of it."""
    check = health_check(target="HTTP:80/", interval=300, timeout=5)
    cloud = Classic(20.0, health_check=check)
    dead, _ = cloud.add(A, 2)
    cloud.add(B)
    cloud.run(120)
    before = dict(cloud.books.by_status)
    cloud.kill(dead)
    cloud.run(240)
    assert cloud.books.by_status["503"] == before["503"]
    assert cloud.books.by_status.get("502", 0) <= 2  # those that were in service
    assert cloud.of("BackendConnectionErrors")[-1] > 0


def test_what_waits_for_longer_than_the_idle_time_out_is_504() -> None:
    check = health_check(target="HTTP:80/", interval=300, timeout=5, unhealthy_threshold=10)
    cloud = Classic(4.0, health_check=check)
    instances = cloud.add(A) + cloud.add(B)
    cloud.run(120)
    before = cloud.books.by_status["503"]
    cloud.kill(*instances)
    cloud.run(300)
    assert cloud.books.by_status["504"] == pytest.approx(4 * 120, abs=12)
    assert cloud.books.by_status["503"] == before


def test_draining_and_not() -> None:
    """Without connection draining, connections are closed when an instance is deregistered."""
    long = Service(name="web", runs_on=("G",), cpu_time=0.0, wait_time=20.0, workers=1000)
    broken = []
    draining = ConnectionDrainingPolicy(enabled=True, timeout=120)
    for policy in (None, draining):
        cloud = Classic(5.0, connection_draining_policy=policy)
        cloud.add(B, 1, long)
        leaving, _ = cloud.add(A, 2, long)
        cloud.run(200)
        items = (InstanceItem(instance_id=leaving.id),)
        cloud.apply(
            "DeregisterInstancesFromLoadBalancer",
            Instances(load_balancer_name="Balancer", instances=items),
        )
        if policy is not None:
            view = cloud.view(leaving)
            assert (view.state, view.reason) == ("InService", "N/A")
            assert view.description == "Instance deregistration currently in progress."
        cloud.run(500)
        assert cloud.states_of(leaving)[-1][1:] == ("OutOfService", "ELB")
        broken.append(cloud.books.by_status.get("502", 0))
    assert broken[0] == pytest.approx(25, abs=2)  # 1.25 a second for 20 seconds
    assert broken[1] <= 1


def test_sessions_by_a_cookie_of_the_load_balancer() -> None:
    listener = ClassicListener(
        load_balancer_port=80, instance_port=80, protocol="HTTP", policy_names=("Cookies",)
    )
    policy = LBCookieStickinessPolicy(policy_name="Cookies", cookie_expiration_period=3600)
    source = Source(name="users", to="Balancer", shape=Constant(100.0), clients=100)
    cloud = Classic((source,), listeners=(listener,), lb_cookie_stickiness_policy=(policy,))
    (old,) = cloud.add(A)
    cloud.add(B)
    cloud.run(300)
    (new,) = cloud.add(A)
    cloud.run(600)
    assert cloud.rates(old)[0] > 5 * cloud.rates(new)[0]


def test_two_ports_of_one_instance_have_one_state_of_health() -> None:
    admin = ClassicListener(load_balancer_port=8443, instance_port=8443, protocol="TCP")
    sources = (
        Source(name="users", to="Balancer", shape=Constant(50.0)),
        Source(name="admins", to="Balancer", shape=Constant(5.0), request=Request(port=8443)),
    )
    cloud = Classic(sources, listeners=(HTTP, admin))
    (one,) = cloud.add(A)
    (two,) = cloud.add(B)
    cloud.run(300)
    assert cloud.books.by_status["200"] == pytest.approx(50 * 300, rel=0.05)
    assert cloud.books.by_status["completed"] == pytest.approx(5 * 300, rel=0.05)
    cloud.ail(one, failing_checks=True)
    cloud.run(600)
    for group in ("Balancer", "Balancer-2"):
        views = {v.instance: v.state for v in cloud.world.elb.describe_target_health(group)}
        assert views == {one.id: "OutOfService", two.id: "InService"}
    assert cloud.of("HealthyHostCount", "Average")[-1] == 1.0


def test_a_health_check_can_be_configured_otherwise() -> None:
    cloud = Classic(1.0)
    (instance,) = cloud.add(A)
    cloud.run(60)
    slow = health_check(target="TCP:80", interval=300, timeout=60, unhealthy_threshold=10)
    cloud.apply(
        "ConfigureHealthCheck",
        ConfigureHealthCheck(load_balancer_name="Balancer", health_check=slow),
    )
    cloud.kill(instance)
    cloud.run(600)
    assert cloud.view(instance).state == "InService"


def test_metrics_by_name_by_zone_and_by_both() -> None:
    cloud = Classic(100.0)
    cloud.add(A)
    cloud.add(B)
    cloud.run(600)
    whole = cloud.of("RequestCount")[-1]
    by_zone = [
        cloud.of("RequestCount", LoadBalancerName="Balancer", AvailabilityZone=zone)[-1]
        for zone in (A, B)
    ]
    assert sum(by_zone) == whole
    assert cloud.of("RequestCount", AvailabilityZone=A)[-1] == by_zone[0]
    assert cloud.of("HTTPCode_Backend_2XX")[-1] == whole
    assert cloud.of("EstimatedALBConsumedLCUs", "Maximum")[-1] > 0
    assert cloud.of("SurgeQueueLength", "Maximum") == []


def test_billed_by_the_hour_and_by_the_gigabyte() -> None:
    source = Source(
        name="users", to="Balancer", shape=Constant(10.0), request_size=0, response_size=1e5
    )
    cloud = Classic((source,))
    cloud.add(A)
    cloud.add(B)
    cloud.run(3600)
    assert cost(cloud.world)["Balancer"] == pytest.approx(CLASSIC_HOUR + 3.6 * 0.008, rel=1e-3)


def test_a_restored_world_goes_on_the_same() -> None:
    cloud = Classic(Stages(50.0, (Stage(100.0, 50.0), Stage(0.0, 400.0))))
    cloud.add(A, 1, NARROW)
    cloud.add(B, 1, NARROW)
    cloud.run(110)
    world = World.restore(cloud.world.snapshot())
    cloud.run(300)
    world.run(300)
    assert world.elb.books["Balancer"].by_status == cloud.books.by_status
    assert world.elb.books["Balancer"].by_status["503"] > 2048


@settings(max_examples=15, deadline=None)
@given(
    rate=st.floats(1.0, 500.0),
    number=st.integers(0, 3),
    cross_zone=st.booleans(),
    broken=st.booleans(),
    listener=st.sampled_from((HTTP, TCP)),
)
def test_no_request_is_lost(
    rate: float, number: int, cross_zone: bool, broken: bool, listener: ClassicListener
) -> None:
    cloud = Classic(rate, listeners=(listener,), cross_zone=cross_zone)
    instances = cloud.add(A, number, NARROW) + cloud.add(B, 1, NARROW)
    for time in (61.0, 100.0, 180.0, 300.0):
        cloud.run(time)
        if broken and time == 100.0:
            cloud.kill(instances[0])
        cloud.world.elb.settle()
        ended = math.fsum(
            [*cloud.balancer.ended.values()]
            + [
                scope_total
                for group in cloud.balancer.groups.values()
                for scope in group.scopes
                for cohort in scope.to_count()
                for scope_total in [cohort.station.totals.finished * cohort.size]
            ]
        )
        assert ended + cloud.balancer.in_flight == pytest.approx(cloud.balancer.sent, rel=1e-6)


@pytest.mark.parametrize(
    "target", ["HTTP:80", "HTTP:80/", "HTTPS:443/health", "TCP:80", "SSL:443", "TCP:80/x", "UDP:1"]
)
def test_the_grammar_of_health_checks(target: str) -> None:
    if target in ("HTTP:80", "TCP:80/x", "UDP:1"):
        with pytest.raises(ValueError, match="must be HTTP:80/path"):
            health_check(target=target)
    else:
        assert health_check(target=target).port in ("80", "443")


def test_connections_are_not_counted_as_requests() -> None:
    """TCP listeners: Latency is the time to connect, and there are no HTTP codes."""
    slow = Service(name="web", runs_on=("G",), cpu_time=0.0, wait_time=3.0, workers=1000)
    cloud = Classic(10.0, listeners=(TCP,))
    cloud.add(A, 1, slow)
    cloud.add(B, 1, slow)
    cloud.run(300)
    assert cloud.of("RequestCount")[-1] == 600.0
    assert cloud.of("HTTPCode_Backend_2XX") == []
    assert cloud.of("Latency", "Average")[-1] == pytest.approx(0.001)


def test_one_queue_for_all_listeners_of_a_node() -> None:
    other = ClassicListener(load_balancer_port=81, instance_port=81, protocol="TCP")
    sources = (
        Source(name="users", to="Balancer", shape=Constant(300.0)),
        Source(name="others", to="Balancer", shape=Constant(300.0), request=Request(port=81)),
    )
    cloud = Classic(sources, listeners=(HTTP, other))
    cloud.add(A, 1, NARROW)
    cloud.add(B, 1, NARROW)
    cloud.run(300)
    assert max(cloud.of("SurgeQueueLength", "Maximum")) <= 1025.0


def test_a_cookie_is_not_renewed() -> None:
    """Its time runs from the first answer, whoever goes on asking."""
    listener = ClassicListener(
        load_balancer_port=80, instance_port=80, protocol="HTTP", policy_names=("Cookies",)
    )
    policy = LBCookieStickinessPolicy(policy_name="Cookies", cookie_expiration_period=10)
    source = Source(name="users", to="Balancer", shape=Constant(100.0), clients=100)
    cloud = Classic(
        (source,), listeners=(listener,), lb_cookie_stickiness_policy=(policy,), cross_zone=True
    )
    (old,) = cloud.add(A)
    cloud.run(300)
    (new,) = cloud.add(B)
    cloud.run(420)
    assert cloud.rates(old)[0] == pytest.approx(cloud.rates(new)[0], rel=0.1)


def test_what_it_answers_itself() -> None:
    """405 for methods of more than 127 characters, any other is accepted."""
    for method, status in (("TRACE", "200"), ("X" * 128, "405"), ("CONNECT", "400")):
        source = Source(
            name="users", to="Balancer", shape=Constant(1.0), request=Request(method=method)
        )
        cloud = Classic((source,))
        cloud.add(A)
        cloud.run(300)
        assert status in cloud.books.by_status


def test_desync_mitigation_by_an_attribute() -> None:
    request = Request(classification="ambiguous")
    source = Source(name="users", to="Balancer", shape=Constant(1.0), request=request)
    cloud = Classic((source,))
    cloud.add(A)
    cloud.run(120)
    assert "400" not in cloud.books.by_status
    assert cloud.of("DesyncMitigationMode_NonCompliant_Request_Count")[-1] == 60.0
    strictest = AdditionalAttribute(key="elb.http.desyncmitigationmode", value="strictest")
    wanted = ClassicAttributes(additional_attributes=(strictest,))
    cloud.apply(
        "ModifyLoadBalancerAttributes",
        ModifyLoadBalancerAttributes(
            load_balancer_name="Balancer", load_balancer_attributes=wanted
        ),
    )
    cloud.run(240)
    assert cloud.books.by_status["400"] == 120
