"""The metrics of the namespace AWS/DynamoDB.

Source: "DynamoDB Metrics and dimensions". What was consumed is told every minute, of tables
without traffic too (as zero); what is provisioned, every five minutes; throttling, when there is
any. A table is known by TableName alone, an index by GlobalSecondaryIndexName as well, requests by
their Operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from attrs import define, field

from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.dynamodb.counting import Minute
from model.dynamodb.requests import Place, Side
from model.dynamodb.resources import TABLE_QUOTA
from model.dynamodb.table import TableState
from model.dynamodb.throughput import Cause
from model.flow.latency import MIDDLES

NAMESPACE = "AWS/DynamoDB"
FIVE_MINUTES = 300.0
MILLISECONDS = 1000.0
Dimensions = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name."""
ACCOUNT_QUOTA = 80_000
"""Provisioned units per second of each kind that all tables of an account may have together."""


def throttle_events(side: Side, cause: Cause | None = None) -> str:
    """The name of the metric of throttled events: of one cause, or of all."""
    return f"{side}{cause or ''}ThrottleEvents"


def dimensions_of(table: str, index: str = "") -> Dimensions:
    """Those of a table, or of one of its indexes, sorted by name."""
    own = (("TableName", table),)
    return (("GlobalSecondaryIndexName", index), *own) if index else own


def report_to(metrics: MetricStore, state: TableState, ledger: Ledger[Minute]) -> None:
    """Make the metrics of a table columns of its ledger."""
    for place in state.throughputs:
        index, side = place
        own = dimensions_of(state.name, index)
        key = MetricKey(NAMESPACE, f"Consumed{side}CapacityUnits", own)
        metrics.metric(key, "Count").add_column(ledger, partial(_consumed, place))
        for cause in (None, *Cause):
            key = MetricKey(NAMESPACE, throttle_events(side, cause), own)
            metrics.metric(key, "Count").add_column(ledger, partial(_throttled, place, cause))
    for operation in dict.fromkeys(demand.item.operation for demand in state.demands):
        own = (("Operation", operation), *dimensions_of(state.name))
        key = MetricKey(NAMESPACE, "ThrottledRequests", own)
        metrics.metric(key, "Count").add_column(ledger, partial(_failed, operation))
        key = MetricKey(NAMESPACE, "SuccessfulRequestLatency", own)
        metrics.metric(key, "Milliseconds").add_column(ledger, partial(_latency, operation))


def _consumed(place: Place, minute: Minute) -> Datapoint:
    found = minute.consumed.get(place)
    return _of({units: float(n) for units, n in found.items()} if found else {0.0: 1.0})


def _of(samples: Mapping[float, float]) -> Datapoint:
    known = {value: samples[value] for value in sorted(samples)}
    total = sum([value * number for value, number in known.items()])
    spread = known if len(known) > 1 else None
    return Datapoint(sum(known.values()), total, min(known), max(known), spread)


def _throttled(place: Place, cause: Cause | None, minute: Minute) -> Datapoint | None:
    lacks = minute.throttled.items()
    return _events(sum([n for (*at, why), n in lacks if (*at,) == place and cause in (None, why)]))


def _failed(operation: str, minute: Minute) -> Datapoint | None:
    return _events(minute.failed.get(operation, 0))


def _events(number: int) -> Datapoint | None:
    return Datapoint.single(1.0, float(number)) if number else None


def _latency(operation: str, minute: Minute) -> Datapoint | None:
    buckets = minute.latencies.get(operation)
    if buckets is None:
        return None
    middles = (MIDDLES[buckets.indices] * MILLISECONDS).tolist()
    return _of(dict(zip(middles, buckets.counts.astype(float).tolist(), strict=True)))


@define(eq=False)
class Gauges:
    """What is told every five minutes: of each table and index, and of the account."""

    metrics: MetricStore | None = None
    _ledger: Ledger[Mapping[MetricKey, Datapoint]] = field(factory=lambda: Ledger(FIVE_MINUTES))
    _samples: dict[tuple[str, Dimensions], list[float]] = field(factory=dict)

    def sample(self, states: list[TableState]) -> None:
        """Note what there is now, at the end of a minute."""
        provisioned = dict.fromkeys(Side, 0.0)
        highest = dict.fromkeys(Side, 0.0)
        for state in states:
            for (index, side), own in state.throughputs.items():
                dimensions = dimensions_of(state.name, index)
                if own.provisioned is None:
                    if own.most is not None:
                        self._note(f"OnDemandMax{side}RequestUnits", dimensions, own.most)
                    continue
                self._note(f"Provisioned{side}CapacityUnits", dimensions, own.provisioned)
                provisioned[side] += own.provisioned
                highest[side] = max(highest[side], own.provisioned)
        for side in Side:
            used = 100.0 * provisioned[side] / ACCOUNT_QUOTA
            self._note(f"AccountProvisioned{side}CapacityUtilization", (), used)
            used = 100.0 * highest[side] / TABLE_QUOTA
            self._note(f"MaxProvisionedTable{side}CapacityUtilization", (), used)
            self._note(f"AccountMax{side}s", (), ACCOUNT_QUOTA)
            self._note(f"AccountMaxTableLevel{side}s", (), TABLE_QUOTA)

    def _note(self, name: str, dimensions: Dimensions, value: float) -> None:
        self._samples.setdefault((name, dimensions), []).append(float(value))

    def publish(self, end: float) -> None:
        """Five minutes are over."""
        assert self.metrics is not None
        record = {
            MetricKey(NAMESPACE, *key): Datapoint.samples(values)
            for key, values in self._samples.items()
        }
        self._samples = {}
        self._ledger.enter(end - FIVE_MINUTES, record)
        for key in record:
            if self.metrics.get(key) is None:
                unit = "Percent" if key.name.endswith("Utilization") else "Count"
                self.metrics.metric(key, unit).add_column(self._ledger, partial(_gauge, key))


def _gauge(key: MetricKey, record: Mapping[MetricKey, Datapoint]) -> Datapoint | None:
    return record.get(key)
