"""The metrics of load balancers: what a load balancer counted in a minute is one record, and each
metric is a column of it."""

from __future__ import annotations

from collections.abc import Iterable

from model.cloudwatch.metrics import Ledger, MetricKey, MetricStore
from model.elb import application_metrics, network_metrics
from model.elb.load_balancer import LoadBalancerState
from model.elb.records import Minute, Named
from model.elb.target_group import TargetGroupState

UNITS = {
    "TargetResponseTime": "Seconds",
    "ProcessedBytes": "Bytes",
    "PeakBytesPerSecond": "Bytes/Second",
    "PeakPacketsPerSecond": "Count/Second",
}
"""The units of metrics that are no counts."""


def report_to(metrics: MetricStore, balancer: LoadBalancerState, ledger: Ledger[Minute]) -> None:
    """Make the metrics of a load balancer and its target groups columns of its ledger."""
    kind = network_metrics if balancer.resource.network else application_metrics
    own = ("LoadBalancer", balancer.resource.full_name)
    columns = [*kind.of_balancer((own,), None)]
    for zone in balancer.nodes:
        columns += kind.of_balancer((("AvailabilityZone", zone), own), zone)
    _add(metrics, balancer, ledger, columns)
    for group in balancer.groups.values():
        report_group(metrics, balancer, group, ledger)


def report_group(
    metrics: MetricStore,
    balancer: LoadBalancerState,
    group: TargetGroupState,
    ledger: Ledger[Minute],
) -> None:
    """Make the metrics of one of its target groups columns of the ledger."""
    kind = network_metrics if balancer.resource.network else application_metrics
    whole = ("LoadBalancer", balancer.resource.full_name)
    own = ("TargetGroup", group.resource.full_name)
    columns = [*kind.of_group((), whole, own, group.id, None)]
    for zone in group.zones:
        columns += kind.of_group((("AvailabilityZone", zone),), whole, own, group.id, zone)
    _add(metrics, balancer, ledger, columns)


def _add(
    metrics: MetricStore,
    balancer: LoadBalancerState,
    ledger: Ledger[Minute],
    columns: Iterable[Named],
) -> None:
    for name, dimensions, column in columns:
        key = MetricKey(balancer.resource.namespace, name, dimensions)
        metrics.metric(key, UNITS.get(name, "Count")).add_column(ledger, column)
