"""Dynamic scaling: the policies of a region, and what invokes them.

Sources: "Dynamic scaling for Amazon EC2 Auto Scaling", "Delete a scaling policy"; API
PutScalingPolicy, DeletePolicy, ExecutePolicy. Alarms that speak at one instant are heard together.
"""

from __future__ import annotations

from collections.abc import Iterable

from model.autoscaling.cooldown import in_the_way
from model.autoscaling.errors import AutoScalingError, in_progress
from model.autoscaling.group import Group
from model.autoscaling.outlook import Floor, PolicyView, alarms_of, policy_view, speaks
from model.autoscaling.policies.policy import Policy
from model.autoscaling.policies.simple_scaling import SimpleScaling
from model.autoscaling.policies.step_scaling import StepScaling
from model.autoscaling.policies.target_tracking import TargetTracking
from model.autoscaling.policies.tracked import tracked_by
from model.autoscaling.proposals import Proposal, largest
from model.autoscaling.resources import ScalingPolicy
from model.clock import Phase, Schedule
from model.cloudwatch.acting import Invocation
from model.cloudwatch.service import CloudWatch
from model.elb.service import Elb
from model.stack import Stack


class DynamicScaling:
    """The scaling policies of one region."""

    def __init__(
        self,
        schedule: Schedule,
        cloudwatch: CloudWatch,
        elb: Elb,
        stack: Stack,
        groups: dict[str, Group],
        floor: Floor,
    ) -> None:
        """`floor` holds a proposal above what predictive scaling wants of the group."""
        self._schedule = schedule
        self._cloudwatch = cloudwatch
        self._elb = elb
        self._stack = stack
        self._groups = groups
        self._floor = floor
        self.policies: dict[str, Policy] = {}
        """Every policy by id, in order of creation."""
        for resource in stack.of(ScalingPolicy):
            if resource.policy_type != "PredictiveScaling":
                self.put(resource)

    # -- alarms -------------------------------------------------------------------------------

    def invoke(self, policy: str, invocation: Invocation) -> bool:
        """An alarm's action: False if there is no such policy."""
        found = self.policies.get(policy)
        if found is None:
            return False
        if found.in_vain(invocation):
            return True
        if not found.group.invoked:
            self._schedule.at(self._schedule.now, Phase.CONTROL, self._decide, found.group)
        found.group.invoked.append((policy, invocation))
        return True

    def _decide(self, group: Group) -> None:
        """All alarms of this instant have spoken: follow the policy with the largest capacity."""
        invoked, group.invoked = group.invoked, []
        chosen = self._choose(group, invoked)
        if chosen is not None:
            group.follow(chosen)

    def _choose(self, group: Group, invoked: Iterable[tuple[str, Invocation]]) -> Proposal | None:
        """What a group follows of what these policies want; it changes nothing."""
        policies = self._of(group)
        proposals = [
            proposal
            for name, invocation in invoked
            if name in self.policies
            and (proposal := self.policies[name].propose(invocation, policies)) is not None
        ]
        return self._floor(largest(proposals), group) if proposals else None

    def _of(self, group: Group) -> list[Policy]:
        return [policy for policy in self.policies.values() if policy.group is group]

    # -- views --------------------------------------------------------------------------------

    def describe(self, group: str) -> tuple[PolicyView, ...]:
        """DescribePolicies: the group's dynamic policies, with what each would do now."""
        policies = self._of(self._groups[group])
        alarms = self._cloudwatch.alarms.values()
        told = self._cloudwatch.invocation
        return tuple(policy_view(p, alarms, policies, told, self._floor) for p in policies)

    def next_capacity(self, group: str) -> tuple[int, str] | None:
        """The desired capacity that the policies would set if alarms spoke at this moment, and the
        policy that would; None: they would change nothing."""
        found = self._groups[group]
        alarms = self._cloudwatch.alarms.values()
        invoked = [
            (policy.id, self._cloudwatch.invocation(record))
            for policy in self._of(found)
            for record, state in alarms_of(policy, alarms)
            if speaks(record, state)
        ]
        chosen = self._choose(found, invoked)
        if chosen is None or found.held(chosen.capacity) == found.desired:
            return None
        return found.held(chosen.capacity), chosen.policy

    # -- the API ------------------------------------------------------------------------------

    def put(self, resource: ScalingPolicy, *, enabled: bool = True) -> None:
        """PutScalingPolicy: a new policy, or another one in place of one of the same id."""
        group = self._groups[resource.auto_scaling_group_name]
        if resource.policy_type == "PredictiveScaling":
            raise AutoScalingError("a predictive scaling policy can only come with the template")
        self._check_metric(resource)
        if resource.logical_id in self.policies:
            self.policies[resource.logical_id].retire()
        self.policies[resource.logical_id] = self._make(resource, group, enabled=enabled)

    def _make(self, resource: ScalingPolicy, group: Group, *, enabled: bool) -> Policy:
        configuration = resource.target_tracking_configuration
        if configuration is not None:
            tracked = tracked_by(configuration, group.resource, self._stack, self._elb)
            return TargetTracking(
                self._schedule, self._cloudwatch, resource, group, tracked, enabled=enabled
            )
        kind = StepScaling if resource.policy_type == "StepScaling" else SimpleScaling
        return kind(self._schedule, resource, group, enabled=enabled)

    def _check_metric(self, resource: ScalingPolicy) -> None:
        others = [policy.resource for policy in self.policies.values()]
        if any(resource.tracks_as(other) for other in others):
            raise AutoScalingError(
                "Only one TargetTrackingScaling policy for a given metric specification is allowed."
            )

    def delete(self, policy: str, group: str | None = None) -> None:
        """DeletePolicy: target tracking's alarms go with it; those of others lose their action."""
        found = self._find(policy, group)
        del self.policies[found.id]
        found.retire()
        self._cloudwatch.drop_action(found.id)

    def execute(
        self,
        policy: str,
        group: str | None,
        *,
        honor_cooldown: bool = False,
        metric_value: float | None = None,
        breach_threshold: float | None = None,
    ) -> None:
        """ExecutePolicy: do at once what an alarm would have it do."""
        found = self._find(policy, group)
        match found:
            case SimpleScaling():
                if metric_value is not None or breach_threshold is not None:
                    raise AutoScalingError(
                        "MetricValue and BreachThreshold are for policies of type StepScaling"
                    )
                blocking = in_the_way(found.group, self._schedule.now)
                if honor_cooldown and blocking is not None:
                    raise in_progress(blocking.id)
                capacity: int | None = found.take()
            case StepScaling():
                if honor_cooldown:
                    raise AutoScalingError("HonorCooldown is for policies of type SimpleScaling")
                capacity = _step(found, metric_value, breach_threshold)
            case _:
                kind = found.resource.policy_type
                raise AutoScalingError(f"a policy of type {kind} cannot be executed")
        if capacity is not None:
            found.group.follow(Proposal(capacity, found.id, None, "", found.resource.cooldown))

    def named(self, name: str, group: str | None = None) -> Policy | None:
        """The policy (of a group) of that id, name or ARN; None: there is none."""
        for policy in self.policies.values():
            same_group = group is None or policy.group.id == group
            if same_group and name in policy.resource.identity.names:
                return policy
        return None

    def _find(self, name: str, group: str | None) -> Policy:
        policy = self.named(name, group)
        if policy is None:
            raise AutoScalingError(f"there is no scaling policy named {name}")
        return policy


def _step(policy: StepScaling, value: float | None, threshold: float | None) -> int | None:
    """What a step policy makes of a metric that somebody says."""
    if value is None or threshold is None:
        raise AutoScalingError(
            "MetricValue and BreachThreshold are needed to execute a policy of type StepScaling"
        )
    step = policy.step_for(value, threshold)
    if step is None:
        raise AutoScalingError(
            f"MetricValue {value:g} with BreachThreshold {threshold:g} is in no step adjustment of "
            f"{policy.id}"
        )
    return policy.take(step)
