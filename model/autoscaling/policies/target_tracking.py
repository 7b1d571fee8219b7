"""Target tracking: two alarms of its own, and as many instances as keep a metric at its target.

Sources: "Target tracking scaling policies", "Set the default instance warmup". Operators see the
alarms that target tracking makes; AWS documents their purpose, not their numbers, which are the
constants below.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence

from model.autoscaling.arithmetic import proportional
from model.autoscaling.group import Group
from model.autoscaling.policies.policy import Policy, Verdict
from model.autoscaling.policies.tracked import Tracked
from model.autoscaling.resources import ScalingPolicy, TargetTrackingConfiguration
from model.clock import MINUTE, Schedule
from model.cloudwatch.acting import Invocation
from model.cloudwatch.alarms import AlarmState, MetricAlarm
from model.cloudwatch.service import CloudWatch
from model.resources import ACCOUNT, REGION

HIGH_DATAPOINTS = 3
"""Datapoints above the target until a target tracking policy adds capacity."""
LOW_SECONDS = 15 * MINUTE
"""How long all datapoints lie below `LOW_SHARE` of the target until it removes capacity."""
GRADUAL = 0.1
"""The share of the desired capacity (one instance at least) that target tracking removes at most in
one decision, of which there is one a minute: it "scales in more gradually"."""
LOW_SHARE = 0.9
"""Where AlarmLow's threshold lies, as a share of the target ("usually more than 10 percent")."""


class TargetTracking(Policy):
    """A target tracking policy at work."""

    def __init__(
        self,
        schedule: Schedule,
        cloudwatch: CloudWatch,
        resource: ScalingPolicy,
        group: Group,
        tracked: Tracked,
        *,
        enabled: bool = True,
    ) -> None:
        super().__init__(schedule, resource, group, enabled=enabled)
        self._cloudwatch = cloudwatch
        self._tracked = tracked
        target = self._configuration.target_value
        self.high = self._create_alarm("AlarmHigh", "GreaterThanThreshold", target, HIGH_DATAPOINTS)
        self.low: str | None = None
        if not self._configuration.disable_scale_in:
            datapoints = round(LOW_SECONDS / tracked.period)
            threshold = target * LOW_SHARE
            self.low = self._create_alarm("AlarmLow", "LessThanThreshold", threshold, datapoints)

    @property
    def _configuration(self) -> TargetTrackingConfiguration:
        assert self.resource.target_tracking_configuration is not None
        return self.resource.target_tracking_configuration

    def _create_alarm(self, kind: str, comparison: str, threshold: float, datapoints: int) -> str:
        tracked = self._tracked
        seed = f"{self.group.name}/{self.id}/{kind}"
        name = f"TargetTracking-{self.group.name}-{kind}-{uuid.uuid5(uuid.NAMESPACE_URL, seed)}"
        arn = self.resource.identity.ref
        alarm = MetricAlarm(
            name=name,
            metric=tracked.metric,
            statistic=tracked.statistic,
            unit=tracked.unit,
            queries=tracked.queries,
            period=tracked.period,
            threshold=threshold,
            comparison_operator=comparison,
            evaluation_periods=datapoints,
            description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {arn}.",
            alarm_actions=(self.id,),
            arn=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
            owner=self.id,
        )
        self._cloudwatch.put_metric_alarm(alarm, name)
        return name

    def retire(self) -> None:
        """Its alarms go with it."""
        super().retire()
        for alarm in (self.high, self.low):
            if alarm in self._cloudwatch.alarms:
                self._cloudwatch.delete_alarm(alarm)

    @property
    def ready_to_shrink(self) -> bool:
        """Whether its low alarm (unless somebody deleted it) agrees to scale in; a policy without
        one, or one that is not enabled, is not asked."""
        if self.low is None or not self.enabled:
            return True
        low = self._cloudwatch.alarms.get(self.low)
        return low is not None and low.state is AlarmState.ALARM

    def _heed(self, invocation: Invocation, policies: Sequence[Policy]) -> Verdict:
        values = invocation.values
        if not values:
            return Verdict(None, "its alarm judged no datapoint")
        if invocation.alarm == self.high:
            return self._grow(values[0])
        if not all(policy.ready_to_shrink for policy in policies):
            return Verdict(None, "not all low alarms of the group's policies are in ALARM")
        return self._shrink(max(values))

    def in_vain(self, invocation: Invocation) -> bool:
        """A low alarm has nothing to say to a group at its minimum."""
        return invocation.alarm == self.low and self.group.desired == self.group.min

    def _grow(self, metric: float) -> Verdict:
        """In proportion to the last datapoint; what warms up counts through the desired capacity.

        A group without any instance has nothing to be in proportion to: it begins with one.
        """
        warm, target = self.warm, self._configuration.target_value
        wanted = proportional(warm, metric, target)
        why = f"{warm} warm x {metric:.4g} / {target:g} = {wanted}"
        return Verdict(max(wanted, self.group.desired, 1), why)

    def _shrink(self, metric: float) -> Verdict:
        """Cautious: to what the busiest of the judged datapoints would still have needed; and
        gradual."""
        group = self.group
        if group.desired == group.min:
            return Verdict(None, f"at its minimum of {group.min}")
        if self._warming:
            return Verdict(None, "instances warm up")
        target = self._configuration.target_value
        wanted = proportional(self._whole, metric, target)
        most = max(math.floor(group.desired * GRADUAL), 1)
        why = f"{self._whole} x {metric:.4g} / {target:g} = {wanted}"
        if wanted < group.desired - most:
            why += f", by {most} at a time"
        return Verdict(min(max(wanted, group.desired - most), group.desired), why)
