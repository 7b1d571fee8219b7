"""Classic Load Balancers, as CloudFormation describes them.

Source: the CloudFormation reference of AWS::ElasticLoadBalancing::LoadBalancer and the API
reference of 2012-06-01.
"""

from __future__ import annotations

import math
import re
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from model.ec2.resources import SecurityGroupId, SubnetId
from model.elb.resources.actions import Action
from model.elb.resources.classic_parts import (
    CONNECTIONS,
    AdditionalAttribute,
    AppCookieStickinessPolicy,
    ClassicListener,
    ConnectionDrainingPolicy,
    ConnectionSettings,
    HealthCheck,
    LBCookieStickinessPolicy,
    Policy,
)
from model.elb.targets import HealthStatus, Reason, TargetState
from model.fields import FieldError, length, one_of
from model.resources import Resource

REGISTRATION_SECONDS = 10.0
"""From RegisterInstancesWithLoadBalancer to the first health check; AWS says up to 30 s."""
SURGE_QUEUE = 1024
"""Requests that may wait at one node for an instance that accepts them."""


@frozen(kw_only=True)
class ClassicPool:
    """How the instances of a Classic Load Balancer are checked and chosen on one of their ports."""

    logical_id: str
    port: int
    network: bool
    session: float | None
    resource: ClassicLoadBalancer = field(repr=False)

    invokes: bool = False
    relays: bool = False
    walled: bool = True
    counts_hosts: bool = True
    health_check_enabled: bool = True
    registration_seconds: float = REGISTRATION_SECONDS
    surge: int = SURGE_QUEUE
    slow_start: float = 0.0
    dns_failover_count: int | None = 1
    dns_failover_percentage: int | None = None
    unhealthy_state_routing_count: int | None = None
    unhealthy_state_routing_percentage: int | None = None
    ends_flows_of_deregistered: bool = True
    ends_flows_of_unhealthy: bool = False
    draining_interval: float = 0.0
    preserves_client_ip: bool = False
    renews_sessions: bool = False
    mitigates: bool = False
    compared: bool = False

    @property
    def sticky_by(self) -> str | None:
        """A cookie, if anything does."""
        return None if self.session is None else "lb_cookie"

    @property
    def algorithm(self) -> str:
        """Requests go where the fewest are outstanding, connections in turn."""
        return "round_robin" if self.network else "least_outstanding_requests"

    @property
    def dimension(self) -> tuple[str, str]:
        return self.resource.dimension

    @property
    def cross_zone(self) -> bool:
        return self.resource.cross_zone

    @property
    def deregistration_delay(self) -> float:
        """Seconds that connections may drain; without draining they are closed at once."""
        draining = self.resource.connection_draining_policy
        return float(draining.timeout) if draining is not None and draining.enabled else 0.0

    @property
    def health_check_protocol(self) -> str:
        """SSL asks for a connection alone, as TCP does."""
        own = self.resource.health_check.protocol
        return "TCP" if own == "SSL" else own

    @property
    def health_check_port(self) -> str:
        return self.resource.health_check.port

    @property
    def health_check_interval_seconds(self) -> int:
        return self.resource.health_check.interval

    @property
    def health_check_timeout_seconds(self) -> int:
        return self.resource.health_check.timeout

    @property
    def healthy_threshold_count(self) -> int:
        return self.resource.health_check.healthy_threshold

    @property
    def unhealthy_threshold_count(self) -> int:
        return self.resource.health_check.unhealthy_threshold

    def matches(self, status: int) -> bool:
        """Only 200 will do."""
        return status == 200

    def health_status(self, state: TargetState, reason: Reason) -> HealthStatus:
        """DescribeInstanceHealth: the state, and whether the load balancer or the instance is the
        reason for it."""
        if state in (TargetState.HEALTHY, TargetState.DRAINING):
            return HealthStatus("InService", "N/A")
        own = state is TargetState.UNHEALTHY or reason is Reason.INVALID_STATE
        return HealthStatus("OutOfService", "Instance" if own else "ELB")

    def description(self, state: TargetState, reason: Reason, instance: str) -> str:
        """The same for a person, of an instance in some state of its own."""
        if state is TargetState.UNHEALTHY:
            return FAILED_CHECKS
        return DESCRIBED.get(reason, "N/A").format(state=instance)


DESCRIBED: dict[Reason, str] = {
    Reason.REGISTRATION_IN_PROGRESS: "Instance registration is still in progress.",
    Reason.INITIAL_HEALTH_CHECKING: "Instance registration is still in progress.",
    Reason.NOT_REGISTERED: "Instance is not currently registered with the LoadBalancer.",
    Reason.NOT_IN_USE: "Instance is in the EC2 Availability Zone for which LoadBalancer is not "
    "configured to route traffic to.",
    Reason.INVALID_STATE: "Instance is in {state} state.",
    Reason.DEREGISTRATION_IN_PROGRESS: "Instance deregistration currently in progress.",
}
FAILED_CHECKS = (
    "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
)


@frozen(kw_only=True)
class ClassicLoadBalancer(Resource):
    """A Classic Load Balancer with its listeners and instances."""

    TYPE: ClassVar[str] = "AWS::ElasticLoadBalancing::LoadBalancer"
    INERT: ClassVar[frozenset[str]] = frozenset({"AccessLoggingPolicy", "Tags"})
    REFUSED: ClassVar[dict[str, str]] = {
        "AdditionalAttributes": "no property of a template; use ModifyLoadBalancerAttributes",
        "AvailabilityZones": "EC2-Classic is no more; name Subnets",
    }

    load_balancer_name: str | None = field(default=None)
    listeners: tuple[ClassicListener, ...] = field(validator=length(1, 100))
    subnets: tuple[SubnetId, ...] = field(validator=length(1))
    security_groups: tuple[SecurityGroupId, ...] = ()
    scheme: str = field(default="internet-facing", validator=one_of("internet-facing", "internal"))
    instances: tuple[str, ...] = ()
    cross_zone: bool = False
    health_check: HealthCheck = field()
    connection_draining_policy: ConnectionDrainingPolicy | None = None
    connection_settings: ConnectionSettings = field(factory=ConnectionSettings)
    lb_cookie_stickiness_policy: tuple[LBCookieStickinessPolicy, ...] = field(
        default=(), metadata={"name": "LBCookieStickinessPolicy"}
    )
    app_cookie_stickiness_policy: tuple[AppCookieStickinessPolicy, ...] = ()
    policies: tuple[Policy, ...] = ()
    additional_attributes: tuple[AdditionalAttribute, ...] = ()
    """What ModifyLoadBalancerAttributes set beside the rest; no property of a template."""

    @load_balancer_name.validator
    def _name(self, attribute: Attribute[str], value: str | None) -> None:
        if value is not None and not re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,32}(?<!-)", value):
            right = "must be up to 32 letters, digits and hyphens"
            raise FieldError(attribute, f"{right}, not {value!r}")

    @health_check.default
    def _first_port(self) -> HealthCheck:
        return HealthCheck.usual(self.listeners[0].instance_port)

    @listeners.validator
    def _ports(self, attribute: Attribute[Any], value: tuple[ClassicListener, ...]) -> None:
        for index, item in enumerate(value):
            if any(item.load_balancer_port == other.load_balancer_port for other in value[:index]):
                raise FieldError(
                    attribute, f"port {item.load_balancer_port} has a listener already", index
                )

    def __attrs_post_init__(self) -> None:
        cookies = {policy.policy_name for policy in self._cookies()}
        names = [policy.policy_name for policy in (*self._cookies(), *self.policies)]
        known = set(names)
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two policies are named {name}")
        for listener in self.listeners:
            for name in listener.policy_names:
                if name not in known:
                    raise ValueError(f"there is no policy {name}")
            sticky = [name for name in listener.policy_names if name in cookies]
            if len(sticky) > 1:
                raise ValueError(f"a listener takes one stickiness policy, not {len(sticky)}")
            if sticky and listener.network:
                raise ValueError(f"stickiness is for HTTP and HTTPS listeners: {sticky[0]}")

    def _cookies(self) -> tuple[LBCookieStickinessPolicy | AppCookieStickinessPolicy, ...]:
        return (*self.lb_cookie_stickiness_policy, *self.app_cookie_stickiness_policy)

    # -- as other load balancers --------------------------------------------------------------

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        return self.subnets

    @property
    def idle_timeout(self) -> float:
        return float(self.connection_settings.idle_timeout)

    @property
    def keep_alive(self) -> float:
        """A client keeps a connection for as long as it uses it."""
        return math.inf

    @property
    def desync_mitigation_mode(self) -> str:
        """The attribute `elb.http.desyncmitigationmode`."""
        return self.additional_attributes[0].value if self.additional_attributes else "defensive"

    @property
    def drops_invalid_headers(self) -> bool:
        """It has no such attribute."""
        return False

    @property
    def zonal_shift(self) -> bool:
        """Classic Load Balancers take no part in zonal shifts."""
        return False

    @property
    def namespace(self) -> str:
        return "AWS/ELB"

    @property
    def name(self) -> str:
        return self.identity.ref

    @property
    def kind(self) -> str:
        return "classic"

    @property
    def dimension(self) -> tuple[str, str]:
        return "LoadBalancerName", self.name

    # -- pools --------------------------------------------------------------------------------

    def _session(self, listener: ClassicListener) -> float | None:
        """Seconds that a client of a listener stays at its instance; None: it does not."""
        own = (p.session for p in self._cookies() if p.policy_name in listener.policy_names)
        return next(own, None)

    def pools(self) -> dict[int, ClassicPool]:
        """What each listener sends to, by its port; the first pool has the load balancer's id."""
        made: dict[tuple[int, bool, float | None], ClassicPool] = {}
        found = {}
        for listener in self.listeners:
            session = self._session(listener)
            key = listener.instance_port, listener.network, session
            if key not in made:
                number = f"-{len(made) + 1}" if made else ""
                made[key] = ClassicPool(
                    logical_id=self.logical_id + number,
                    port=listener.instance_port,
                    network=listener.network,
                    session=session,
                    resource=self,
                )
            found[listener.load_balancer_port] = made[key]
        return found


@frozen
class ClassicPort:
    """A listener at work: as those of other load balancers, without rules."""

    logical_id: str
    port: int
    protocol: str
    idle_timeout: float
    action: Action

    @property
    def network(self) -> bool:
        """Whether it balances connections instead of requests."""
        return self.protocol in CONNECTIONS


def ports(resource: ClassicLoadBalancer) -> dict[int, ClassicPort]:
    """The listeners of a Classic Load Balancer by their ports."""
    pools = resource.pools()
    return {
        item.load_balancer_port: ClassicPort(
            logical_id=f"{resource.logical_id}:{item.load_balancer_port}",
            port=item.load_balancer_port,
            protocol=item.protocol,
            idle_timeout=resource.idle_timeout,
            action=Action(
                type="forward", target_group_arn=pools[item.load_balancer_port].logical_id
            ),
        )
        for item in resource.listeners
    }
