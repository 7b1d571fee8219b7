"""Faults of launches: EC2 has no capacity, or finds something wrong with what is asked for.

Source: AWS FIS Actions reference (`aws:ec2:asg-insufficient-instance-capacity-error`); the reasons
of `spillover:launch-error` are those of "Troubleshoot ... EC2 instance launch failures".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from attrs import Attribute, define, field, frozen

from model.actions import Action, fault
from model.ec2.instances import Instance
from model.ec2.launch_templates import image
from model.ec2.launches import REASONS, Attempt, LaunchError, no_capacity
from model.elb.zonal_shift import zone_of
from model.faults.active import ActiveFault
from model.fields import FieldError, between, one_of
from model.resources import ZONES

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class InsufficientCapacity:
    """Parameters of `aws:ec2:asg-insufficient-instance-capacity-error`."""

    availability_zone_identifiers: str = field()
    """Names or ids of zones, separated by commas."""
    percentage: int = field(default=100, validator=between(1, 100))
    """Of the launches, how many fail."""

    @availability_zone_identifiers.validator
    def _zones(self, attribute: Attribute[str], value: str) -> None:
        for zone in self.zones:
            if zone not in ZONES:
                raise FieldError(attribute, f"must be zones such as us-east-1a, not {value!r}")

    @property
    def zones(self) -> tuple[str, ...]:
        names = self.availability_zone_identifiers.split(",")
        return tuple(zone_of(name.strip()) for name in names)


@frozen(kw_only=True)
class FailingLaunches:
    """Parameters of `spillover:launch-error`."""

    reason: str = field(default="image", validator=one_of(*REASONS))
    """What is wrong."""
    percentage: int = field(default=100, validator=between(1, 100))
    """Of the launches, how many fail."""
    image_id: str | None = field(default=None, validator=image)
    """Only launches of this AMI fail."""


@define(eq=False, kw_only=True)
class RefusedLaunches(ActiveFault, ABC):
    """Launches that EC2 refuses while the fault lasts. Instances that run are left alone."""

    world: World

    def begin(self, world: World) -> None:
        world.ec2.refusals[self.id] = self.refuse

    def finish(self, world: World) -> None:
        del world.ec2.refusals[self.id]

    def launched(self, world: World, instance: Instance) -> None:
        """What is launched in spite of it is not touched."""

    def refuse(self, attempt: Attempt) -> LaunchError | None:
        """Why a launch fails, if this fault makes it."""
        if not self._concerns(attempt):
            return None
        share = self.action.parameters.percentage
        if share < 100 and self.world.streams[f"faults/{self.id}"].random() * 100 >= share:
            return None
        return self.error(attempt)

    def _concerns(self, attempt: Attempt) -> bool:
        targets = self.action.targets
        named = (
            (targets.auto_scaling_groups, attempt.group),
            (targets.zones, attempt.zone),
            (targets.subnets, attempt.subnet),
        )
        return all(not wanted or value in wanted for wanted, value in named)

    @abstractmethod
    def error(self, attempt: Attempt) -> LaunchError:
        """What EC2 says."""


@define(eq=False, kw_only=True)
class FailedLaunches(RefusedLaunches):
    """Something is wrong with what is asked for."""

    def _concerns(self, attempt: Attempt) -> bool:
        image = self.action.parameters.image_id
        return super()._concerns(attempt) and image in (None, attempt.image)

    def error(self, attempt: Attempt) -> LaunchError:
        return REASONS[self.action.parameters.reason](attempt)


@define(eq=False, kw_only=True)
class NoCapacity(RefusedLaunches):
    """There is no capacity in some zones."""

    def _concerns(self, attempt: Attempt) -> bool:
        return super()._concerns(attempt) and attempt.zone in self.action.parameters.zones

    def error(self, attempt: Attempt) -> LaunchError:
        return no_capacity(attempt)


@fault(
    "aws:ec2:asg-insufficient-instance-capacity-error",
    InsufficientCapacity,
    targets={"AutoScalingGroups"},
)
def insufficient_capacity(world: World, action: Action) -> None:
    """Have launches of groups fail in some zones, as if EC2 had no capacity there."""
    name = world.faults.name(action)
    world.faults.begin(NoCapacity(id=name, action=action, began=world.now, world=world))


@fault(
    "spillover:launch-error",
    FailingLaunches,
    targets={"AutoScalingGroups", "Subnets", "zones"},
)
def launch_error(world: World, action: Action) -> None:
    """Have launches fail for a wrong image, a missing key pair, a quota or another reason."""
    name = world.faults.name(action)
    world.faults.begin(FailedLaunches(id=name, action=action, began=world.now, world=world))
