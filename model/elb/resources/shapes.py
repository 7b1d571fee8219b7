"""What the behaviour reads of load balancers and their targets, whatever resource says it.

An Application or Network Load Balancer sends requests to target groups; a Classic Load Balancer has
instances of its own. Both are balancers with pools of targets.
"""

from __future__ import annotations

from typing import Protocol

from model.elb.targets import HealthStatus, Reason, TargetState
from model.resources import Identity


class Balancer(Protocol):
    """A load balancer's configuration."""

    @property
    def identity(self) -> Identity: ...
    @property
    def logical_id(self) -> str: ...
    @property
    def kind(self) -> str:
        """`application`, `network` or `classic`."""
        ...

    @property
    def scheme(self) -> str: ...
    @property
    def subnet_ids(self) -> tuple[str, ...]: ...
    @property
    def security_groups(self) -> tuple[str, ...]: ...
    @property
    def cross_zone(self) -> bool:
        """Whether nodes use targets of other zones, where a pool does not say it."""
        ...

    @property
    def idle_timeout(self) -> float:
        """Seconds without data after which a connection is given up."""
        ...

    @property
    def keep_alive(self) -> float:
        """Seconds that a client keeps one connection at most."""
        ...

    @property
    def desync_mitigation_mode(self) -> str:
        """How requests are met that are not quite as RFC 7230 has them."""
        ...

    @property
    def drops_invalid_headers(self) -> bool:
        """Whether headers whose names are not valid are taken out of requests."""
        ...

    @property
    def zonal_shift(self) -> bool:
        """Whether traffic may be led away from a zone."""
        ...

    @property
    def namespace(self) -> str:
        """Of its metrics."""
        ...

    @property
    def dimension(self) -> tuple[str, str]:
        """Name and value of the dimension by which its metrics are known."""
        ...


class Pool(Protocol):
    """How targets are checked and chosen."""

    @property
    def logical_id(self) -> str: ...
    @property
    def port(self) -> int:
        """Where targets are sent requests if they name no port of their own."""
        ...

    @property
    def dimension(self) -> tuple[str, str]:
        """Name and value of the dimension by which its metrics are known."""
        ...

    @property
    def network(self) -> bool:
        """Whether flows (or connections) come instead of requests."""
        ...

    @property
    def invokes(self) -> bool:
        """Whether its target is a Lambda function."""
        ...

    @property
    def relays(self) -> bool:
        """Whether its target is another load balancer."""
        ...

    @property
    def walled(self) -> bool:
        """Whether security groups and network ACLs may be in the way to its targets."""
        ...

    @property
    def counts_hosts(self) -> bool:
        """Whether metrics tell how many targets are healthy."""
        ...

    @property
    def health_check_enabled(self) -> bool: ...
    @property
    def registration_seconds(self) -> float:
        """From registration to the first health check."""
        ...

    @property
    def health_check_protocol(self) -> str: ...
    @property
    def health_check_port(self) -> str:
        """A port, or `traffic-port`."""
        ...

    @property
    def health_check_interval_seconds(self) -> int: ...
    @property
    def health_check_timeout_seconds(self) -> int: ...
    @property
    def healthy_threshold_count(self) -> int: ...
    @property
    def unhealthy_threshold_count(self) -> int: ...
    def matches(self, status: int) -> bool:
        """Whether a health check with this status passes."""
        ...

    def health_status(self, state: TargetState, reason: Reason) -> HealthStatus:
        """What an operator is shown of a target's state."""
        ...

    def description(self, state: TargetState, reason: Reason, instance: str) -> str:
        """The same for a person, of a target on an instance in some state of its own."""
        ...

    @property
    def algorithm(self) -> str:
        """How a node chooses among the targets."""
        ...

    @property
    def slow_start(self) -> float:
        """Seconds in which a new target's share grows to that of the others; 0: it does not."""
        ...

    @property
    def session(self) -> float | None:
        """Seconds that a client stays at its target; None: sessions are not sticky."""
        ...

    @property
    def renews_sessions(self) -> bool:
        """Whether each answer begins the session's time anew."""
        ...

    @property
    def sticky_by(self) -> str | None:
        """What keeps a client at its target: `lb_cookie`, `app_cookie` or `source_ip`."""
        ...

    @property
    def mitigates(self) -> bool:
        """Whether targets that fail more than their peers are sent less."""
        ...

    @property
    def compared(self) -> bool:
        """Whether targets that fail more than their peers are found."""
        ...

    @property
    def surge(self) -> int:
        """Requests that may wait at each node for a target that accepts them."""
        ...

    @property
    def cross_zone(self) -> bool | None:
        """Whether nodes also use targets of other zones; None: as the load balancer says."""
        ...

    @property
    def dns_failover_count(self) -> int | None:
        """With fewer healthy targets a zone leaves DNS; None: off."""
        ...

    @property
    def dns_failover_percentage(self) -> int | None:
        """With a smaller share of healthy targets a zone leaves DNS; None: off."""
        ...

    @property
    def unhealthy_state_routing_count(self) -> int | None:
        """With fewer healthy targets a node sends to all of them; None: never."""
        ...

    @property
    def unhealthy_state_routing_percentage(self) -> int | None:
        """With a smaller share of healthy targets a node sends to all of them; None: never."""
        ...

    @property
    def deregistration_delay(self) -> float:
        """Seconds a deregistered target may take to finish its requests."""
        ...

    @property
    def ends_flows_of_deregistered(self) -> bool:
        """Whether what goes on is ended when that delay is over."""
        ...

    @property
    def ends_flows_of_unhealthy(self) -> bool:
        """Whether flows to a target end when it becomes unhealthy."""
        ...

    @property
    def draining_interval(self) -> float:
        """Seconds between failing its checks and being unhealthy, if flows are not ended."""
        ...

    @property
    def preserves_client_ip(self) -> bool:
        """Whether targets see the addresses of clients."""
        ...
