"""Who can reach whom: security groups, network ACLs and routes.

Source: "Security groups for your Application Load Balancer", "Control traffic to your AWS resources
using security groups", "Control subnet traffic with network access control lists". A security group
lets the answers to what it let through pass; a network ACL does not, so that both ways are judged.

Where a template says nothing, nothing is in the way: no security group around a load balancer or an
instance, no network ACL or route table of a subnet.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from attrs import field, frozen

from model.ec2.firewalls import (
    NetworkAclEntry,
    SecurityGroup,
    SecurityGroupEgress,
    SecurityGroupIngress,
    SecurityGroupRule,
    SubnetNetworkAclAssociation,
)
from model.ec2.resources import Route, Subnet, SubnetRouteTableAssociation
from model.stack import Stack

EPHEMERAL = (1024, 65_535)
"""The ports that answers go to."""
EVERYWHERE = SecurityGroupRule(ip_protocol="-1", cidr_ip="0.0.0.0/0")
"""What a security group lets out if nothing is said of it."""


@frozen(cache_hash=True)
class Endpoint:
    """One end of a connection."""

    address: IPv4Address | None
    """None: anybody."""
    subnet: str | None = None
    """By logical id; None: outside the VPC."""
    groups: tuple[str, ...] = field(default=())
    """Its security groups; none: nothing is in the way."""


class Network:
    """The firewalls of one region, as they are at present."""

    def __init__(self, stack: Stack) -> None:
        self._subnets = {subnet.logical_id: subnet for subnet in stack.of(Subnet)}
        self.ingress: dict[str, list[SecurityGroupRule]] = {}
        self.egress: dict[str, list[SecurityGroupRule]] = {}
        for group in stack.of(SecurityGroup):
            self.ingress[group.logical_id] = list(group.security_group_ingress)
            self.egress[group.logical_id] = list(group.security_group_egress)
        for rule in stack.of(SecurityGroupIngress):
            self.ingress[rule.group_id].append(rule)
        for one in stack.of(SecurityGroupEgress):
            self.egress[one.group_id].append(one)
        for rules in self.egress.values():
            if not rules:
                rules.append(EVERYWHERE)
        self.acls = {a.subnet_id: a.network_acl_id for a in stack.of(SubnetNetworkAclAssociation)}
        """The network ACL of each subnet that has one of its own."""
        self.entries: dict[str, list[NetworkAclEntry]] = {acl: [] for acl in self.acls.values()}
        """The rules of each network ACL, in order."""
        for entry in sorted(stack.of(NetworkAclEntry), key=lambda entry: entry.rule_number):
            self.entries.setdefault(entry.network_acl_id, []).append(entry)
        routed = {r.route_table_id for r in stack.of(Route) if _leads_out(r)}
        tables = {a.subnet_id: a.route_table_id for a in stack.of(SubnetRouteTableAssociation)}
        self._private = {subnet for subnet, table in tables.items() if table not in routed}
        self._known: dict[tuple[Endpoint, Endpoint, int, str], bool] = {}

    def changed(self) -> None:
        """A rule came or went."""
        self._known.clear()

    def add_entry(self, entry: NetworkAclEntry) -> None:
        """Add a rule to a network ACL; `ValueError` if its number is taken."""
        entries = self.entries.setdefault(entry.network_acl_id, [])
        if _numbered(entries, entry.rule_number, entry.egress) is not None:
            raise ValueError(f"rule {entry.rule_number} exists already")
        entries.append(entry)
        entries.sort(key=lambda entry: entry.rule_number)

    def remove_entry(self, acl: str, number: int, egress: bool) -> None:
        """Take a rule out; `ValueError` if there is none of that number."""
        entries = self.entries.get(acl, [])
        found = _numbered(entries, number, egress)
        if found is None:
            raise ValueError(f"there is no rule {number}")
        entries.remove(found)

    def node(self, subnet: str) -> IPv4Address:
        """The private address of a load balancer's node: the last of its subnet."""
        return IPv4Network(self._subnets[subnet].cidr_block, strict=False)[-2]

    def public(self, subnet: str) -> bool:
        """Whether the internet reaches a subnet: its route table, if it is known, leads there."""
        return subnet not in self._private

    def connects(
        self, source: Endpoint, target: Endpoint, port: int, protocol: str = "tcp"
    ) -> bool:
        """Whether a connection from one end to a port of the other comes about."""
        key = source, target, port, protocol
        if key not in self._known:
            self._known[key] = self._judge(source, target, port, protocol)
        return self._known[key]

    def _judge(self, source: Endpoint, target: Endpoint, port: int, protocol: str) -> bool:
        out = not source.groups or any(
            rule.lets(protocol, port, target.address, target.groups)
            for group in source.groups
            for rule in self.egress[group]
        )
        into = not target.groups or any(
            rule.lets(protocol, port, source.address, source.groups)
            for group in target.groups
            for rule in self.ingress[group]
        )
        if not (out and into):
            return False
        if source.subnet is not None and source.subnet == target.subnet:
            return True  # network ACLs stand between subnets
        there = self._passes(source.subnet, True, protocol, port, port, target.address)
        there = there and self._passes(target.subnet, False, protocol, port, port, source.address)
        back = self._passes(target.subnet, True, protocol, *EPHEMERAL, source.address)
        return (
            there
            and back
            and self._passes(source.subnet, False, protocol, *EPHEMERAL, target.address)
        )

    def _passes(
        self,
        subnet: str | None,
        egress: bool,
        protocol: str,
        low: int,
        high: int,
        other: IPv4Address | None,
    ) -> bool:
        """Whether a subnet's network ACL lets packets for all these ports out (or in)."""
        if subnet not in self.acls:
            return True
        entries = [e for e in self.entries[self.acls[subnet]] if e.egress is egress]
        return all(_first(entries, protocol, port, other) for port in {low, high})


def _first(
    entries: list[NetworkAclEntry], protocol: str, port: int, other: IPv4Address | None
) -> bool:
    for entry in entries:
        if entry.about(protocol, port, other):
            return entry.rule_action == "allow"
    return False


def _numbered(entries: list[NetworkAclEntry], number: int, egress: bool) -> NetworkAclEntry | None:
    found = (e for e in entries if (e.rule_number, e.egress) == (number, egress))
    return next(found, None)


def _leads_out(route: Route) -> bool:
    return route.destination_cidr_block == "0.0.0.0/0" and route.gateway_id is not None
