"""Target groups and their health checks, as CloudFormation describes them.

Defaults and ranges are those of "Health checks for Application Load Balancer target groups" and
"Health checks for Network Load Balancer target groups".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from attrs import Attribute, field, frozen

from model.ec2.machines import address_problem
from model.ec2.resources import VpcId
from model.elb import attributes
from model.elb.attributes import (
    FUNCTION_TARGET_GROUP,
    NETWORK_IP_TARGET_GROUP,
    NETWORK_TARGET_GROUP,
    TARGET_GROUP,
    KeyValue,
    known_attributes,
)
from model.elb.attributes import Attribute as Known
from model.elb.resources.targets import Matcher, TargetDescription, ranges
from model.elb.targets import DESCRIPTIONS, HealthStatus, Reason, TargetState
from model.fields import FieldError, between, length, not_simulated, one_of
from model.resources import Resource

REGISTRATION_SECONDS = 4.0
"""From RegisterTargets to the first health check; AWS promises nothing."""
NETWORK_REGISTRATION_SECONDS = 90.0
"""The same with a Network Load Balancer, where it can take minutes."""
FLOWS = ("TCP", "TLS", "UDP", "TCP_UDP")
"""Protocols of target groups that serve a Network Load Balancer."""


RESERVED_COOKIES = ("AWSALB", "AWSALBAPP", "AWSALBTG")
"""Names that an application's cookie cannot have."""


def _threshold_key(action: str, unit: str) -> str:
    return f"target_group_health.{action}.minimum_healthy_targets.{unit}"


@frozen(kw_only=True)
class TargetGroup(Resource):
    """Targets that serve the same requests, and how their health is checked."""

    TYPE: ClassVar[str] = "AWS::ElasticLoadBalancingV2::TargetGroup"
    INERT: ClassVar[frozenset[str]] = frozenset({"IpAddressType", "Tags"})
    REFUSED: ClassVar[dict[str, str]] = {
        "TargetControlPort": "the target optimizer is not simulated yet",
    }

    name: str | None = None
    target_type: str = field(
        default="instance", validator=one_of("instance", "ip", "lambda", "alb")
    )
    vpc_id: VpcId | None = None
    port: int = field()
    protocol: str = field(default="", validator=one_of("", "HTTP", "HTTPS", *FLOWS))
    protocol_version: str = field(
        default="HTTP1",
        validator=[not_simulated(GRPC="only HTTP is"), one_of("HTTP1", "HTTP2")],
    )
    health_check_enabled: bool = field()
    health_check_protocol: str = field(validator=one_of("HTTP", "HTTPS", "TCP"))
    health_check_path: str | None = field(validator=length(1, 1024))
    health_check_port: str = field(default="traffic-port")
    health_check_interval_seconds: int = field(validator=between(5, 300))
    health_check_timeout_seconds: int = field(validator=between(2, 120))
    healthy_threshold_count: int = field(default=5, validator=between(2, 10))
    unhealthy_threshold_count: int = field(validator=between(2, 10))
    matcher: Matcher = field()
    targets: tuple[TargetDescription, ...] = ()
    target_group_attributes: tuple[KeyValue, ...] = field(default=(), validator=known_attributes)

    @port.default
    def _no_port(self) -> int:
        return 0

    @port.validator
    def _one_port(self, attribute: Attribute[int], value: int) -> None:
        if self.invokes and value:
            raise FieldError(attribute, "must be left out for lambda targets")
        if not self.invokes and not 1 <= value <= 65_535:
            raise FieldError(attribute, f"must be from 1 to 65535, not {value}")

    @health_check_enabled.default
    def _check(self) -> bool:
        return not self.invokes

    @health_check_interval_seconds.default
    def _interval(self) -> int:
        return 35 if self.invokes else 30

    @unhealthy_threshold_count.default
    def _failures(self) -> int:
        return 5 if self.invokes else 2

    @health_check_protocol.default
    def _check_protocol(self) -> str:
        return "TCP" if self.network and not self.relays else "HTTP"

    @health_check_path.default
    def _check_path(self) -> str | None:
        return None if self.health_check_protocol == "TCP" else "/"

    @health_check_timeout_seconds.default
    def _check_timeout(self) -> int:
        if self.invokes:
            return 30
        if not self.network:
            return 5
        return 6 if self.health_check_protocol == "HTTP" else 10

    @matcher.default
    def _codes(self) -> Matcher:
        return Matcher(http_code="200-399" if self.network else "200")

    @matcher.validator
    def _most(self, attribute: Attribute[Matcher], value: Matcher) -> None:
        if not self.network and any(high > 499 for _, high in ranges(value.http_code)):
            raise FieldError(
                attribute,
                f"must be codes from 200 to 499, such as 200 or 200-299: {value.http_code}",
            )

    @health_check_path.validator
    def _path(self, attribute: Attribute[str], value: str | None) -> None:
        if value is not None and not value.startswith("/"):
            raise FieldError(attribute, f"must begin with a slash: {value!r}")

    @health_check_port.validator
    def _port(self, attribute: Attribute[str], value: str) -> None:
        digits = re.fullmatch(r"[0-9]{1,5}", value)
        if value != "traffic-port" and not (digits and 1 <= int(value) <= 65_535):
            raise FieldError(attribute, f"must be traffic-port or from 1 to 65535, not {value!r}")

    def __attrs_post_init__(self) -> None:
        self._check_port()
        if self.relays:
            self._check_relay()
        if self.health_check_protocol == "TCP":
            if not self.network:
                raise ValueError("health checks of an Application Load Balancer are HTTP or HTTPS")
            if self.health_check_path is not None:
                raise ValueError("HealthCheckPath is for HTTP and HTTPS health checks, not for TCP")
        if not self.health_check_enabled and not self.invokes:
            raise ValueError(f"HealthCheckEnabled must be true for {self.target_type} targets")
        # checks by TCP may come every ten seconds, with a time-out of ten seconds
        longest = self.health_check_interval_seconds - (not self.network)
        if self.health_check_timeout_seconds > longest:
            raise ValueError(
                f"HealthCheckTimeoutSeconds ({self.health_check_timeout_seconds}) must be less "
                f"than HealthCheckIntervalSeconds ({self.health_check_interval_seconds})"
            )
        self._check_stickiness()
        if self.target_type == "ip":
            for target in self.targets:
                self.check_address(target)
        for unit in ("count", "percentage"):
            self._compare_thresholds(unit)
        if not self.network and self.slow_start and self.algorithm != "round_robin":
            raise ValueError(
                f"slow_start.duration_seconds must be 0 where load_balancing.algorithm.type is "
                f"{self.algorithm}: slow start goes with round_robin only"
            )

        if self.protocol in ("UDP", "TCP_UDP") and not self.preserves_client_ip:
            raise ValueError(f"preserve_client_ip.enabled cannot be false for {self.protocol}")
        if self.algorithm != "weighted_random" and self.mitigates:
            raise ValueError(
                "load_balancing.algorithm.anomaly_mitigation must be off where "
                f"load_balancing.algorithm.type is {self.algorithm}: it goes with weighted_random"
            )

    def _check_relay(self) -> None:
        """Source: "Use Application Load Balancers as targets of a Network Load Balancer"."""
        if self.protocol != "TCP":
            raise ValueError(f"a target group for a load balancer is for TCP, not {self.protocol}")
        if self.health_check_protocol == "TCP":
            raise ValueError("HealthCheckProtocol must be HTTP or HTTPS for alb targets")
        if len(self.targets) > 1:
            raise ValueError("a target group takes one Application Load Balancer")
        if self.target_group_attributes:
            raise ValueError("the attributes of a target group for a load balancer are fixed")
        for target in self.targets:
            if target.port not in (None, self.port):
                raise ValueError(
                    f"the target's Port ({target.port}) must be that of the target group "
                    f"({self.port})"
                )

    def _check_port(self) -> None:
        """A function has no port, and no protocol but that of its event."""
        if self.invokes:
            given = {"Protocol": self.protocol, "VpcId": self.vpc_id}
            for name in (name for name, value in given.items() if value):
                raise ValueError(f"{name} must be left out for lambda targets")
            if len(self.targets) > 1:
                raise ValueError("a target group takes one Lambda function")
            return
        if not self.protocol:
            raise ValueError("a target group needs a Protocol")

    def _check_stickiness(self) -> None:
        if self.protocol == "TLS" and self.sticky_by is not None:
            raise ValueError("stickiness by source_ip is not for TLS")
        if self.session is None:
            return
        if self.algorithm == "weighted_random":
            raise ValueError("stickiness does not go with the algorithm weighted_random")
        if self.cross_zone is False:
            raise ValueError("stickiness needs cross-zone load balancing")
        name = self._attribute("stickiness.app_cookie.cookie_name")
        if self._attribute("stickiness.type") != "app_cookie":
            return
        if not name:
            raise ValueError("app_cookie needs stickiness.app_cookie.cookie_name")
        if name.startswith(RESERVED_COOKIES):
            raise ValueError(f"the names {', '.join(RESERVED_COOKIES)}... are the load balancer's")

    def check_address(self, target: TargetDescription) -> None:
        """Whether an address can be a target; `ValueError` says what would be right."""
        problem = address_problem(target.id)
        if problem is not None:
            raise ValueError(problem)
        if self.cross_zone is False and target.availability_zone == "all":
            raise ValueError(
                f"{target.id} is in the zone `all`, which needs cross-zone load balancing"
            )

    def _compare_thresholds(self, unit: str) -> None:
        """DNS failover has to come before routing failover or with it, where both are given."""
        given = {item.key for item in self.target_group_attributes}
        actions = ("dns_failover", "unhealthy_state_routing")
        if not given.issuperset(_threshold_key(action, unit) for action in actions):
            return
        dns, routing = (self._minimum(action, unit) for action in actions)
        if dns is not None and routing is not None and dns < routing:
            raise ValueError(
                f"{_threshold_key('dns_failover', unit)} ({dns}) must not be less than "
                f"{_threshold_key('unhealthy_state_routing', unit)} ({routing})"
            )

    @property
    def full_name(self) -> str:
        """The value of the metrics' TargetGroup dimension: `targetgroup/NAME/ID`."""
        return self.identity.attributes["TargetGroupFullName"]

    @property
    def dimension(self) -> tuple[str, str]:
        """Name and value of the dimension by which its metrics are known."""
        return "TargetGroup", self.full_name

    def matches(self, status: int) -> bool:
        """Whether a health check with this status passes."""
        return any(low <= status <= high for low, high in ranges(self.matcher.http_code))

    @property
    def network(self) -> bool:
        """Whether it is one of a Network Load Balancer: what comes are flows."""
        return self.protocol in FLOWS

    @property
    def invokes(self) -> bool:
        """Whether its target is a Lambda function."""
        return self.target_type == "lambda"

    @property
    def relays(self) -> bool:
        """Whether its target is an Application Load Balancer."""
        return self.target_type == "alb"

    @property
    def walled(self) -> bool:
        """Whether security groups and network ACLs may be in the way to its targets."""
        return not (self.invokes or self.relays)

    @property
    def counts_hosts(self) -> bool:
        """Whether metrics tell how many targets are healthy."""
        return self.health_check_enabled and not self.relays

    @property
    def registration_seconds(self) -> float:
        """From RegisterTargets to the first health check."""
        return NETWORK_REGISTRATION_SECONDS if self.network else REGISTRATION_SECONDS

    @property
    def surge(self) -> int:
        """Nothing waits at the nodes."""
        return 0

    def health_status(self, state: TargetState, reason: Reason) -> HealthStatus:
        """What DescribeTargetHealth shows of a target's state."""
        return HealthStatus(state.value, reason.value)

    def description(self, state: TargetState, reason: Reason, instance: str) -> str:
        """The same for a person, of a target on an instance in some state of its own."""
        return DESCRIPTIONS[reason].format(state=instance)

    @property
    def known(self) -> Mapping[str, Known]:
        """The attributes that it may have."""
        if self.invokes:
            return FUNCTION_TARGET_GROUP
        if not self.network:
            return TARGET_GROUP
        if self.target_type == "ip" and self.protocol in ("TCP", "TLS"):
            return NETWORK_IP_TARGET_GROUP
        return NETWORK_TARGET_GROUP

    def _attribute(self, key: str) -> str:
        return attributes.value(self.target_group_attributes, self.known, key)

    @property
    def preserves_client_ip(self) -> bool:
        """Whether targets see the addresses of clients."""
        return self.network and self._attribute("preserve_client_ip.enabled") == "true"

    @property
    def ends_flows_of_deregistered(self) -> bool:
        """Whether flows are ended when the deregistration delay is over (else they go on)."""
        key = "deregistration_delay.connection_termination.enabled"
        given = any(item.key == key for item in self.target_group_attributes)
        if self.protocol in ("UDP", "TCP_UDP") and not given:
            return True
        return not self.network or self._attribute(key) == "true"

    @property
    def ends_flows_of_unhealthy(self) -> bool:
        """Whether flows to a target end when it becomes unhealthy."""
        key = "target_health_state.unhealthy.connection_termination.enabled"
        return self.network and self._attribute(key) == "true"

    @property
    def draining_interval(self) -> float:
        """Seconds between failing its checks and being unhealthy, if flows are not ended."""
        if not self.network or self.ends_flows_of_unhealthy:
            return 0.0
        key = "target_health_state.unhealthy.draining_interval_seconds"
        return float(self._attribute(key))

    def _minimum(self, action: str, unit: str) -> int | None:
        if self.invokes:
            return None
        value = self._attribute(_threshold_key(action, unit))
        return None if value == "off" else int(value)

    @property
    def deregistration_delay(self) -> float:
        """Seconds a deregistered target may take to finish its requests."""
        if self.invokes:
            return 0.0
        return float(self._attribute("deregistration_delay.timeout_seconds"))

    @property
    def algorithm(self) -> str:
        """How a node chooses among the targets."""
        if self.network:
            return "flow_hash"
        if self.invokes:
            return "round_robin"
        return self._attribute("load_balancing.algorithm.type")

    @property
    def mitigates(self) -> bool:
        """Whether targets that fail more than their peers are sent less."""
        key = "load_balancing.algorithm.anomaly_mitigation"
        return self.compared and self._attribute(key) == "on"

    @property
    def compared(self) -> bool:
        """Whether targets that fail more than their peers are found."""
        return not (self.network or self.invokes)

    @property
    def slow_start(self) -> float:
        """Seconds in which a new target's share grows to that of the others; 0: it does not."""
        if self.network or self.invokes:
            return 0.0
        return float(self._attribute("slow_start.duration_seconds"))

    @property
    def renews_sessions(self) -> bool:
        """A cookie's time begins anew with each answer."""
        return True

    @property
    def sticky_by(self) -> str | None:
        """What keeps a client at its target (`stickiness.type`); None: nothing does."""
        enabled = not self.invokes and self._attribute("stickiness.enabled") == "true"
        return self._attribute("stickiness.type") if enabled else None

    @property
    def session(self) -> float | None:
        """Seconds that a cookie keeps a client at its target; None: none does."""
        kind = self.sticky_by
        if self.network or kind is None:
            return None
        return float(self._attribute(f"stickiness.{kind}.duration_seconds"))

    @property
    def cross_zone(self) -> bool | None:
        """Whether nodes also use targets of other zones; None: as the load balancer says."""
        if self.invokes or self.relays:
            return True
        return {"true": True, "false": False}.get(
            self._attribute("load_balancing.cross_zone.enabled")
        )

    @property
    def dns_failover_count(self) -> int | None:
        """With fewer healthy targets a zone leaves DNS; None: off."""
        return self._minimum("dns_failover", "count")

    @property
    def dns_failover_percentage(self) -> int | None:
        """With a smaller share of healthy targets a zone leaves DNS; None: off."""
        return self._minimum("dns_failover", "percentage")

    @property
    def unhealthy_state_routing_count(self) -> int | None:
        """With fewer healthy targets a node sends to all of them; None: off."""
        return self._minimum("unhealthy_state_routing", "count")

    @property
    def unhealthy_state_routing_percentage(self) -> int | None:
        """With a smaller share of healthy targets a node sends to all of them; None: off."""
        return self._minimum("unhealthy_state_routing", "percentage")
