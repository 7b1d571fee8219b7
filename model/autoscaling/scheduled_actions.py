"""The resource AWS::AutoScaling::ScheduledAction, as CloudFormation describes it.

Sources: the CloudFormation reference of ScheduledAction; API PutScheduledUpdateGroupAction;
"Scheduled scaling for Amazon EC2 Auto Scaling".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from model.autoscaling.recurrence import Recurrence, check_expression, read_zone
from model.autoscaling.references import AutoScalingGroupRef
from model.autoscaling.sizes import Sizes
from model.fields import FieldError, at_least, length
from model.resources import Resource


def _time(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None:
        try:
            read_time(value)
        except ValueError:
            problem = f"must be a time in UTC such as 2026-11-25T08:00:00Z, not {value!r}"
            raise FieldError(attribute, problem) from None


def _cron(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None:
        try:
            check_expression(value)
        except ValueError as problem:
            raise FieldError(attribute, str(problem)) from None


def _zone(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None:
        try:
            read_zone(value)
        except ValueError as problem:
            raise FieldError(attribute, str(problem)) from None


def read_time(text: str) -> datetime:
    """A time as AWS writes it; without a zone it is UTC. Raises `ValueError`."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@frozen(kw_only=True)
class ScheduledAction(Resource):
    """Sizes that a group is given at a time, or again and again."""

    TYPE: ClassVar[str] = "AWS::AutoScaling::ScheduledAction"

    auto_scaling_group_name: AutoScalingGroupRef
    min_size: int | None = field(default=None, validator=at_least(0))
    max_size: int | None = field(default=None, validator=at_least(0))
    desired_capacity: int | None = field(default=None, validator=at_least(0))
    start_time: str | None = field(default=None, validator=_time)
    """When it runs; with a Recurrence, when it runs first."""
    end_time: str | None = field(default=None, validator=_time)
    """From when on it does not run any more."""
    recurrence: str | None = field(default=None, validator=[length(1, 255), _cron])
    time_zone: str | None = field(default=None, validator=[length(1, 255), _zone])
    """Of the Recurrence; None: UTC."""

    def __attrs_post_init__(self) -> None:
        sizes = (self.min_size, self.max_size, self.desired_capacity)
        if sizes == (None, None, None):
            raise ValueError("give at least one of MinSize, MaxSize and DesiredCapacity")
        if self.start_time is None and self.recurrence is None:
            raise ValueError("give a StartTime, or a Recurrence, or both")
        least, most, desired = sizes
        if least is not None and most is not None and least > most:
            raise ValueError(f"MinSize ({least}) must not be above MaxSize ({most})")
        if desired is not None:
            low, high = least or 0, desired if most is None else most
            if not low <= desired <= high:
                raise ValueError(f"DesiredCapacity ({desired}) must be from {low} to {high}")
        if self.starts and self.ends and self.starts >= self.ends:
            raise ValueError(f"StartTime {self.start_time} must be before EndTime {self.end_time}")

    @property
    def name(self) -> str:
        return self.identity.attributes.get("ScheduledActionName", self.logical_id)

    @property
    def sizes(self) -> Sizes:
        """What it gives the group."""
        return Sizes(self.min_size, self.max_size, self.desired_capacity)

    @property
    def starts(self) -> datetime | None:
        return None if self.start_time is None else read_time(self.start_time)

    @property
    def ends(self) -> datetime | None:
        return None if self.end_time is None else read_time(self.end_time)

    def next(self, after: datetime) -> datetime | None:
        """When it runs first after a moment; None: never again.

        At StartTime, then as the Recurrence has it, always before EndTime.
        """
        found = self.starts
        if found is None or found <= after:
            found = None
            if self.recurrence is not None:
                zone = read_zone(self.time_zone or "UTC")
                found = Recurrence(self.recurrence, zone).next(after)
        return found if self.ends is None or found is None or found < self.ends else None
