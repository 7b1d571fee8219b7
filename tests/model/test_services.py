"""Several services on one instance, and requests that take something of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.cloudwatch.metrics import MetricKey
from model.services import RequestWork, Service
from model.traffic.source import Request
from model.world import World
from scenarios.loader import load
from scenarios.player import make_world
from tests.model.elb.samples import GROUP, Cloud
from tests.model.samples import SCENARIO, TEMPLATE, action, bytes_of, instances

SECOND = """\
  Targets2:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: !Ref Vpc, Port: 9090, Protocol: HTTP, HealthCheckIntervalSeconds: 10}
  Listener2:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 81
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets2}]
"""
SERVICES = """\
  web: {runs_on: [Group], port: 8080, cpu_time: 20ms, wait_time: 30ms, boot_time: 20s}
  api: {runs_on: [Group], port: 9090, cpu_time: 10ms, boot_time: 20s}
"""
TRAFFIC = """\
  - {name: calls, to: Balancer, rate: %d, request: {port: 81}}
"""


def two_services(folder: Path, calls: int = 40) -> World:
    """Two instances that both serve shoppers (50/s in all) on one port and calls on another."""
    template = TEMPLATE.replace("[!Ref Targets]\n", "[!Ref Targets, !Ref Targets2]\n") + SECOND
    (folder / "web.yaml").write_text(template, encoding="utf-8")
    head, rest = SCENARIO.split("  web: ")
    traffic = rest.split("\n", 1)[1]
    path = folder / "two.yaml"
    path.write_text(head + SERVICES + traffic + TRAFFIC % calls, encoding="utf-8")
    return make_world(load(path).scenario)


def stations(world: World, group: str) -> list[float]:
    return [target.station.response_time for target in world.elb.groups[group].targets.values()]


def test_both_serve_and_share_the_cpu(tmp_path: Path) -> None:
    world = two_services(tmp_path)
    world.run(300)
    for instance in instances(world):
        assert len(instance.stations) == 2
        assert instance.service_up
    # 25/s of 20 ms and 20/s of 10 ms on two vCPUs
    metrics, one = world.cloudwatch.metrics, instances(world)[0].id
    key = MetricKey.of("AWS/EC2", "CPUUtilization", {"InstanceId": one})
    used = metrics.get_metric_data(key, "Average", 60.0, 120.0, 300.0).values
    assert used == pytest.approx([35.0] * 3, rel=0.03)
    for group, cost in (("Targets", 25 * 0.02), ("Targets2", 20 * 0.01)):
        for target in world.elb.groups[group].targets.values():
            others = target.station.can.others
            assert others is not None
            assert others.left == pytest.approx(2 - (0.7 - cost), rel=0.01)


def test_a_neighbour_that_takes_all_slows_the_other_down(tmp_path: Path) -> None:
    calm, busy = two_services(tmp_path), two_services(tmp_path, calls=1000)
    for world in (calm, busy):
        world.run(100)  # before the group grows
    waits = [min(stations(world, "Targets")) - 0.05 for world in (calm, busy)]
    assert waits[1] > 3 * waits[0]
    # the quiet one keeps what it asks for: nothing of it is refused
    assert all(t.station.backlog == 0.0 for t in busy.elb.groups["Targets"].targets.values())
    assert all(t.station.backlog > 0.0 for t in busy.elb.groups["Targets2"].targets.values())


def test_a_fault_on_one_service_spares_the_other(tmp_path: Path) -> None:
    world = two_services(tmp_path)
    world.run(60)
    kill = json.dumps({"ProcessName": "api"})
    world.apply(
        action(
            "aws:ssm:send-command",
            duration=60.0,
            services=("api",),
            document_arn="AWSFIS-Run-Kill-Process",
            document_parameters=kill,
        )
    )
    world.apply(action("spillover:error-rate", services=("web",), percent=100.0))
    for instance in instances(world):
        assert instance.listening == {"web"}
        assert instance.capability(8080).error_rate == 1.0
    world.run(200)
    for instance in instances(world):
        assert instance.service_up
        assert instance.capability(9090).error_rate == 0.0


def test_an_instance_that_fares_otherwise_is_told_apart(tmp_path: Path) -> None:
    world = two_services(tmp_path)
    world.run(60)
    first, _ = instances(world)
    world.apply(
        action("spillover:slow-responses", instances=(first.id,), services=("api",), factor=4.0)
    )
    world.run(120)
    slow, fast = stations(world, "Targets")
    assert slow > fast
    left = [t.station.can.others for t in world.elb.groups["Targets"].targets.values()]
    assert [o.left for o in left if o] == pytest.approx([2 - 0.8, 2 - 0.2], rel=0.01)


def test_the_same_however_it_is_cut(tmp_path: Path) -> None:
    whole, cut = two_services(tmp_path, calls=260), two_services(tmp_path, calls=260)
    scenario = load(tmp_path / "two.yaml").scenario
    for time in (7.3, 61.0, 200.5):
        cut.run(time)
        cut = World.restore(cut.snapshot())
    for world in (whole, cut):
        world.run(400)
    assert bytes_of(scenario, whole) == bytes_of(scenario, cut)


def test_one_instance_may_be_several_targets() -> None:
    cloud = Cloud(40.0)
    (one,) = cloud.add()
    cloud.world.elb.register_targets("Targets", [one], 8081)
    cloud.run(120)
    views = cloud.world.elb.describe_target_health("Targets")
    assert [(view.port, view.state) for view in views] == [(80, "healthy"), (8081, "healthy")]
    assert [view.rate for view in views] == pytest.approx([20.0, 20.0])
    assert cloud.metric("HealthyHostCount", GROUP, "Maximum")[-1] == 2
    cloud.world.elb.deregister_targets("Targets", [one], 8081)
    cloud.run(500)
    (left,) = cloud.world.elb.describe_target_health("Targets")
    assert left.port == 80
    assert left.rate == pytest.approx(40.0)


SHOP = Service(
    name="shop",
    runs_on=("Group",),
    cpu_time=0.01,
    requests=(
        RequestWork(path="/search*", cpu_time=0.08),
        RequestWork(path="/img/??.png", cpu_time=0.001),
        RequestWork(method="POST", host="*.EXAMPLE.com", wait_time=0.2),
    ),
)


@pytest.mark.parametrize(
    ("request_", "cpu", "wait"),
    [
        (Request(path="/"), 0.01, 0.0),
        (Request(path="/search"), 0.08, 0.0),
        (Request(path="/Search"), 0.01, 0.0),
        (Request(path="/img/01.png"), 0.001, 0.0),
        (Request(path="/img/1.png"), 0.01, 0.0),
        (Request(path="/buy", method="POST", host="shop.example.com"), 0.01, 0.2),
        (Request(path="/search", method="POST", host="shop.example.com"), 0.08, 0.0),
    ],
)
def test_the_first_that_fits_tells_what_a_request_takes(
    request_: Request, cpu: float, wait: float
) -> None:
    work = SHOP.work(request_)
    assert (work.cpu_time, work.wait_time) == (cpu, wait)


def test_one_kind_needs_no_mixture() -> None:
    told = SHOP.told([Request(path="/search")])
    assert (told.cpu_time, told.works) == (0.08, ())
    assert len(SHOP.told([Request(), Request(path="/search")]).works) == 2
