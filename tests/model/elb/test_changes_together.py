"""Changes that meet each other: what one leaves must not trip the next."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from model.actions import Action as Change
from model.actions import ActionError, Targets
from model.elb.anomalies import LEAST_WEIGHT
from model.elb.attributes import KeyValue
from model.elb.resources import Action
from model.elb.resources.targets import TargetDescription
from model.services import Service
from model.traffic.shapes import Constant, Stage, Stages
from model.traffic.source import Source
from model.world import World
from tests.model.elb.samples import A, B, Cloud, target_group
from tests.model.elb.test_anomalies import MITIGATED
from tests.model.elb.test_flow_hash import BY_ADDRESS
from tests.model.elb.test_flow_hash import users as clients
from tests.model.elb.test_group_stickiness import modify, sticky
from tests.model.elb.test_moves import attributes, do, shift, shiftable
from tests.model.elb.test_network_load_balancer import CROSS_ZONE, Flows
from tests.model.elb.test_ports import HIDDEN, LONG
from tests.model.elb.test_rules import condition, rates, rule, source
from tests.model.elb.test_stickiness import STICKY

ELB = "elasticloadbalancing"
BUSY = Service(name="busy", runs_on=("Group",), cpu_time=0.01)


def two_ports() -> tuple[Cloud, list[float]]:
    """Two instances on one port, of which one serves another group as well."""
    other = Action(type="forward", target_group_arn="Others")
    cloud = Cloud(
        [source(40), source(120, path="/x")],
        {"deregistration_delay.timeout_seconds": "0"},
        more=[
            target_group({"deregistration_delay.timeout_seconds": "0"}, name="Others", port=81),
            rule(1, other, condition("path-pattern", "/x")),
        ],
    )
    one, two = cloud.add(A, 2, BUSY)
    cloud.run(200)
    cloud.world.elb.register_targets("Others", [one])
    cloud.run(400)
    return cloud, [cloud.view(one).utilisation, cloud.view(two).utilisation]


def test_only_an_instance_with_another_port_shares_its_cpu() -> None:
    cloud, (shared, alone) = two_ports()
    assert shared == pytest.approx(20 * 0.01 / 1.0, rel=0.01), "half of the CPU is its fair part"
    assert alone == pytest.approx(20 * 0.01 / 2, rel=0.01)
    one = next(iter(cloud.world.ec2.instances.values()))
    cloud.world.elb.deregister_targets("Others", [one])
    cloud.run(700)
    assert cloud.view(one).utilisation == pytest.approx(0.1, rel=0.01), "it has all to itself"


def test_an_address_outside_all_zones_needs_cross_zone_load_balancing() -> None:
    cloud = Cloud(40, target_type="ip")
    one = TargetDescription(id="192.168.1.1", availability_zone="all")
    do(cloud, f"{ELB}:RegisterTargets", target_group_arn="Targets", targets=(one,))
    cloud.run(60)
    with pytest.raises(ActionError, match="which needs cross-zone load balancing"):
        attributes(cloud, load_balancing__cross_zone__enabled="false")
    flows = Flows(10, target_type="ip")
    do(flows, f"{ELB}:RegisterTargets", target_group_arn="Targets", targets=(one,))
    flows.run(60)
    (view,) = flows.world.elb.describe_target_health("Targets")
    assert view.state == "unused"
    cross_zone = tuple(KeyValue(key=key, value=value) for key, value in CROSS_ZONE.items())
    change = f"{ELB}:ModifyLoadBalancerAttributes"
    do(flows, change, load_balancer_arn="Balancer", attributes=cross_zone)
    flows.run(300)
    (view,) = flows.world.elb.describe_target_health("Targets")
    assert view.reason == "Target.FailedHealthChecks", "it is checked (nothing runs there)"
    do(flows, f"{ELB}:DeregisterTargets", target_group_arn="Targets", targets=(one,))
    flows.run(700)
    assert flows.world.elb.describe_target_health("Targets") == ()


def test_slow_start_and_cross_zone_are_switched_off_at_once() -> None:
    cloud = Cloud(40, {"slow_start.duration_seconds": "300"})
    cloud.add(A, 2)
    cloud.run(60)
    cloud.add(B)
    cloud.run(120)
    attributes(cloud, slow_start__duration_seconds="0", load_balancing__cross_zone__enabled="false")
    cloud.run(240)
    assert sum(rates(cloud).values()) == pytest.approx(40.0)


def test_requests_of_each_target_are_kept_when_zones_part() -> None:
    cloud = Cloud(100)
    here, there = cloud.add(A), cloud.add(B)
    cloud.run(600)
    before = [cloud.view(target).requests for target in (*here, *there)]
    attributes(cloud, load_balancing__cross_zone__enabled="false")
    after = [cloud.view(target).requests for target in (*here, *there)]
    assert after == pytest.approx(before, abs=2)
    cloud.run(660)
    assert sum(cloud.group.scopes.requests.values()) == cloud.books.by_status["200"]


def test_flows_that_go_on_end_with_their_instance() -> None:
    long = Service(name="long", runs_on=("G",), cpu_time=0.001, wait_time=2000, workers=10**6)
    cloud = Flows(10, CROSS_ZONE | {"deregistration_delay.timeout_seconds": "20"})
    one, _ = cloud.add(A, 2, service=long)
    cloud.run(600)
    cloud.world.elb.deregister_targets("Targets", [one])
    cloud.run(640)
    assert cloud.books.by_status.get("connection_reset", 0) == 0
    assert len(one.stations) == 1
    cloud.kill(one)
    cloud.run(700)
    assert cloud.books.by_status["connection_reset"] > 1000
    assert one.stations == []
    assert one.watchers == []


def test_a_zone_without_targets_leaves_dns_when_cross_zone_is_switched_off() -> None:
    cloud = Flows(20, balancer=CROSS_ZONE)
    cloud.add(A)
    cloud.run(300)
    assert cloud.balancer.zones_in_dns() == [A, B]
    off = (KeyValue(key="load_balancing.cross_zone.enabled", value="false"),)
    do(cloud, f"{ELB}:ModifyLoadBalancerAttributes", load_balancer_arn="Balancer", attributes=off)
    cloud.run(400)
    assert cloud.balancer.zones_in_dns() == [A]


def test_a_group_that_is_attached_during_a_shift_knows_of_it() -> None:
    cloud = Cloud(40, more=[target_group(name="Others")])
    enabled = (KeyValue(key="zonal_shift.config.enabled", value="true"),)
    change = f"{ELB}:ModifyLoadBalancerAttributes"
    do(cloud, change, load_balancer_arn="Balancer", attributes=enabled)
    here, there = cloud.add(A, group="Others"), cloud.add(B, group="Others")
    cloud.run(60)
    shift(cloud, B)
    forward = Action(type="forward", target_group_arn="Others")
    do(cloud, f"{ELB}:ModifyListener", listener_arn="Listener", default_actions=(forward,))
    cloud.run(120)
    views = {view.instance: view for view in cloud.world.elb.describe_target_health("Others")}
    assert views[here[0].id].rate == pytest.approx(40.0)
    assert views[there[0].id].rate == 0.0
    assert views[there[0].id].override == "zonal_shift_active"


def test_an_autoshift_ends_only_what_it_began() -> None:
    cloud = shiftable()
    cloud.add(A, 2)
    autoshift = Change(
        name="aws:arc:start-zonal-autoshift", targets=Targets(zones=(A,)), duration=600.0
    )
    cloud.world.apply(autoshift)
    do(cloud, "arc-zonal-shift:CancelZonalShift", resource_identifier="Balancer")
    shift(cloud, B, "2h")
    cloud.run(700)
    assert cloud.world.elb.shifts["Balancer"].zone == B


def test_the_end_of_a_shift_is_no_slow_start() -> None:
    cloud = shiftable(slow_start__duration_seconds="300")
    here, there = cloud.add(A, 2), cloud.add(B, 2)
    cloud.run(600)
    shift(cloud, A, "5m")
    cloud.run(900 + 70)
    assert cloud.shares(here, there) == pytest.approx([0.5, 0.5])


def test_a_stopped_instance_stays_unused_when_its_group_is_used_again() -> None:
    cloud = Cloud(40, more=[target_group(name="Others")])
    one, _ = cloud.add(A, 2)
    cloud.run(60)
    cloud.world.ec2.stop_instances(one.id)
    cloud.run(120)
    for group in ("Others", "Targets"):
        forward = Action(type="forward", target_group_arn=group)
        do(cloud, f"{ELB}:ModifyListener", listener_arn="Listener", default_actions=(forward,))
        cloud.run(cloud.world.now + 60)
    view = cloud.view(one)
    assert (view.state, view.reason) == ("unused", "Target.InvalidState")


def test_registered_again_while_its_group_is_unused() -> None:
    cloud = Cloud(40, more=[target_group(name="Others")])
    (one,) = cloud.add(A)
    cloud.run(60)
    cloud.world.elb.deregister_targets("Targets", [one])
    forward = Action(type="forward", target_group_arn="Others")
    do(cloud, f"{ELB}:ModifyListener", listener_arn="Listener", default_actions=(forward,))
    cloud.world.elb.register_targets("Targets", [one])
    cloud.run(600)
    assert cloud.view(one).state == "unused"


def test_cookies_run_out_while_nobody_asks() -> None:
    stages = (Stage(300, 100), Stage(0, 0), Stage(7200, 0), Stage(0, 100))
    load = Source(name="users", to="Balancer", shape=Stages(100, stages), clients=1000)
    cloud = Cloud([load], STICKY | {"stickiness.lb_cookie.duration_seconds": "60"})
    old = cloud.add(A, 2)
    cloud.run(3000)
    new = cloud.add(A, 2)
    cloud.run(7700)
    assert cloud.shares(old, new) == pytest.approx([0.5, 0.5], abs=0.01)


def test_moves_that_aws_refuses() -> None:
    flows = Flows(10, more=(target_group(name="Web"),))
    cloud = Cloud(10)
    web = Action(type="forward", target_group_arn="Web")
    nobody = Action(type="forward", target_group_arn="Nobody")
    listener = f"{ELB}:ModifyListener"
    with pytest.raises(ActionError, match="Web is for HTTP, Listener for TCP"):
        do(flows, listener, listener_arn="Listener", default_actions=(web,))
    with pytest.raises(ActionError, match="there is no target group Nobody"):
        do(cloud, listener, listener_arn="Listener", default_actions=(nobody,))
    with pytest.raises(ActionError, match="rules are for HTTP and HTTPS"):
        do(
            flows,
            f"{ELB}:CreateRule",
            listener_arn="Listener",
            priority=1,
            conditions=(condition("path-pattern", "/x"),),
            actions=(Action(type="forward", target_group_arn="Targets"),),
        )


def everything(cloud: Cloud) -> dict[str, object]:
    """All that was counted: every metric, and the books."""
    metrics, now = cloud.world.cloudwatch.metrics, cloud.world.now
    data = {m.key: metrics.get_metric_data(m.key, "Sum", 60.0, 0.0, now) for m in metrics}
    counts: dict[str, object] = {str(key): list(own.values) for key, own in data.items()}
    return counts | {"books": cloud.books.by_status, "targets": cloud.group.scopes.requests}


def sticky_groups() -> Cloud:
    """A release by weights with sticky groups, in which a target fails half of what it is sent."""
    blue = sticky(600, Targets=1, Others=0)
    odd = [source(3, classification="severe"), source(5, path="/x", headers={"a_b": "c"})]
    cloud = Cloud([source(40), *odd], MITIGATED, action=blue, more=[target_group(name="Others")])
    sick, *_ = cloud.add(A, 2) + cloud.add(B)
    cloud.add(B, 2, group="Others")
    cloud.later(250, lambda: cloud.ail(sick, error_rate=0.5))
    cloud.later(400, cloud.ail, sick)
    cloud.later(300, modify, cloud, sticky(600, Targets=1, Others=3))
    cloud.later(500, cloud.balancer.set_dark, A, True)
    return cloud


def flows_by_address() -> Cloud:
    """Few clients with many flows, whose targets come, fall ill and run out of ports."""
    users = (Source(name="users", to="Balancer", shape=Constant(24_000), clients=7),)
    cloud = Flows(attributes=BY_ADDRESS | HIDDEN, sources=users, health_check_protocol="HTTP")
    sick, *_ = cloud.add(A, 2, service=LONG) + cloud.add(B, service=LONG)
    cloud.later(250, lambda: cloud.ail(sick, failing_checks=True))
    cloud.later(300, cloud.add, B, 1, LONG)
    cloud.later(400, cloud.ail, sick)
    return cloud


@pytest.mark.parametrize("made", [sticky_groups, flows_by_address])
def test_it_does_not_matter_how_run_is_cut_nor_whether_a_world_was_restored(
    made: Callable[[], Cloud],
) -> None:
    whole, parts = made(), made()
    whole.run(900)
    for part in range(1, 62):
        parts.run(900 * part / 61)
    assert everything(parts) == everything(whole)
    whole.world = World.restore(whole.world.snapshot())
    for cloud in (whole, parts):
        cloud.run(1200)
    assert everything(parts) == everything(whole)


def test_clients_and_weights_are_kept_when_zones_part() -> None:
    cloud = Flows(attributes=BY_ADDRESS, sources=clients(40, 40))
    targets = cloud.add(A, 2) + cloud.add(B, 2)
    cloud.run(300)
    off = (KeyValue(key="load_balancing.cross_zone.enabled", value="false"),)
    change = f"{ELB}:ModifyTargetGroupAttributes"
    do(cloud, change, target_group_arn="Targets", attributes=off)
    cloud.run(360)
    assert [sum(cloud.view(t).rate for t in own) for own in (targets[:2], targets[2:])] == [20, 20]
    requests = Cloud(90, MITIGATED)
    sick, *well = requests.add(A, 2) + requests.add(B, 2)
    requests.run(60)
    requests.ail(sick, error_rate=0.5)
    requests.run(120)
    attributes(requests, load_balancing__cross_zone__enabled="false")
    requests.run(121)
    assert requests.view(sick).mitigated
    requests.run(180)
    left = LEAST_WEIGHT / (1 + LEAST_WEIGHT)
    assert requests.shares([sick], well[:1]) == pytest.approx([left / 2, (1 - left) / 2])
