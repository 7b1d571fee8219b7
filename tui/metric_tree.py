"""The metrics there are, as the console's picker groups them: namespace, dimensions, metric.

The names of the groups are the console's own where the user guide shows them.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from model.cloudwatch.metrics import MetricKey

Names = tuple[str, ...]
"""The names of a metric's dimensions, sorted."""

GROUPS: dict[tuple[str, Names], str] = {
    ("AWS/ApplicationELB", ("LoadBalancer",)): "Per AppELB Metrics",
    ("AWS/ApplicationELB", ("AvailabilityZone", "LoadBalancer")): "Per AppELB, per AZ Metrics",
    ("AWS/ApplicationELB", ("LoadBalancer", "TargetGroup")): "Per AppELB, per TG Metrics",
    (
        "AWS/ApplicationELB",
        ("AvailabilityZone", "LoadBalancer", "TargetGroup"),
    ): "Per AppELB, per AZ, per TG Metrics",
    ("AWS/ApplicationELB", ("TargetGroup",)): "Per TG Metrics",
    ("AWS/ApplicationELB", ("AvailabilityZone", "TargetGroup")): "Per AZ, per TG Metrics",
    ("AWS/NetworkELB", ("LoadBalancer",)): "Per NLB Metrics",
    ("AWS/NetworkELB", ("AvailabilityZone", "LoadBalancer")): "Per NLB, per AZ Metrics",
    ("AWS/NetworkELB", ("LoadBalancer", "TargetGroup")): "Per NLB, per TG Metrics",
    (
        "AWS/NetworkELB",
        ("AvailabilityZone", "LoadBalancer", "TargetGroup"),
    ): "Per NLB, per AZ, per TG Metrics",
    ("AWS/ELB", ("LoadBalancerName",)): "Per-LB Metrics",
    ("AWS/ELB", ("AvailabilityZone", "LoadBalancerName")): "Per LB, per AZ Metrics",
    ("AWS/ELB", ("AvailabilityZone",)): "By Availability Zone",
    ("AWS/ELB", ()): "Across All LBs",
    ("AWS/EC2", ("InstanceId",)): "Per-Instance Metrics",
    ("AWS/EC2", ("AutoScalingGroupName",)): "By Auto Scaling Group",
    ("AWS/EC2", ("ImageId",)): "By Image (AMI) Id",
    ("AWS/EC2", ("InstanceType",)): "Aggregated by Instance Type",
    ("AWS/EC2", ()): "Across All Instances",
    ("AWS/AutoScaling", ("AutoScalingGroupName",)): "Group Metrics",
    ("AWS/Lambda", ("FunctionName",)): "By Function Name",
    ("AWS/Lambda", ("FunctionName", "Resource")): "By Resource",
    ("AWS/Lambda", ()): "Across All Functions",
}


@frozen
class Place:
    """Where in the tree somebody is: at its root, in a namespace, or in a group of metrics."""

    namespace: str | None = None
    names: Names | None = None

    @property
    def up(self) -> Place:
        """One step back."""
        return Place(self.namespace) if self.names is not None else Place()

    @property
    def label(self) -> str:
        """`All > AWS/EC2 > Per-Instance Metrics`."""
        words = ["All"]
        if self.namespace is not None:
            words.append(self.namespace)
            if self.names is not None:
                words.append(group_label(self.namespace, self.names))
        return " > ".join(words)

    def holds(self, key: MetricKey) -> bool:
        """Whether a metric is below this place."""
        if self.namespace is None:
            return True
        if key.namespace != self.namespace:
            return False
        return self.names is None or names_of(key) == self.names


@frozen
class Branch:
    """Something to go into, and how many metrics are there."""

    place: Place
    label: str
    count: int


def names_of(key: MetricKey) -> Names:
    """What a metric is grouped by."""
    return tuple(name for name, _ in key.dimensions)


def group_label(namespace: str, names: Names) -> str:
    """What a group of metrics is called."""
    known = GROUPS.get((namespace, names))
    return known or (", ".join(names) if names else "Metrics with no dimensions")


def branches(keys: Iterable[MetricKey], place: Place) -> list[Branch]:
    """The namespaces, or the groups of a namespace."""
    counts: dict[Place, int] = {}
    for key in keys:
        if place.holds(key):
            inner = Place(key.namespace, None if place.namespace is None else names_of(key))
            counts[inner] = counts.get(inner, 0) + 1
    found = [
        Branch(
            inner,
            inner.namespace if inner.names is None else group_label(inner.namespace, inner.names),
            count,
        )
        for inner, count in counts.items()
        if inner.namespace is not None
    ]
    return sorted(found, key=lambda branch: (len(branch.place.names or ()), branch.label))


def found_in(keys: Iterable[MetricKey], place: Place, text: str) -> list[MetricKey]:
    """The metrics below a place that have every word of a text somewhere, in order."""
    words = text.lower().split()
    found = [key for key in keys if place.holds(key) and all(w in searched(key) for w in words)]
    return sorted(found, key=_order)


def _order(key: MetricKey) -> tuple[object, ...]:
    """By group, those of few dimensions first."""
    return key.namespace, len(key.dimensions), names_of(key), key.dimensions, key.name


def searched(key: MetricKey) -> str:
    """What the words of a search are looked for in."""
    group = group_label(key.namespace, names_of(key))
    pairs = " ".join(f"{name} {value}" for name, value in key.dimensions)
    return f"{key.namespace} {group} {pairs} {key.name}".lower()
