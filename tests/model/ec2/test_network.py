"""Who can reach whom: security groups know who asked, network ACLs remember nothing."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest

from model.ec2.firewalls import (
    NetworkAcl,
    NetworkAclEntry,
    PortRange,
    SecurityGroup,
    SecurityGroupEgress,
    SecurityGroupIngress,
    SecurityGroupRule,
    SubnetNetworkAclAssociation,
)
from model.ec2.network import Endpoint, Network
from model.ec2.resources import Route, Subnet, SubnetRouteTableAssociation
from model.resources import Resource
from model.stack import Stack
from tests.model.elb.samples import identity

HERE, THERE = IPv4Address("10.0.0.10"), IPv4Address("10.0.1.20")


def subnet(name: str, block: str) -> Subnet:
    return Subnet(identity=identity(name), cidr_block=block, availability_zone="us-east-1a")


def network(*resources: Resource) -> Network:
    subnets = subnet("A", "10.0.0.0/24"), subnet("B", "10.0.1.0/24")
    return Network(Stack({item.logical_id: item for item in (*subnets, *resources)}))


def tcp(port: int, **rest: Any) -> SecurityGroupRule:
    return SecurityGroupRule(ip_protocol="tcp", from_port=port, to_port=port, **rest)


def group(name: str, *ingress: SecurityGroupRule, **rest: Any) -> SecurityGroup:
    return SecurityGroup(
        identity=identity(name),
        group_description=name,
        security_group_ingress=ingress,
        **rest,
    )


BALANCER = group("Balancer", tcp(80, cidr_ip="0.0.0.0/0"))
WEB = group("Web", tcp(8080, source_security_group_id="Balancer"))
NODE = Endpoint(HERE, "A", ("Balancer",))
TARGET = Endpoint(THERE, "B", ("Web",))
ANYBODY = Endpoint(None)


def test_a_security_group_lets_in_what_its_rules_name() -> None:
    found = network(BALANCER, WEB)
    assert found.connects(ANYBODY, NODE, 80)
    assert not found.connects(ANYBODY, NODE, 443)
    assert found.connects(NODE, TARGET, 8080)
    assert not found.connects(NODE, TARGET, 22)
    assert not found.connects(ANYBODY, TARGET, 8080)
    assert not found.connects(Endpoint(HERE, "A"), TARGET, 8080), "the group is named, no address"


def test_without_security_groups_nothing_is_in_the_way() -> None:
    assert network().connects(ANYBODY, Endpoint(THERE, "B"), 22)


@pytest.mark.parametrize(
    ("rule", "lets"),
    [
        (SecurityGroupRule(ip_protocol="-1", cidr_ip="10.0.0.0/16"), True),
        (
            SecurityGroupRule(ip_protocol="6", from_port=0, to_port=65535, cidr_ip="10.0.0.0/8"),
            True,
        ),
        (
            SecurityGroupRule(ip_protocol="udp", from_port=80, to_port=80, cidr_ip="10.0.0.0/8"),
            False,
        ),
        (tcp(80, cidr_ip="10.0.0.10/32"), True),
        (tcp(80, cidr_ip="10.0.1.0/24"), False),
        (SecurityGroupRule(ip_protocol="tcp", from_port=79, to_port=81, cidr_ip="0.0.0.0/0"), True),
        (tcp(80, source_prefix_list_id="pl-1"), True),
    ],
)
def test_protocols_ports_and_blocks(rule: SecurityGroupRule, lets: bool) -> None:
    found = network(group("Web", rule))
    assert found.connects(Endpoint(HERE, "A"), Endpoint(THERE, "B", ("Web",)), 80) is lets


def test_a_block_that_is_not_all_does_not_hold_anybody() -> None:
    found = network(group("Web", tcp(80, cidr_ip="203.0.113.0/24")))
    web = Endpoint(THERE, "B", ("Web",))
    assert not found.connects(ANYBODY, web, 80)
    assert found.connects(Endpoint(IPv4Address("203.0.113.7")), web, 80)


def test_rules_of_their_own_are_added_and_an_egress_rule_takes_the_default_away() -> None:
    in_rule = SecurityGroupIngress(
        identity=identity("In"),
        group_id="Web",
        ip_protocol="tcp",
        from_port=80,
        to_port=80,
        cidr_ip="0.0.0.0/0",
    )
    out_rule = SecurityGroupEgress(
        identity=identity("Out"),
        group_id="Balancer",
        ip_protocol="tcp",
        from_port=80,
        to_port=80,
        destination_security_group_id="Web",
    )
    assert network(BALANCER, WEB, in_rule).connects(NODE, TARGET, 80)
    found = network(BALANCER, WEB, in_rule, out_rule)
    assert found.connects(NODE, TARGET, 80)
    assert not found.connects(NODE, TARGET, 8080), "only port 80 is let out now"


def entry(number: int, action: str, *, egress: bool, **rest: Any) -> NetworkAclEntry:
    given: dict[str, Any] = {"protocol": "tcp", "cidr_block": "0.0.0.0/0"} | rest
    name = f"Entry{number}{egress}"
    return NetworkAclEntry(
        identity=identity(name),
        network_acl_id="Acl",
        rule_number=number,
        rule_action=action,
        egress=egress,
        **given,
    )


def ports(low: int, high: int) -> PortRange:
    return PortRange(from_=low, to=high)


ACL = NetworkAcl(identity=identity("Acl"), vpc_id="Vpc")
AT_B = SubnetNetworkAclAssociation(identity=identity("At"), subnet_id="B", network_acl_id="Acl")
WAY_IN = entry(100, "allow", egress=False, port_range=ports(8080, 8080))
WAY_BACK = entry(100, "allow", egress=True, port_range=ports(1024, 65_535))


def test_a_network_acl_needs_a_rule_for_answers_too() -> None:
    ends = Endpoint(HERE, "A"), Endpoint(THERE, "B")
    assert network(ACL, AT_B, WAY_IN, WAY_BACK).connects(*ends, 8080)
    assert not network(ACL, AT_B, WAY_IN).connects(*ends, 8080)
    assert not network(ACL, AT_B, WAY_BACK).connects(*ends, 8080)
    assert not network(ACL, AT_B, WAY_IN, WAY_BACK).connects(*ends, 9090)
    short = entry(100, "allow", egress=True, port_range=ports(32_768, 65_535))
    assert not network(ACL, AT_B, WAY_IN, short).connects(*ends, 8080)


def test_the_first_rule_that_fits_decides() -> None:
    ends = Endpoint(HERE, "A"), Endpoint(THERE, "B")
    deny = entry(50, "deny", egress=False, protocol="-1", cidr_block="10.0.0.0/24")
    late = entry(200, "deny", egress=False, protocol="-1")
    assert not network(ACL, AT_B, WAY_IN, WAY_BACK, deny).connects(*ends, 8080)
    assert network(ACL, AT_B, WAY_IN, WAY_BACK, late).connects(*ends, 8080)


def test_network_acls_stand_between_subnets_only() -> None:
    inside = Endpoint(IPv4Address("10.0.1.5"), "B"), Endpoint(THERE, "B")
    assert network(ACL, AT_B).connects(*inside, 8080)


def test_the_internet_reaches_a_subnet_by_its_route() -> None:
    table = SubnetRouteTableAssociation(
        identity=identity("AtB"), subnet_id="B", route_table_id="Table"
    )
    assert network().public("B"), "nothing is said of it"
    assert not network(table).public("B")
    way = Route(
        identity=identity("Way"),
        route_table_id="Table",
        destination_cidr_block="0.0.0.0/0",
        gateway_id="Gateway",
    )
    assert network(table, way).public("B")


def test_a_rule_needs_its_ports() -> None:
    with pytest.raises(ValueError, match="a rule for tcp needs FromPort and ToPort"):
        SecurityGroupRule(ip_protocol="tcp", cidr_ip="0.0.0.0/0")
    with pytest.raises(ValueError, match="must be tcp, udp, icmp, -1"):
        SecurityGroupRule(ip_protocol="http", cidr_ip="0.0.0.0/0")
