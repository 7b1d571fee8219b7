"""Load balancers, as CloudFormation describes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from attrs import field, frozen

from model.ec2.resources import SecurityGroupId, SubnetId
from model.elb import attributes
from model.elb.attributes import (
    LOAD_BALANCER,
    NETWORK_LOAD_BALANCER,
    Attribute,
    KeyValue,
    known_attributes,
)
from model.fields import at_least, not_simulated, one_of
from model.resources import Resource

FLOW_IDLE_TIMEOUT = 350.0
"""Seconds without data after which a Network Load Balancer gives up a TCP flow."""


@frozen(kw_only=True)
class SubnetMapping:
    """A subnet that a load balancer has a node in."""

    INERT: ClassVar[frozenset[str]] = frozenset(
        {"AllocationId", "IPv6Address", "PrivateIPv4Address", "SourceNatIpv6Prefix"}
    )

    subnet_id: SubnetId


@frozen(kw_only=True)
class MinimumLoadBalancerCapacity:
    """Capacity units that are reserved."""

    capacity_units: int = field(validator=at_least(100))


@frozen(kw_only=True)
class LoadBalancer(Resource):
    """An Application or Network Load Balancer."""

    TYPE: ClassVar[str] = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "EnableCapacityReservationProvisionStabilize",
            "EnablePrefixForIpv6SourceNat",
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
            "IpAddressType",
            "Ipv4IpamPoolId",
            "Tags",
        }
    )

    name: str | None = None
    minimum_load_balancer_capacity: MinimumLoadBalancerCapacity | None = None
    type: str = field(
        default="application",
        validator=[
            not_simulated(gateway="only application and network ones are"),
            one_of("application", "network"),
        ],
    )
    scheme: str = field(default="internet-facing", validator=one_of("internet-facing", "internal"))
    subnets: tuple[SubnetId, ...] = ()
    subnet_mappings: tuple[SubnetMapping, ...] = ()
    security_groups: tuple[SecurityGroupId, ...] = ()
    load_balancer_attributes: tuple[KeyValue, ...] = field(default=(), validator=known_attributes)

    def __attrs_post_init__(self) -> None:
        if bool(self.subnets) == bool(self.subnet_mappings):
            raise ValueError("give either Subnets or SubnetMappings")
        if not self.network and len(self.subnet_ids) < 2:
            raise ValueError("an Application Load Balancer needs subnets in at least two zones")

    @property
    def network(self) -> bool:
        """Whether it balances flows instead of requests."""
        return self.type == "network"

    @property
    def known(self) -> Mapping[str, Attribute]:
        """The attributes that it may have."""
        return NETWORK_LOAD_BALANCER if self.network else LOAD_BALANCER

    @property
    def namespace(self) -> str:
        """Of its metrics."""
        return "AWS/NetworkELB" if self.network else "AWS/ApplicationELB"

    @property
    def cross_zone(self) -> bool:
        """Whether nodes use targets of other zones, where a target group does not say it."""
        return self._attribute("load_balancing.cross_zone.enabled") == "true"

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets of its nodes, by logical id."""
        return self.subnets or tuple(mapping.subnet_id for mapping in self.subnet_mappings)

    @property
    def full_name(self) -> str:
        """The value of the metrics' LoadBalancer dimension: `app/NAME/ID` or `net/NAME/ID`."""
        return self.identity.attributes["LoadBalancerFullName"]

    @property
    def kind(self) -> str:
        """Its type."""
        return self.type

    @property
    def dimension(self) -> tuple[str, str]:
        """Name and value of the dimension by which its metrics are known."""
        return "LoadBalancer", self.full_name

    @property
    def zonal_shift(self) -> bool:
        """Whether traffic may be led away from a zone."""
        return self._attribute("zonal_shift.config.enabled") == "true"

    @property
    def desync_mitigation_mode(self) -> str:
        """Which requests that do not comply with RFC 7230 are blocked."""
        return self._attribute("routing.http.desync_mitigation_mode")

    @property
    def drops_invalid_headers(self) -> bool:
        """Whether headers whose names are not valid are removed."""
        return self._attribute("routing.http.drop_invalid_header_fields.enabled") == "true"

    def _attribute(self, key: str) -> str:
        return attributes.value(self.load_balancer_attributes, self.known, key)

    @property
    def idle_timeout(self) -> float:
        """Seconds without data after which a connection is given up (of a Network Load Balancer:
        unless its listener says otherwise)."""
        if self.network:
            return FLOW_IDLE_TIMEOUT
        return float(self._attribute("idle_timeout.timeout_seconds"))

    @property
    def keep_alive(self) -> float:
        """Seconds that a client keeps one connection at most."""
        if self.network:
            return math.inf
        return float(self._attribute("client_keep_alive.seconds"))
