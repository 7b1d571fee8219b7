"""Service quotas: how much of each kind of resource an account may have in a region.

Sources: "Visualizing your service quotas and setting alarms" (CloudWatch); "Elastic Load Balancing
endpoints and quotas", "Amazon EC2 Auto Scaling endpoints and quotas", "Amazon EC2 endpoints and
quotas". Nothing is refused here for a quota: `SERVICE_QUOTA()` tells it, and alarms can watch it.
"""

from __future__ import annotations

from attrs import frozen

from model.cloudwatch.metrics import MetricKey

NAMESPACE = "AWS/Usage"
ELB = "Elastic Load Balancing"


@frozen
class Quota:
    """How many of a kind of resource an account may have in a region."""

    service: str
    resource: str
    limit: float
    kind: str = "None"
    """The dimension Class."""

    @property
    def key(self) -> MetricKey:
        """The metric of its usage."""
        dimensions = {
            "Service": self.service,
            "Type": "Resource",
            "Resource": self.resource,
            "Class": self.kind,
        }
        return MetricKey.of(NAMESPACE, "ResourceCount", dimensions)


VCPUS = Quota("EC2", "vCPU", 1152.0, "Standard/OnDemand")
"""Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances. A new account has less; AWS
raises it as it is used."""
BALANCERS = {
    "application": Quota(ELB, "ApplicationLoadBalancersPerRegion", 50.0),
    "network": Quota(ELB, "NetworkLoadBalancersPerRegion", 50.0),
    "classic": Quota(ELB, "ClassicLoadBalancersPerRegion", 20.0),
}
TARGET_GROUPS = Quota(ELB, "TargetGroupsPerRegion", 3000.0)
GROUPS = Quota("AutoScaling", "NumberOfAutoScalingGroup", 500.0)
LIMITS = {quota.key: quota.limit for quota in (VCPUS, *BALANCERS.values(), TARGET_GROUPS, GROUPS)}


def quota_of(usage: MetricKey) -> float | None:
    """The quota that a metric tells the usage of; None: it is no such metric."""
    return LIMITS.get(usage) if usage.namespace == NAMESPACE else None
