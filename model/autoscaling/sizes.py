"""How large a group may be and should be: what becomes of its desired capacity with its limits.

Sources: API UpdateAutoScalingGroup (MinSize, MaxSize, DesiredCapacity), "Scheduled scaling for
Amazon EC2 Auto Scaling".
"""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from model.actions import spelling
from model.autoscaling.activity import resized
from model.autoscaling.arithmetic import clamp
from model.autoscaling.errors import AutoScalingError
from model.autoscaling.group import Group
from model.fields import FieldError


@frozen
class Sizes:
    """The sizes that a call or a schedule asks for; None: this one stays."""

    min: int | None = None
    max: int | None = None
    desired: int | None = None

    def on(self, least: int, most: int, desired: int) -> tuple[int, int, int]:
        """Min, max and desired of a group that has these, once they are applied.

        A desired capacity that is not given is moved no further than the new limits want. Raises
        `AutoScalingError` where the three do not go together.
        """
        least = least if self.min is None else self.min
        most = most if self.max is None else self.max
        if least > most:
            raise AutoScalingError(
                f"Max bound, {most}, must be greater than or equal to min bound, {least}"
            )
        desired = clamp(desired, least, most) if self.desired is None else self.desired
        if not least <= desired <= most:
            raise AutoScalingError(
                f"Desired capacity:{desired} must be between the specified min size:{least} and "
                f"max size:{most}"
            )
        return least, most, desired

    def apply(self, group: Group, who: str, **changes: Any) -> None:
        """Give a group these sizes, and other `changes` of its configuration.

        `who` begins the sentence that explains it: `a user request` or `a scheduled action`. Raises
        `AutoScalingError` and changes nothing where AWS refuses.
        """
        least, most, desired = sizes = self.on(group.min, group.max, group.desired)
        try:
            configured = evolve(
                group.resource, min_size=least, max_size=most, desired_capacity=desired, **changes
            )
        except FieldError as problem:
            raise AutoScalingError(f"{spelling(problem.field)} {problem}") from None
        except ValueError as problem:
            raise AutoScalingError(str(problem)) from None
        group.launcher.source.check(configured)
        cause = resized(group.utc, who, sizes, group.desired)
        group.configure(configured)
        group.set_desired(desired, cause)
        group.reconcile()  # with other weights there may be more or less than before
