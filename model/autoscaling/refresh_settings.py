"""What is said of an instance refresh when it is started.

Sources: API StartInstanceRefresh, RefreshPreferences, DesiredConfiguration; "Understand the default
values for an instance refresh".
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen

from model.ec2.launch_templates import LaunchTemplateSpecification
from model.fields import FieldError, between, each, length, one_of, refers_to

AlarmRef = Annotated[str, refers_to("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")]
LONGEST_WAIT = 172_800
DEFAULT_MIN, DEFAULT_MAX = 90, 100
"""Percent, where neither the preferences nor a maintenance policy say anything."""


@frozen(kw_only=True)
class AlarmSpecification:
    """Alarms that end a refresh."""

    alarms: tuple[AlarmRef, ...] = field(validator=length(1, 10))


@frozen(kw_only=True)
class DesiredConfiguration:
    """What instances are launched from during a refresh, and after it."""

    REFUSED: ClassVar[dict[str, str]] = {
        "MixedInstancesPolicy": "a refresh changes the launch template's version only",
    }

    launch_template: LaunchTemplateSpecification


@frozen(kw_only=True)
class RefreshPreferences:
    """How a refresh goes about it. Times are whole seconds."""

    min_healthy_percentage: int | None = field(default=None, validator=between(0, 100))
    max_healthy_percentage: int | None = field(default=None, validator=between(100, 200))
    instance_warmup: int | None = field(default=None, validator=between(0, 86_400))
    checkpoint_percentages: tuple[int, ...] = field(default=(), validator=each(between(1, 100)))
    checkpoint_delay: int | None = field(default=None, validator=between(0, LONGEST_WAIT))
    skip_matching: bool = False
    auto_rollback: bool = False
    alarm_specification: AlarmSpecification | None = None
    scale_in_protected_instances: str = field(
        default="Wait", validator=one_of("Refresh", "Ignore", "Wait")
    )
    standby_instances: str = field(default="Wait", validator=one_of("Terminate", "Ignore", "Wait"))
    bake_time: int = field(default=0, validator=between(0, LONGEST_WAIT))

    @checkpoint_percentages.validator
    def _ascending(self, attribute: Attribute[Any], value: tuple[int, ...]) -> None:
        for index, (low, high) in enumerate(pairwise(value), 1):
            if low >= high:
                raise FieldError(attribute, f"must ascend: {high} comes after {low}", index)

    def __attrs_post_init__(self) -> None:
        low, high = self.min_healthy_percentage, self.max_healthy_percentage
        if high is not None and low is None:
            raise ValueError("MaxHealthyPercentage needs a MinHealthyPercentage")
        if low is not None and high is not None and high - low > 100:
            raise ValueError(
                f"MaxHealthyPercentage ({high}) must not be more than 100 above "
                f"MinHealthyPercentage ({low})"
            )
        if self.checkpoint_delay is not None and not self.checkpoint_percentages:
            raise ValueError("CheckpointDelay needs CheckpointPercentages")

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """Shares of the instances, in percent; after the last the refresh is done."""
        return self.checkpoint_percentages or (100,)

    @property
    def delay(self) -> int:
        """Seconds to wait at each but the last."""
        return 3600 if self.checkpoint_delay is None else self.checkpoint_delay

    @property
    def alarms(self) -> tuple[str, ...]:
        return () if self.alarm_specification is None else self.alarm_specification.alarms

    def percentages(self, maintenance: tuple[int, int] | None) -> tuple[int, int]:
        """Minimum and maximum in percent: its own, or those of the group's maintenance policy."""
        low, high = maintenance or (DEFAULT_MIN, DEFAULT_MAX)
        if self.min_healthy_percentage is not None:
            low, high = self.min_healthy_percentage, self.max_healthy_percentage or DEFAULT_MAX
        return low, high
