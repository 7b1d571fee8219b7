"""What firewalls do to a load balancer: "Security groups for your Application Load Balancer",
"Troubleshoot your Application Load Balancers"."""

from __future__ import annotations

from typing import Any

import pytest

from model.actions import REGISTER, ActionError
from model.actions import Action as Change
from model.ec2.firewalls import NetworkAcl, SecurityGroup, SubnetNetworkAclAssociation
from model.ec2.instances import Instance
from model.ec2.moves import IpPermission, IpRange, UserIdGroupPair
from model.ec2.resources import Subnet
from model.traffic.shapes import Constant
from model.traffic.source import Request, Source
from tests.model.ec2.test_network import entry, group, ports, tcp
from tests.model.elb.samples import A, Cloud, identity

BALANCER = group("BalancerGroup", tcp(80, cidr_ip="0.0.0.0/0"))
WEB = group("WebGroup", tcp(80, source_security_group_id="BalancerGroup"))


def walled(*more: Any, balancer: SecurityGroup = BALANCER, web: SecurityGroup = WEB) -> Cloud:
    """Two targets behind two security groups, 40 requests per second."""
    cloud = Cloud(40, more=[balancer, web, *more])
    do(
        cloud,
        "elasticloadbalancing:SetSecurityGroups",
        load_balancer_arn="Balancer",
        security_groups=(balancer.logical_id,),
    )
    return cloud


def add(cloud: Cloud, number: int = 2, subnet: str = "SubnetA") -> list[Instance]:
    made = [cloud.launch(A) for _ in range(number)]
    for place, instance in enumerate(made):
        instance.security_groups = ("WebGroup",)
        if subnet != instance.subnet:
            instance.subnet, instance.private_ip = subnet, f"10.0.9.{10 + place}"
    cloud.world.elb.register_targets("Targets", made)
    return made


def do(cloud: Cloud, name: str, **parameters: Any) -> None:
    cloud.world.apply(Change(name=name, parameters=REGISTER[name].parameters(**parameters)))


FROM_BALANCER = IpPermission(
    ip_protocol="tcp",
    from_port=80,
    to_port=80,
    user_id_group_pairs=(UserIdGroupPair(group_id="BalancerGroup"),),
)


def test_what_the_rules_let_through_is_served() -> None:
    cloud = walled()
    one, _ = add(cloud)
    cloud.run(120)
    assert cloud.view(one).state == "healthy"
    assert set(cloud.books.by_status) == {"200"}


def test_a_health_check_that_a_security_group_blocks_times_out() -> None:
    cloud = walled(web=group("WebGroup", tcp(8080, cidr_ip="0.0.0.0/0")))
    one, _ = add(cloud)
    cloud.run(180)
    view = cloud.view(one)
    assert (view.state, view.reason) == ("unhealthy", "Target.Timeout")
    # all are unhealthy: it fails open, and every connection times out after ten seconds
    assert set(cloud.books.by_status) == {"504"}


def test_checks_on_a_port_of_their_own_may_be_blocked_alone() -> None:
    cloud = Cloud(40, more=[BALANCER, WEB], health_check_port="9000")
    do(
        cloud,
        "elasticloadbalancing:SetSecurityGroups",
        load_balancer_arn="Balancer",
        security_groups=("BalancerGroup",),
    )
    one, _ = add(cloud)
    cloud.run(180)
    assert cloud.view(one).reason == "Target.Timeout"
    assert set(cloud.books.by_status) == {"200"}, "requests still come through"


def test_clients_whom_the_load_balancer_s_group_does_not_know_never_connect() -> None:
    cloud = walled(balancer=group("BalancerGroup", tcp(443, cidr_ip="0.0.0.0/0")))
    add(cloud)
    cloud.run(120)
    assert set(cloud.books.by_status) == {"connection_timeout"}
    assert cloud.metric("RequestCount") == []
    inside = Source(
        name="office",
        to="Balancer",
        shape=Constant(10.0),
        request=Request(source_ip="203.0.113.9"),
    )
    office = group("BalancerGroup", tcp(80, cidr_ip="203.0.113.0/24"))
    cloud = Cloud([inside], more=[office, WEB])
    do(
        cloud,
        "elasticloadbalancing:SetSecurityGroups",
        load_balancer_arn="Balancer",
        security_groups=("BalancerGroup",),
    )
    add(cloud)
    cloud.run(120)
    assert set(cloud.books.by_status) == {"200"}


def test_an_operator_closes_a_port_and_opens_it_again() -> None:
    cloud = walled()
    one, _ = add(cloud)
    cloud.run(120)
    close = {"group_id": "WebGroup", "ip_permissions": (FROM_BALANCER,)}
    do(cloud, "ec2:RevokeSecurityGroupIngress", **close)
    cloud.run(240)
    assert cloud.view(one).state == "unhealthy"
    with pytest.raises(ActionError, match="does not exist in this security group"):
        do(cloud, "ec2:RevokeSecurityGroupIngress", **close)
    do(cloud, "ec2:AuthorizeSecurityGroupIngress", **close)
    with pytest.raises(ActionError, match="already exists"):
        do(cloud, "ec2:AuthorizeSecurityGroupIngress", **close)
    cloud.run(480)
    assert cloud.view(one).state == "healthy"
    assert cloud.view(one).rate == pytest.approx(20.0)


def test_a_network_acl_without_the_way_back_shows_as_504() -> None:
    acl = NetworkAcl(identity=identity("Acl"), vpc_id="Vpc")
    at = SubnetNetworkAclAssociation(
        identity=identity("At"), subnet_id="Private", network_acl_id="Acl"
    )
    private = Subnet(
        identity=identity("Private"), cidr_block="10.0.9.0/24", availability_zone=A, vpc_id="Vpc"
    )
    both = [
        entry(100, "allow", egress=False, protocol="-1"),
        entry(100, "allow", egress=True, port_range=ports(1024, 65_535)),
    ]
    cloud = walled(acl, at, private, *both)
    one, _ = add(cloud, subnet="Private")
    cloud.run(120)
    assert cloud.view(one).state == "healthy"
    do(cloud, "ec2:DeleteNetworkAclEntry", network_acl_id="Acl", rule_number=100, egress=True)
    with pytest.raises(ActionError, match="there is no rule 100"):
        do(cloud, "ec2:DeleteNetworkAclEntry", network_acl_id="Acl", rule_number=100, egress=True)
    cloud.run(300)
    assert cloud.view(one).reason == "Target.Timeout"
    assert cloud.books.by_status["504"] > 0
    do(
        cloud,
        "ec2:CreateNetworkAclEntry",
        network_acl_id="Acl",
        rule_number=100,
        protocol="-1",
        rule_action="allow",
        egress=True,
        cidr_block="0.0.0.0/0",
    )
    cloud.run(600)
    assert cloud.view(one).state == "healthy"


def test_a_new_block_of_addresses_is_opened() -> None:
    cloud = walled(web=group("WebGroup"))
    one, _ = add(cloud)
    cloud.run(60)
    block = IpPermission(
        ip_protocol="tcp", from_port=80, to_port=80, ip_ranges=(IpRange(cidr_ip="10.0.0.0/16"),)
    )
    do(cloud, "ec2:AuthorizeSecurityGroupIngress", group_id="WebGroup", ip_permissions=(block,))
    cloud.run(300)
    assert cloud.view(one).state == "healthy"
