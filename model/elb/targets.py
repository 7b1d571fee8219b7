"""A registered target: its state of health, and the load it carries."""

from __future__ import annotations

from enum import StrEnum

from attrs import define, field, frozen

from model.clock import Event
from model.ec2.instances import Instance
from model.flow.station import Station


class TargetState(StrEnum):
    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNHEALTHY_DRAINING = "unhealthy.draining"
    """A Network Load Balancer gives what goes on inside it some time."""
    UNUSED = "unused"
    DRAINING = "draining"
    UNAVAILABLE = "unavailable"
    """Its health is not checked; it is sent requests."""


IN_ROTATION = frozenset({TargetState.HEALTHY, TargetState.UNAVAILABLE})
"""What a load balancer sends requests to."""
AILING = frozenset({TargetState.UNHEALTHY, TargetState.UNHEALTHY_DRAINING})
"""What failed its checks."""
REGISTERED = frozenset({TargetState.INITIAL}) | IN_ROTATION | AILING
"""What a load balancer that fails open may send requests to."""


class Reason(StrEnum):
    """TargetHealthReasonEnum: why a target is not simply healthy."""

    NONE = ""
    REGISTRATION_IN_PROGRESS = "Elb.RegistrationInProgress"
    INITIAL_HEALTH_CHECKING = "Elb.InitialHealthChecking"
    RESPONSE_CODE_MISMATCH = "Target.ResponseCodeMismatch"
    TIMEOUT = "Target.Timeout"
    FAILED_HEALTH_CHECKS = "Target.FailedHealthChecks"
    NOT_REGISTERED = "Target.NotRegistered"
    NOT_IN_USE = "Target.NotInUse"
    INVALID_STATE = "Target.InvalidState"
    DEREGISTRATION_IN_PROGRESS = "Target.DeregistrationInProgress"
    HEALTH_CHECK_DISABLED = "Target.HealthCheckDisabled"


FAILING_STATUS = 503
"""What a service answers to health checks while it is made to fail them."""

GROUP_NOT_IN_USE = "Target group is not configured to receive traffic from the load balancer"
"""The description of a target that is not in use because its whole group is not."""

DESCRIPTIONS: dict[Reason, str] = {
    Reason.NONE: "",
    Reason.REGISTRATION_IN_PROGRESS: "Target registration is in progress",
    Reason.INITIAL_HEALTH_CHECKING: "Initial health checks in progress",
    Reason.RESPONSE_CODE_MISMATCH: f"Health checks failed with these codes: [{FAILING_STATUS}]",
    Reason.TIMEOUT: "Request timed out",
    Reason.FAILED_HEALTH_CHECKS: "Health checks failed",
    Reason.NOT_REGISTERED: "Target is not registered to the target group",
    Reason.NOT_IN_USE: "Target is in an Availability Zone that is not enabled for the load "
    "balancer",
    Reason.INVALID_STATE: "Target is in the {state} state",
    Reason.DEREGISTRATION_IN_PROGRESS: "Target deregistration is in progress",
    Reason.HEALTH_CHECK_DISABLED: "Health checks are disabled",
}


@frozen
class HealthStatus:
    """What DescribeTargetHealth shows of one target."""

    state: str
    reason: str


@define(eq=False)
class Target:
    """One instance and port in one target group."""

    group: str
    instance: Instance
    port: int
    station: Station
    state: TargetState = TargetState.INITIAL
    reason: Reason = Reason.REGISTRATION_IN_PROGRESS
    passes: int = 0
    """Health checks passed in a row."""
    failures: int = 0
    """Health checks failed in a row."""
    blocked: bool = False
    """A firewall drops what the load balancer sends to its port."""
    checks_blocked: bool = False
    """A firewall drops health checks."""
    shifted: bool = False
    """A zonal shift keeps new requests away from it."""
    failed_at: float = 0.0
    """When it last began to drain because its checks failed."""
    eager: bool = False
    """Registered while no target of its group was healthy: it does not start slowly at first."""
    first_check: float | None = None
    """When its checks began: they repeat on this grid. None: not yet."""
    last_check: float = float("-inf")
    next_check: Event | None = None
    """The check to come; None while its outcome is certain and would change nothing."""

    id: str = field(init=False)
    """`instance:port`, as reports name it; of a function its name."""

    @id.default
    def _compute_id(self) -> str:
        return f"{self.instance.id}:{self.port}" if self.port else self.instance.id

    def take(self, station: Station) -> None:
        """Be described by another station, in the same state."""
        self.instance.exchange_station(self.station, station)
        self.station = station

    @property
    def zone(self) -> str:
        return self.instance.zone

    @property
    def registered(self) -> bool:
        """Whether a load balancer that fails open may send it requests."""
        return self.state in REGISTERED
