"""Scaling policies: what the alarms of step scaling and target tracking do to a group.

Sources: "Step and simple scaling policies", "Target tracking scaling policies", "Set the default
instance warmup". Operators see the alarms that target tracking makes; AWS documents their purpose,
not their numbers, which are the constants below.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence

from model.autoscaling.arithmetic import adjust, find_step, proportional
from model.autoscaling.group import Group
from model.autoscaling.members import units_of
from model.autoscaling.proposals import Proposal
from model.autoscaling.resources import ScalingPolicy
from model.clock import Schedule
from model.cloudwatch.acting import Invocation
from model.cloudwatch.alarms import AlarmState, MetricAlarm
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.service import CloudWatch
from model.resources import ACCOUNT, REGION

HIGH_DATAPOINTS = 3
"""Datapoints above the target until a target tracking policy adds capacity."""
LOW_DATAPOINTS = 15
"""Datapoints below `LOW_SHARE` of the target until it removes capacity."""
GRADUAL = 0.1
"""The share of the desired capacity (one instance at least) that target tracking removes at most in
one decision, of which there is one a minute: it "scales in more gradually"."""
LOW_SHARE = 0.9
"""Where AlarmLow's threshold lies, as a share of the target ("usually more than 10 percent")."""


class Policy:
    """One scaling policy of one group."""

    def __init__(
        self,
        schedule: Schedule,
        cloudwatch: CloudWatch,
        resource: ScalingPolicy,
        group: Group,
        metric: MetricKey | None,
        statistic: str,
    ) -> None:
        self._schedule = schedule
        self._cloudwatch = cloudwatch
        self.resource = resource
        self.group = group
        self.high: str | None = None
        self.low: str | None = None
        if metric is not None:
            self._create_alarms(metric, statistic)

    @property
    def id(self) -> str:
        return self.resource.logical_id

    @property
    def warmup(self) -> float:
        """Seconds until a new instance counts: the policy's own, the group's, the cooldown."""
        group = self.group.resource
        for seconds in (self.resource.estimated_instance_warmup, group.instance_warmup):
            if seconds is not None:
                return float(seconds)
        return float(group.cooldown)

    def propose(self, invocation: Invocation, policies: Sequence[Policy]) -> Proposal | None:
        """What it wants as its alarm is in its state (again, each minute that it lasts).

        `policies` are all of the group, this one included.
        """
        if not invocation.values or "AlarmNotification" in self.group.suspended:
            return None
        if self.resource.policy_type == "TargetTrackingScaling":
            capacity = self._track(invocation, policies)
        else:
            capacity = self._step(invocation)
        if capacity is None:
            return None
        return Proposal(capacity, self.id, invocation.alarm, invocation.state.value)

    # -- target tracking ----------------------------------------------------------------------

    def _create_alarms(self, metric: MetricKey, statistic: str) -> None:
        configuration = self.resource.target_tracking_configuration
        assert configuration is not None
        target = configuration.target_value
        self.high = self._create_alarm(
            "AlarmHigh", metric, statistic, target, "GreaterThanThreshold", HIGH_DATAPOINTS
        )
        if not configuration.disable_scale_in:
            self.low = self._create_alarm(
                "AlarmLow",
                metric,
                statistic,
                target * LOW_SHARE,
                "LessThanThreshold",
                LOW_DATAPOINTS,
            )

    def _create_alarm(
        self,
        kind: str,
        metric: MetricKey,
        statistic: str,
        threshold: float,
        comparison: str,
        datapoints: int,
    ) -> str:
        seed = f"{self.group.name}/{self.id}/{kind}"
        name = f"TargetTracking-{self.group.name}-{kind}-{uuid.uuid5(uuid.NAMESPACE_URL, seed)}"
        arn = self.resource.identity.ref
        alarm = MetricAlarm(
            name=name,
            metric=metric,
            statistic=statistic,
            period=60.0,
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

    def _track(self, invocation: Invocation, policies: Sequence[Policy]) -> int | None:
        now, group = self._schedule.now, self.group
        configuration = self.resource.target_tracking_configuration
        assert configuration is not None
        target = configuration.target_value
        if invocation.alarm == self.high:
            warm = self._warm(now)
            return max(proportional(warm, invocation.values[0], target), group.desired)
        if group.desired == group.min:
            return None  # nothing to remove
        if self._warming(now) or not all(policy.ready_to_shrink for policy in policies):
            return None
        # cautious: what the busiest of the judged datapoints would still have needed, and gradual
        capacity = units_of([*group.in_service(), *group.terminating()])
        wanted = proportional(capacity, max(invocation.values), target)
        most = max(math.floor(group.desired * GRADUAL), 1)
        return min(max(wanted, group.desired - most), group.desired)

    @property
    def ready_to_shrink(self) -> bool:
        """Whether its low alarm (unless somebody deleted it) agrees to scale in; a policy without
        one is not asked."""
        if self.low is None:
            return True
        low = self._cloudwatch.alarms.get(self.low)
        return low is not None and low.state is AlarmState.ALARM

    # -- step scaling -------------------------------------------------------------------------

    def _step(self, invocation: Invocation) -> int | None:
        now, group, policy = self._schedule.now, self.group, self.resource
        values = invocation.values
        value = {"Minimum": min(values), "Maximum": max(values)}.get(
            policy.metric_aggregation_type, sum(values) / len(values)
        )
        step = find_step(policy.step_adjustments, value - invocation.threshold)
        kind = policy.adjustment_type or "ChangeInCapacity"
        if step is None or (step.scaling_adjustment == 0 and kind != "ExactCapacity"):
            return None
        amount, least = step.scaling_adjustment, policy.min_adjustment_magnitude
        warm = self._warm(now)
        wanted = adjust(warm, kind, amount, least)
        if wanted > warm:
            return max(wanted, group.desired)
        if self._warming(now):
            return None
        whole = units_of([*group.in_service(), *group.terminating()])
        return min(adjust(whole, kind, amount, least), group.desired)

    # -- both ---------------------------------------------------------------------------------

    def _warm(self, now: float) -> int:
        """The capacity that is in service and warm."""
        members = self.group.in_service()
        return units_of(member for member in members if member.warm(now, self.warmup))

    def _warming(self, now: float) -> bool:
        """Whether an instance is on its way or not warm yet: then nothing scales in."""
        group = self.group
        return bool(group.pending()) or not all(
            member.warm(now, self.warmup) for member in group.in_service()
        )
