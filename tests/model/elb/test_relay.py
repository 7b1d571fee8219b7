"""An Application Load Balancer behind a Network Load Balancer ("Use Application Load Balancers as
targets of a Network Load Balancer")."""

from __future__ import annotations

from typing import Any

import pytest

from model.cloudwatch.metrics import MetricKey
from model.elb.resources import Action, Listener, LoadBalancer, TargetGroup
from model.elb.resources.targets import TargetDescription
from model.resources import Resource
from model.stack import Stack
from model.traffic.shapes import Constant
from model.traffic.source import Request, Source
from model.world import World
from tests.model.elb.samples import (
    START,
    A,
    B,
    Cloud,
    fixed,
    identity,
    load_balancer,
    network,
    pairs,
    target_group,
)

NLB = "net/front/50dc6c495c0c9188"
FRONT = Source(name="front", to="Front", shape=Constant(20.0), request=Request(port=443))
DIRECT = Source(name="direct", to="Balancer", shape=Constant(5.0))


def relay(**properties: Any) -> TargetGroup:
    given: dict[str, Any] = {
        "port": 80,
        "protocol": "TCP",
        "vpc_id": "Vpc",
        "targets": (TargetDescription(id="Balancer"),),
    }
    return TargetGroup(
        identity=identity("Relay", TargetGroupFullName="targetgroup/relay/0"),
        target_type="alb",
        **(given | properties),
    )


class Chain(Cloud):
    """A Network Load Balancer with fixed addresses before an Application Load Balancer."""

    def __init__(self, *sources: Source, action: Action | None = None) -> None:
        forward = Action(type="forward", target_group_arn="Targets")
        resources: tuple[Resource, ...] = (
            *network(),
            LoadBalancer(
                identity=identity("Front", LoadBalancerFullName=NLB),
                type="network",
                subnets=("SubnetA", "SubnetB"),
            ),
            load_balancer(),
            target_group(),
            relay(),
            Listener(
                identity=identity("Listener"),
                load_balancer_arn="Balancer",
                port=80,
                protocol="HTTP",
                default_actions=(action or forward,),
            ),
            Listener(
                identity=identity("FrontListener"),
                load_balancer_arn="Front",
                port=443,
                protocol="TCP",
                default_actions=(Action(type="forward", target_group_arn="Relay"),),
            ),
        )
        self.world = World(
            Stack({resource.logical_id: resource for resource in resources}),
            start=START,
            seed=7,
            traffic=sources or (FRONT,),
        )
        self._launched = 0

    def of_front(self, name: str, statistic: str = "Sum") -> list[float]:
        key = MetricKey.of("AWS/NetworkELB", name, {"LoadBalancer": NLB})
        metrics = self.world.cloudwatch.metrics
        data = metrics.get_metric_data(key, statistic, 60.0, 0.0, self.world.now)
        return list(data.values)


def total(world: World) -> int:
    return sum(book.total for book in world.elb.books.values())


def test_what_comes_to_the_one_is_answered_by_the_other() -> None:
    chain = Chain()
    chain.add(A)
    chain.run(600)
    assert chain.of_front("NewFlowCount")[-1] == 1200.0
    assert chain.metric("RequestCount")[-1] == 1200.0
    # each is counted once, with the status that its client sees
    assert chain.world.elb.books["Front"].by_status == {}
    assert total(chain.world) == pytest.approx(20 * 600, abs=2)
    # 20 a second for 50 ms each
    assert chain.of_front("ActiveFlowCount", "Average")[-1] == pytest.approx(1.0, abs=0.5)


def test_beside_clients_of_its_own() -> None:
    chain = Chain(FRONT, DIRECT)
    chain.add(A)
    chain.run(300)
    assert chain.metric("RequestCount")[-1] == 25 * 60
    assert chain.of_front("NewFlowCount")[-1] == 1200.0
    front, own = (chain.world.elb.balancers[name] for name in ("Front", "Balancer"))
    assert front.rate_of_clients(300) + own.rate_of_clients(300) == pytest.approx(25.0)


def test_it_is_healthy_while_it_answers_well() -> None:
    chain = Chain()
    (instance,) = chain.add(A)
    chain.run(300)
    (view,) = chain.world.elb.describe_target_health("Relay")
    assert (view.id, view.state) == ("Balancer:80", "healthy")
    chain.kill(instance)
    chain.run(600)
    (view,) = chain.world.elb.describe_target_health("Relay")
    assert (view.state, view.reason) == ("unhealthy", "Target.FailedHealthChecks")
    # the Network Load Balancer fails open, and clients get the other's 502
    assert chain.metric("HTTPCode_ELB_502_Count")[-1] == pytest.approx(1200.0)
    assert chain.of_front("HealthyHostCount", "Maximum") == []


def test_a_fixed_response_is_an_answer_too() -> None:
    for status, state in (("200", "healthy"), ("503", "unhealthy")):
        chain = Chain(action=fixed(status))
        chain.run(300)
        (view,) = chain.world.elb.describe_target_health("Relay")
        assert view.state == state
        assert set(chain.world.elb.books["Balancer"].by_status) == {status}


def test_a_dark_zone_is_dark_for_both() -> None:
    chain = Chain()
    chain.add(A, 2)
    chain.add(B, 2)
    chain.run(300)
    chain.lose_zone(A)
    chain.run(315)
    chain.run(720)
    lost = chain.world.elb.books["Front"].by_status
    assert set(lost) == {"connection_timeout"}
    assert lost["connection_timeout"] == pytest.approx(10 * 90, rel=0.15)
    front, own = (chain.world.elb.balancers[name] for name in ("Front", "Balancer"))
    sent = front.sent - front.passed + own.sent
    assert sent == pytest.approx(20 * 720, rel=1e-6)
    assert total(chain.world) + front.in_flight + own.in_flight == pytest.approx(sent, abs=2)


def test_a_snapshot_goes_on_the_same() -> None:
    chain = Chain(FRONT, DIRECT)
    chain.add(A)
    chain.run(100)
    world = World.restore(chain.world.snapshot())
    world.run(300)
    chain.run(300)
    assert world.elb.books["Balancer"].by_status == chain.books.by_status


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"protocol": "HTTP"}, "is for TCP, not HTTP"),
        ({"health_check_protocol": "TCP"}, "must be HTTP or HTTPS"),
        ({"targets": (TargetDescription(id="A"), TargetDescription(id="B"))}, "takes one"),
        ({"targets": (TargetDescription(id="A", port=81),)}, "must be that of the target group"),
        (
            {"target_group_attributes": pairs({"stickiness.enabled": "true"})},
            "of a target group for a load balancer are fixed",
        ),
    ],
)
def test_wrong_target_groups(properties: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        relay(**properties)
