"""What keys do to Auto Scaling groups: each method is one call of the API, under AWS's name."""

from __future__ import annotations

from collections.abc import Callable, Collection

from model.actions import ActionError
from model.autoscaling.group import PROCESSES
from model.autoscaling.lifecycle_moves import GroupInstances, InstanceProtection, LeavingInstances
from model.autoscaling.members import Lifecycle, Member
from model.autoscaling.moves import (
    ScalingProcesses,
    SetDesiredCapacity,
    TerminateInstanceInAutoScalingGroup,
    UpdateAutoScalingGroup,
)
from model.autoscaling.refresh_moves import (
    CancelInstanceRefresh,
    RollbackInstanceRefresh,
    StartInstanceRefresh,
)
from model.autoscaling.scaling_moves import ExecutePolicy
from model.world import World

Apply = Callable[[str, object], None]
"""Applies a move of that name with its parameters. Raises `ActionError` where AWS refuses it."""


class GroupMoves:
    """Moves on the groups of one world; each raises `ActionError` where AWS refuses it."""

    def __init__(self, world: World, apply: Apply) -> None:
        self._world = world
        self._apply = apply

    # -- groups -------------------------------------------------------------------------------

    def set_desired(self, group: str, capacity: int) -> None:
        """SetDesiredCapacity."""
        self._call(
            "SetDesiredCapacity",
            SetDesiredCapacity(auto_scaling_group_name=group, desired_capacity=capacity),
        )

    def resize(self, group: str, least: int, desired: int, most: int) -> None:
        """UpdateAutoScalingGroup, with the sizes that change."""
        now = self._world.autoscaling.groups[group]
        self._call(
            "UpdateAutoScalingGroup",
            UpdateAutoScalingGroup(
                auto_scaling_group_name=group,
                min_size=None if least == now.min else least,
                max_size=None if most == now.max else most,
                desired_capacity=None if desired == now.desired else desired,
            ),
        )

    def suspend(self, group: str, suspended: Collection[str]) -> None:
        """SuspendProcesses and ResumeProcesses, until exactly these are suspended."""
        now = self._world.autoscaling.groups[group].suspended
        for name, changed in (
            ("SuspendProcesses", [p for p in PROCESSES if p in suspended and p not in now]),
            ("ResumeProcesses", [p for p in PROCESSES if p in now and p not in suspended]),
        ):
            if changed:
                self._call(
                    name,
                    ScalingProcesses(
                        auto_scaling_group_name=group, scaling_processes=tuple(changed)
                    ),
                )

    def start_refresh(self, wanted: StartInstanceRefresh) -> None:
        """StartInstanceRefresh."""
        self._call("StartInstanceRefresh", wanted)

    def cancel_refresh(self, group: str) -> None:
        """CancelInstanceRefresh."""
        self._call("CancelInstanceRefresh", CancelInstanceRefresh(auto_scaling_group_name=group))

    def roll_back(self, group: str) -> None:
        """RollbackInstanceRefresh."""
        wanted = RollbackInstanceRefresh(auto_scaling_group_name=group)
        self._call("RollbackInstanceRefresh", wanted)

    def execute(
        self, group: str, policy: str, value: float | None = None, threshold: float | None = None
    ) -> None:
        """ExecutePolicy; a step policy needs a metric's value and its alarm's threshold."""
        self._call(
            "ExecutePolicy",
            ExecutePolicy(
                policy_name=policy,
                auto_scaling_group_name=group,
                metric_value=value,
                breach_threshold=threshold,
            ),
        )

    # -- instances ----------------------------------------------------------------------------

    def group_of(self, instance: str) -> str:
        """The group that an instance is in. Raises `ActionError`."""
        return self._find(instance)[0]

    def in_standby(self, instance: str) -> bool:
        """Whether an instance of a group is in standby."""
        return self._find(instance)[1].lifecycle is Lifecycle.STANDBY

    def toggle_protection(self, instance: str) -> bool:
        """SetInstanceProtection: protect an instance from scale-in, or no longer; whether it is."""
        group, member = self._find(instance)
        protected = not member.protected
        self._call(
            "SetInstanceProtection",
            InstanceProtection(
                auto_scaling_group_name=group,
                instance_ids=(instance,),
                protected_from_scale_in=protected,
            ),
        )
        return protected

    def enter_standby(self, instance: str, *, decrement: bool) -> None:
        """EnterStandby."""
        self._leave("EnterStandby", instance, decrement)

    def exit_standby(self, instance: str) -> None:
        """ExitStandby."""
        group = self.group_of(instance)
        wanted = GroupInstances(auto_scaling_group_name=group, instance_ids=(instance,))
        self._call("ExitStandby", wanted)

    def detach(self, instance: str, *, decrement: bool) -> None:
        """DetachInstances."""
        self._leave("DetachInstances", instance, decrement)

    def terminate(self, instance: str, *, decrement: bool) -> None:
        """TerminateInstanceInAutoScalingGroup."""
        self._call(
            "TerminateInstanceInAutoScalingGroup",
            TerminateInstanceInAutoScalingGroup(
                instance_id=instance, should_decrement_desired_capacity=decrement
            ),
        )

    def _leave(self, call: str, instance: str, decrement: bool) -> None:
        wanted = LeavingInstances(
            auto_scaling_group_name=self.group_of(instance),
            instance_ids=(instance,),
            should_decrement_desired_capacity=decrement,
        )
        self._call(call, wanted)

    def _find(self, instance: str) -> tuple[str, Member]:
        for name, group in self._world.autoscaling.groups.items():
            if instance in group.members:
                return name, group.members[instance]
        raise ActionError(f"{instance} is in no Auto Scaling group")

    def _call(self, name: str, parameters: object) -> None:
        self._apply(f"autoscaling:{name}", parameters)
