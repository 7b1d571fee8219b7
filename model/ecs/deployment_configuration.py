"""How a service is deployed, as CloudFormation describes it.

Source: API DeploymentConfiguration; "How the Amazon ECS deployment circuit breaker detects
failures"; "How CloudWatch alarms detect Amazon ECS deployment failures".
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from attrs import field, frozen

from model.fields import at_least, between, not_simulated, one_of, refers_to

AlarmRef = Annotated[str, refers_to("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")]
LEAST_FAILURES, MOST_FAILURES = 3, 200
"""What a threshold of the type BOUNDED_PERCENT is kept within."""
BAKE_SECONDS = 240.0
"""How long alarms are watched after all tasks were replaced, unless BakeTimeInMinutes says it;
AWS: by the alarms, less than five minutes."""


@frozen(kw_only=True)
class ThresholdConfiguration:
    """How many failures of tasks are too many."""

    type: str = field(validator=one_of("BOUNDED_PERCENT", "UNBOUNDED_PERCENT", "COUNT"))
    value: int = field(validator=at_least(1))

    def __attrs_post_init__(self) -> None:
        if self.type != "COUNT" and self.value > 100:
            raise ValueError(f"Value must be from 1 to 100 for {self.type}, not {self.value}")

    def failures(self, desired: int) -> int:
        """The number that is too many, of a service that should have so many tasks."""
        if self.type == "COUNT":
            return self.value
        share = math.ceil(self.value * desired / 100 - 1e-9)
        if self.type == "UNBOUNDED_PERCENT":
            return share
        return min(max(share, LEAST_FAILURES), MOST_FAILURES)


@frozen(kw_only=True)
class CircuitBreaker:
    """Ends a deployment whose tasks do not come up."""

    enable: bool
    rollback: bool
    reset_on_healthy_task: bool = True
    """Whether only failures in a row count."""
    threshold_configuration: ThresholdConfiguration = ThresholdConfiguration(
        type="BOUNDED_PERCENT", value=50
    )


@frozen(kw_only=True)
class DeploymentAlarms:
    """Alarms that end a deployment."""

    alarm_names: tuple[AlarmRef, ...]
    enable: bool
    rollback: bool


@frozen(kw_only=True)
class DeploymentConfiguration:
    """How many tasks there may be while they are replaced, and when that has failed."""

    REFUSED: ClassVar[dict[str, str]] = {
        "CanaryConfiguration": "only rolling deployments are",
        "EarlySuccessCriteria": "a deployment is complete when all of its tasks are healthy",
        "LifecycleHooks": "only rolling deployments without hooks are",
        "LinearConfiguration": "only rolling deployments are",
    }

    minimum_healthy_percent: int = field(default=100, validator=between(0, 100))
    maximum_percent: int = field(default=200, validator=at_least(100))
    deployment_circuit_breaker: CircuitBreaker | None = None
    alarms: DeploymentAlarms | None = None
    bake_time_in_minutes: int | None = field(default=None, validator=between(0, 1440))
    strategy: str = field(
        default="ROLLING",
        validator=[
            not_simulated(
                **dict.fromkeys(("BLUE_GREEN", "LINEAR", "CANARY"), "only rolling deployments are")
            ),
            one_of("ROLLING"),
        ],
    )

    def __attrs_post_init__(self) -> None:
        if self.maximum_percent == self.minimum_healthy_percent == 100:
            raise ValueError(
                "MaximumPercent and MinimumHealthyPercent cannot both be 100: no task could be "
                "started or stopped"
            )

    def least(self, desired: int) -> int:
        """How many healthy tasks must be left."""
        return math.ceil(desired * self.minimum_healthy_percent / 100 - 1e-9)

    def most(self, desired: int) -> int:
        """How many tasks there may be that run or are about to."""
        return math.floor(desired * self.maximum_percent / 100 + 1e-9)

    @property
    def breaker(self) -> CircuitBreaker | None:
        """The circuit breaker, if it is on."""
        found = self.deployment_circuit_breaker
        return found if found is not None and found.enable else None

    @property
    def watched(self) -> tuple[str, ...]:
        """The alarms that end a deployment, by their logical ids."""
        return self.alarms.alarm_names if self.alarms is not None and self.alarms.enable else ()

    @property
    def bake_seconds(self) -> float:
        """How long alarms are watched when all tasks were replaced."""
        if self.bake_time_in_minutes is not None:
            return self.bake_time_in_minutes * 60.0
        return BAKE_SECONDS if self.watched else 0.0


ROLLING = DeploymentConfiguration()
"""As a service is deployed that says nothing of it."""
