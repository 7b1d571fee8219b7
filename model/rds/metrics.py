"""The metrics of the namespace AWS/RDS.

Sources: "Amazon CloudWatch metrics for Amazon Aurora", "Amazon CloudWatch metrics for Amazon RDS",
"Amazon CloudWatch dimensions for Aurora". A DB instance sends a datapoint a minute while it is
available; of several instances together each is a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from attrs import frozen

from model.clock import MINUTE
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.rds.instance import Minute
from model.rds.resources import AURORA

NAMESPACE = "AWS/RDS"
MILLISECONDS = 1000.0
Dimensions = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name."""


@frozen(eq=False)
class Sample:
    """What one DB instance tells of a minute, and by which dimensions it is known."""

    known_by: frozenset[Dimensions]
    engine: str
    minute: Minute

    @property
    def mysql(self) -> bool:
        """Whether it is Aurora MySQL, which tells more than others."""
        return self.engine == "aurora-mysql"


Samples = tuple[Sample, ...]
"""Those of a minute."""
Changes = Mapping[int, bool]
"""Whether statements of each kind change data."""
Read = Callable[[Sample], float | None]


def _statements(changes: Changes, wanted: bool | None, sample: Sample) -> float | None:
    """Statements per second: those that change data, or not, or all (None)."""
    if not sample.mysql:
        return None
    served = sample.minute.served.items()
    return sum([n for kind, n in served if wanted in (None, changes[kind])]) / MINUTE


def _latency(changes: Changes, wanted: bool, sample: Sample) -> float | None:
    """The mean time (ms) of statements that change data, or of the others."""
    if not sample.mysql:
        return None
    minute = sample.minute
    kinds = [kind for kind, n in minute.served.items() if n > 0 and changes[kind] is wanted]
    number = sum([minute.served[kind] for kind in kinds if kind in minute.latencies])
    if number <= 0.0:
        return None
    took = [minute.served[kind] * minute.latencies[kind] for kind in kinds]
    return MILLISECONDS * sum(took) / number


UNITS = {
    "CPUUtilization": "Percent",
    "DatabaseConnections": "Count",
    "EngineUptime": "Seconds",
    "Queries": "Count/Second",
    "SelectThroughput": "Count/Second",
    "DMLThroughput": "Count/Second",
    "SelectLatency": "Milliseconds",
    "DMLLatency": "Milliseconds",
}
"""The metrics, with their units."""
OF_ANY = ("CPUUtilization", "DatabaseConnections")
"""Those of any engine; EngineUptime is of Aurora, the others of Aurora MySQL."""


@frozen
class Reporter:
    """Makes metrics of what instances told."""

    metrics: MetricStore
    ledger: Ledger[Samples]
    changes: Changes

    def add(self, dimensions: Iterable[Dimensions]) -> None:
        """Have the metrics with these dimensions be there."""
        for own in dimensions:
            if self.metrics.get(MetricKey(NAMESPACE, "CPUUtilization", own)) is not None:
                continue
            for name, read in self._readers().items():
                metric = self.metrics.metric(MetricKey(NAMESPACE, name, own), UNITS[name])
                metric.add_column(self.ledger, partial(_point, own, read))

    def _readers(self) -> dict[str, Read]:
        throughput = partial(_statements, self.changes)
        latency = partial(_latency, self.changes)
        return {
            "CPUUtilization": _cpu,
            "DatabaseConnections": _connections,
            "EngineUptime": _uptime,
            "Queries": partial(throughput, None),
            "SelectThroughput": partial(throughput, False),
            "DMLThroughput": partial(throughput, True),
            "SelectLatency": partial(latency, False),
            "DMLLatency": partial(latency, True),
        }


def _cpu(sample: Sample) -> float:
    return sample.minute.cpu


def _connections(sample: Sample) -> float:
    return float(round(sample.minute.connections))


def _uptime(sample: Sample) -> float | None:
    return sample.minute.uptime if sample.engine in AURORA else None


def _point(dimensions: Dimensions, read: Read, samples: Samples) -> Datapoint | None:
    own = [read(sample) for sample in samples if dimensions in sample.known_by]
    values = [value for value in own if value is not None]
    return Datapoint.samples(values) if values else None
