"""The instance refreshes of all groups: one at a time for each, looked after every few seconds.

Source: API StartInstanceRefresh, CancelInstanceRefresh, RollbackInstanceRefresh and
DescribeInstanceRefreshes; "EC2 Auto Scaling event reference".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from model.actions import ActionError
from model.autoscaling.group import Group
from model.autoscaling.refresh import InstanceRefresh, RefreshStatus, RefreshView
from model.autoscaling.refresh_settings import RefreshPreferences
from model.clock import Phase, Schedule, Streams
from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.service import CloudWatch
from model.ec2.launch_templates import LaunchTemplateSpecification
from model.elb.service import Elb
from model.events.bus import EventBus

OPENING_SECONDS = 2.0
"""From the request until the refresh begins."""
STEP_SECONDS = 10.0
"""How often a refresh looks what it can do; AWS does not say."""
MOVING = ("$Latest", "$Default")
"""Versions that mean another one in time: there is no rolling back to them."""


class InstanceRefreshes:
    """The refreshes of a region's groups."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        elb: Elb,
        cloudwatch: CloudWatch,
        groups: Mapping[str, Group],
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._bus = bus
        self._elb = elb
        self._cloudwatch = cloudwatch
        self._groups = groups
        self._refreshes: dict[str, list[InstanceRefresh]] = {name: [] for name in groups}

    def start(
        self,
        group: str,
        preferences: RefreshPreferences,
        configuration: LaunchTemplateSpecification | None,
    ) -> str:
        """StartInstanceRefresh; the id of the refresh. Raises `ActionError`."""
        active = self.active(group)
        if active is not None:
            message = f"An Instance Refresh is already in progress: {active.id}"
            raise ActionError(message, "InstanceRefreshInProgress")
        found = self._groups[group]
        if preferences.auto_rollback:
            self._check_rollback(found, configuration)
        identity = self._streams.uuid(f"autoscaling/{group}/refreshes")
        refresh = InstanceRefresh(
            id=identity,
            group=found,
            elb=self._elb,
            preferences=preferences,
            configuration=configuration,
            tell=partial(self._tell, found, identity, preferences),
            start=self._schedule.now,
        )
        self._refreshes[group].append(refresh)
        self._schedule.after(OPENING_SECONDS, Phase.CONTROL, self._step, refresh)
        return identity

    def cancel(self, group: str, *, wait: bool) -> None:
        """CancelInstanceRefresh. Raises `ActionError` if there is none."""
        refresh = self._required(group)
        refresh.cancel("Cancelled due to user request.", self._schedule.now, wait=wait)

    def roll_back(self, group: str) -> None:
        """RollbackInstanceRefresh. Raises `ActionError` if there is nothing to roll back."""
        refresh = self._required(group)
        if refresh.status not in (RefreshStatus.IN_PROGRESS, RefreshStatus.BAKING):
            raise ActionError(
                f"An instance refresh that is {refresh.status} cannot be rolled back",
                "IrreversibleInstanceRefresh",
            )
        self._check_rollback(refresh.group, refresh.configuration, refresh.previous)
        refresh.roll_back("Rolled back due to user request.", self._schedule.now)

    def describe(self, group: str) -> tuple[RefreshView, ...]:
        """DescribeInstanceRefreshes, newest first."""
        return tuple(refresh.view for refresh in reversed(self._refreshes[group]))

    @staticmethod
    def _check_rollback(
        group: Group,
        configuration: LaunchTemplateSpecification | None,
        previous: LaunchTemplateSpecification | None = None,
    ) -> None:
        before = previous or group.launcher.source.specification
        if configuration is None:
            problem = "a rollback needs a DesiredConfiguration"
        elif before is not None and before.version in MOVING:
            problem = f"there is no rolling back to the launch template's version {before.version}"
        else:
            return
        raise ActionError(problem, "IrreversibleInstanceRefresh")

    def active(self, group: str) -> InstanceRefresh | None:
        """The refresh of a group that is not over, if there is one."""
        return next((item for item in self._refreshes[group] if not item.over), None)

    def _required(self, group: str) -> InstanceRefresh:
        active = self.active(group)
        if active is None:
            raise ActionError(
                f"No in progress or pending Instance Refresh found for {group}",
                "ActiveInstanceRefreshNotFound",
            )
        return active

    def _step(self, refresh: InstanceRefresh) -> None:
        refresh.step(self._schedule.now, self._alarm(refresh.preferences))
        if not refresh.over:
            self._schedule.after(STEP_SECONDS, Phase.CONTROL, self._step, refresh)

    def _alarm(self, preferences: RefreshPreferences) -> str | None:
        """One of its alarms that is in ALARM."""
        for name in preferences.alarms:
            record = self._cloudwatch.alarms.get(name)
            composite = self._cloudwatch.composites.records.get(name)
            state = record.state if record is not None else composite and composite.state
            if state is AlarmState.ALARM:
                return name
        return None

    def _tell(
        self,
        group: Group,
        identity: str,
        preferences: RefreshPreferences,
        what: str,
        more: Mapping[str, object],
    ) -> None:
        detail = {"InstanceRefreshId": identity, "AutoScalingGroupName": group.name, **more}
        if "CheckpointPercentage" in more:
            detail["CheckpointDelay"] = preferences.delay
        self._bus.publish(
            "aws.autoscaling",
            f"EC2 Auto Scaling Instance Refresh {what}",
            (group.resource.arn,),
            detail,
        )
