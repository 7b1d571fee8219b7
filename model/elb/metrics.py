"""The metrics of load balancers: what a load balancer counted in a minute is one record, and each
metric is a column of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from types import ModuleType

from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.elb import application_metrics, classic_metrics, network_metrics
from model.elb.classic import ClassicState
from model.elb.load_balancer import LoadBalancerState
from model.elb.records import Minute, Named
from model.elb.target_group import TargetGroupState

UNITS = {
    "TargetResponseTime": "Seconds",
    "Latency": "Seconds",
    "ProcessedBytes": "Bytes",
    "LambdaTargetProcessedBytes": "Bytes",
    "EstimatedProcessedBytes": "Bytes",
    "PeakBytesPerSecond": "Bytes/Second",
    "PeakPacketsPerSecond": "Count/Second",
}
"""The units of metrics that are no counts."""


def report_to(metrics: MetricStore, balancer: LoadBalancerState, ledger: Ledger[Minute]) -> None:
    """Make the metrics of a load balancer and its target groups columns of its ledger."""
    own = balancer.resource.dimension
    if isinstance(balancer, ClassicState):
        _add(metrics, balancer, ledger, _of_classic(balancer, own))
        return
    kind = _kind(balancer)
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
    kind, whole, own = _kind(balancer), balancer.resource.dimension, group.resource.dimension
    columns = [*kind.of_group((), whole, own, group.id, None)]
    if group.resource.invokes:
        columns += application_metrics.of_function(whole, own, group.id)
    for zone in group.zones:
        columns += kind.of_group((("AvailabilityZone", zone),), whole, own, group.id, zone)
    if group.resource.invokes:
        columns = [item for item in columns if item[0] not in application_metrics.OF_INSTANCES]
    _add(metrics, balancer, ledger, columns)


def _kind(balancer: LoadBalancerState) -> ModuleType:
    return network_metrics if balancer.resource.kind == "network" else application_metrics


def _of_classic(balancer: ClassicState, own: tuple[str, str]) -> Iterator[Named]:
    names = frozenset(n for n, group in balancer.groups.items() if not group.resource.network)
    of = partial(classic_metrics.of_balancer, pools=names, checked=balancer.id)
    yield from of((own,), None)
    for zone in balancer.nodes:
        place = ("AvailabilityZone", zone)
        yield from of((place, own), zone)
        yield from of((place,), zone)


def _add(
    metrics: MetricStore,
    balancer: LoadBalancerState,
    ledger: Ledger[Minute],
    columns: Iterable[Named],
) -> None:
    for name, dimensions, column in columns:
        key = MetricKey(balancer.resource.namespace, name, dimensions)
        metrics.metric(key, UNITS.get(name, "Count")).add_column(ledger, column)
