"""Security groups and network ACLs, as CloudFormation describes them.

Source: the CloudFormation reference of these types, and the API reference of
AuthorizeSecurityGroupIngress and CreateNetworkAclEntry.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen

from model.ec2.resources import SecurityGroupId, SubnetId, VpcId, cidr
from model.fields import FieldError, between, one_of, refers_to
from model.resources import Resource

NetworkAclId = Annotated[str, refers_to("AWS::EC2::NetworkAcl")]

PROTOCOLS = {"tcp": "tcp", "udp": "udp", "icmp": "icmp", "6": "tcp", "17": "udp", "1": "icmp"}
"""Protocols by their names and numbers; -1 means all."""
ALL = "-1"


def _protocol(_: Any, attribute: Attribute[Any], value: str) -> None:
    known = value in PROTOCOLS or value in (ALL, "icmpv6", "58")
    if not known and not (value.isdecimal() and int(value) <= 255):
        raise FieldError(
            attribute, f"must be tcp, udp, icmp, -1 (all) or a protocol's number, not {value!r}"
        )


def holds(block: str | None, address: IPv4Address | None) -> bool:
    """Whether a CIDR block holds an address; None is anybody: only a block of all will do."""
    if block is None:
        return False
    network = IPv4Network(block, strict=False)
    return network.prefixlen == 0 if address is None else address in network


def fits(protocol: str, low: int | None, high: int | None, wanted: str, port: int) -> bool:
    """Whether a rule for a protocol and a range of ports is about a packet."""
    if protocol == ALL:
        return True
    if PROTOCOLS.get(protocol) != wanted:
        return False
    return low in (None, -1) or (low or 0) <= port <= (low if high is None else high)


@frozen(kw_only=True, slots=False)
class SecurityGroupRule:
    """What a security group lets in, or out."""

    INERT: ClassVar[frozenset[str]] = frozenset(
        {"Description", "SourceSecurityGroupName", "SourceSecurityGroupOwnerId"}
    )

    ip_protocol: str = field(validator=_protocol)
    from_port: int | None = field(default=None, validator=between(-1, 65_535))
    to_port: int | None = field(default=None, validator=between(-1, 65_535))
    cidr_ip: str | None = field(default=None, validator=cidr)
    cidr_ipv6: str | None = field(default=None, metadata={"name": "CidrIpv6"})
    """Read, but nobody here has such an address."""
    source_security_group_id: SecurityGroupId | None = None
    destination_security_group_id: SecurityGroupId | None = None
    source_prefix_list_id: str | None = None
    destination_prefix_list_id: str | None = None

    def __attrs_post_init__(self) -> None:
        needs_ports = PROTOCOLS.get(self.ip_protocol) in ("tcp", "udp")
        if needs_ports and (self.from_port is None or self.to_port is None):
            raise ValueError(f"a rule for {self.ip_protocol} needs FromPort and ToPort")
        if needs_ports and (self.from_port or 0) > (self.to_port or 0):
            raise ValueError(
                f"FromPort ({self.from_port}) must not be above ToPort ({self.to_port})"
            )
        ends = (
            *(self.source_security_group_id, self.destination_security_group_id),
            *(self.source_prefix_list_id, self.destination_prefix_list_id),
            *(self.cidr_ip, self.cidr_ipv6),
        )
        if not any(ends):
            raise ValueError("a rule needs to say who: CidrIp or a security group")

    def lets(
        self, protocol: str, port: int, address: IPv4Address | None, groups: tuple[str, ...]
    ) -> bool:
        """Whether it lets a packet through to or from somebody in security groups.

        What a prefix list holds is not known: it is taken to hold everybody.
        """
        if not fits(self.ip_protocol, self.from_port, self.to_port, protocol, port):
            return False
        named = self.source_security_group_id or self.destination_security_group_id
        listed = self.source_prefix_list_id or self.destination_prefix_list_id
        return named in groups or listed is not None or holds(self.cidr_ip, address)


@frozen(kw_only=True)
class SecurityGroup(Resource):
    """A firewall around instances and load balancers: it knows who asked, and lets answers pass."""

    TYPE: ClassVar[str] = "AWS::EC2::SecurityGroup"
    INERT: ClassVar[frozenset[str]] = frozenset({"GroupName", "Tags"})

    group_description: str
    vpc_id: VpcId | None = None
    security_group_ingress: tuple[SecurityGroupRule, ...] = ()
    security_group_egress: tuple[SecurityGroupRule, ...] = ()


@frozen(kw_only=True, slots=False)
class _OneRule(SecurityGroupRule):
    group_id: SecurityGroupId


@frozen(kw_only=True, slots=False)
class SecurityGroupIngress(Resource, _OneRule):
    """One more rule for what a security group lets in."""

    TYPE: ClassVar[str] = "AWS::EC2::SecurityGroupIngress"
    INERT: ClassVar[frozenset[str]] = SecurityGroupRule.INERT | {"GroupName"}


@frozen(kw_only=True, slots=False)
class SecurityGroupEgress(Resource, _OneRule):
    """One more rule for what a security group lets out; then it lets out no more than such."""

    TYPE: ClassVar[str] = "AWS::EC2::SecurityGroupEgress"
    INERT: ClassVar[frozenset[str]] = SecurityGroupRule.INERT | {"GroupName"}


@frozen(kw_only=True)
class NetworkAcl(Resource):
    """A firewall around subnets that remembers nothing: answers need a rule of their own."""

    TYPE: ClassVar[str] = "AWS::EC2::NetworkAcl"
    INERT: ClassVar[frozenset[str]] = frozenset({"Tags"})

    vpc_id: VpcId


@frozen(kw_only=True)
class PortRange:
    """Ports from the first to the last."""

    from_: int = field(metadata={"name": "From"}, validator=between(0, 65_535))
    to: int = field(validator=between(0, 65_535))

    def __attrs_post_init__(self) -> None:
        if self.from_ > self.to:
            raise ValueError(f"From ({self.from_}) must not be above To ({self.to})")


@frozen(kw_only=True)
class NetworkAclEntry(Resource):
    """One rule of a network ACL: the first that fits, by number, decides."""

    TYPE: ClassVar[str] = "AWS::EC2::NetworkAclEntry"
    INERT: ClassVar[frozenset[str]] = frozenset({"Icmp"})

    network_acl_id: NetworkAclId
    rule_number: int = field(validator=between(1, 32_766))
    protocol: str = field(validator=_protocol)
    rule_action: str = field(validator=one_of("allow", "deny"))
    egress: bool = False
    cidr_block: str | None = field(default=None, validator=cidr)
    ipv6_cidr_block: str | None = None
    """Read, but nobody here has such an address."""
    port_range: PortRange | None = None

    def __attrs_post_init__(self) -> None:
        if self.cidr_block is None and self.ipv6_cidr_block is None:
            raise ValueError("an entry needs a CidrBlock")
        if PROTOCOLS.get(self.protocol) in ("tcp", "udp") and self.port_range is None:
            raise ValueError(f"an entry for {self.protocol} needs a PortRange")

    def about(self, protocol: str, port: int, address: IPv4Address | None) -> bool:
        """Whether it is about a packet to a port, from or to an address."""
        low = None if self.port_range is None else self.port_range.from_
        high = None if self.port_range is None else self.port_range.to
        return fits(self.protocol, low, high, protocol, port) and holds(self.cidr_block, address)


@frozen(kw_only=True)
class SubnetNetworkAclAssociation(Resource):
    """The network ACL of a subnet."""

    TYPE: ClassVar[str] = "AWS::EC2::SubnetNetworkAclAssociation"

    subnet_id: SubnetId
    network_acl_id: NetworkAclId
