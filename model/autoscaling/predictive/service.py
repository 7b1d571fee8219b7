"""The predictive scaling policies of a region, and the API over them."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from model.autoscaling.group import Group
from model.autoscaling.predictive.pairs import labels, pair
from model.autoscaling.predictive.policy import ForecastView, PredictivePolicy
from model.autoscaling.predictive.targets import target_dimensions
from model.autoscaling.proposals import Proposal
from model.autoscaling.resources import ScalingPolicy
from model.clock import Schedule
from model.cloudwatch.metrics import MetricStore
from model.elb.service import Elb
from model.journal import Journal
from model.stack import Stack


class Predictions:
    """All predictive scaling policies, by name."""

    def __init__(
        self,
        schedule: Schedule,
        journal: Journal,
        metrics: MetricStore,
        stack: Stack,
        elb: Elb,
        groups: Mapping[str, Group],
    ) -> None:
        self._journal = journal
        self.policies: dict[str, PredictivePolicy] = {}
        for resource in stack.of(ScalingPolicy):
            configuration = resource.predictive_scaling_configuration
            if configuration is None:
                continue
            group, wanted = groups[resource.auto_scaling_group_name], configuration.metrics
            targets = {
                label: target_dimensions(stack, elb, group.resource, label)
                for label in labels(wanted)
            }
            self.policies[resource.logical_id] = PredictivePolicy(
                resource.logical_id,
                configuration,
                group,
                pair(wanted, group.name, targets),
                schedule,
                metrics,
                self._in_service,
            )

    def of(self, group: str) -> list[PredictivePolicy]:
        """The policies of a group."""
        return [policy for policy in self.policies.values() if policy.group.id == group]

    def at_least(self, proposal: Proposal, group: Group) -> Proposal:
        """What a group follows: of a dynamic policy and a forecast, whichever wants more. A
        forecast holds what there is; the group is raised to it at the hour, not here."""
        floor = max((policy.floor for policy in self.of(group.id)), default=0)
        return evolve(proposal, capacity=max(proposal.capacity, min(floor, group.desired)))

    def get_predictive_scaling_forecast(
        self, policy: str, start: float, end: float
    ) -> ForecastView:
        """GetPredictiveScalingForecast: the hours that begin in [start, end), s since start."""
        return self.policies[policy].view(start, end)

    def _in_service(self, group: str, start: float, end: float) -> float:
        """How many instances a group had in service, at the mean of a time."""
        seconds, until = 0.0, end
        for change in reversed(self._journal.history(group, "capacity")):
            if change.time < until:
                since = max(change.time, start)
                seconds += change.value.in_service * (until - since)
                until = since
            if change.time <= start:
                break
        return seconds / (end - start)
