"""The `metrics:` section of a scenario file: datapoints fed to CloudWatch."""

from __future__ import annotations

from typing import Any

from attrs import evolve, field, frozen

from model.autoscaling.resources import AutoScalingGroup
from model.cloudwatch.feeds import Feed
from model.cloudwatch.metrics import UNITS
from model.cloudwatch.statistics import Datapoint
from model.ec2.machines import StandaloneInstance
from model.elb.resources import ClassicLoadBalancer, LoadBalancer
from model.events.resources import Queue, Rule, Topic
from model.fields import at_least, length, one_of
from model.functions.resources import Function
from model.resources import Resource
from model.stack import Stack
from scenarios.document import Place
from scenarios.metric_names import dimension_value
from scenarios.mistakes import ScenarioError
from scenarios.section import DURATION, Dates, Section, TraceItem
from scenarios.trace_files import Value
from scenarios.traces import Samples, read_samples


@frozen(kw_only=True)
class MetricItem:
    """An item under `metrics:`."""

    namespace: str = field(validator=length(1, 255))
    name: str = field(validator=length(1, 255))
    dimensions: dict[str, str] = field(factory=dict)
    unit: str | None = field(default=None, validator=one_of(*UNITS))
    period: float | None = field(default=None, metadata=DURATION, validator=at_least(1))
    storage_resolution: int | None = field(default=None, validator=one_of(1, 60))
    values: tuple[float | None, ...] | None = None
    trace: TraceItem | None = None


class MetricsSection(Section[MetricItem]):
    """Reads it: first what stands there, then, when the start is known, the feeds."""

    def read(self, content: Any) -> None:
        """Read the items and their traces."""
        self._read_items(content, "metrics", MetricItem)
        for item, place in self._items:
            if item.trace is None:
                continue
            if item.trace.period < 1:
                self._mistake((*place, "trace", "period"), "must be at least 1 s for a metric")
                continue
            try:
                which = item.trace.which(item.unit)
                samples = read_samples(self._file(item.trace), item.trace.period, which)
            except ScenarioError as problem:
                self.mistakes += problem.mistakes
            else:
                self._keep(place, item.trace, samples)

    def feeds(self, stack: Stack, dates: Dates) -> tuple[Feed, ...]:
        """What is fed."""
        feeds = []
        for item, place in self._items:
            self._check_namespace(item, place, stack)
            if (item.values is None) == (item.trace is None):
                self._mistake(place, "give exactly one of values and trace")
                continue
            feed = Feed(
                namespace=item.namespace,
                name=item.name,
                dimensions={
                    name: dimension_value(stack, name, value)
                    for name, value in item.dimensions.items()
                },
                unit=item.unit or "None",
                period=item.period or 60.0,
                storage_resolution=item.storage_resolution,
                values=item.values or (),
            )
            if item.trace is not None:
                samples = self._traces.get(place)
                if not isinstance(samples, Samples):
                    continue
                feed = _of_trace(feed, item.trace, samples, dates)
                feed = evolve(feed, unit=item.unit or samples.unit or "None")
            feeds.append(feed)
        return tuple(feeds)

    def _check_namespace(self, item: MetricItem, place: Place, stack: Stack) -> None:
        """What AWS recorded may play where nothing of the template reports it itself."""
        if not item.namespace.startswith("AWS/"):
            return
        where = (*place, "namespace")
        if item.trace is None:
            hint = "a trace of what AWS recorded may play under it"
            self._mistake(where, "AWS/ is reserved for AWS's own metrics", hint)
            return
        reporting = [
            name for name, r in stack.resources.items() if item.namespace in _namespaces(r)
        ]
        if reporting:
            message = f"{reporting[0]} of the template reports to {item.namespace} itself"
            self._mistake(where, message, "recorded metrics of AWS play where nothing else does")


def _of_trace(feed: Feed, trace: TraceItem, samples: Samples, dates: Dates) -> Feed:
    values, begins = samples.values, dates.offset(trace, samples.first) or 0.0
    values, begins = dates.cut(values, trace.period, begins)
    scaled = tuple(None if value is None else _scaled(value, trace.scale) for value in values)
    return evolve(feed, period=trace.period, values=scaled, begins=begins)


def _scaled(value: Value, scale: float) -> Value:
    if isinstance(value, float):
        return value * scale
    if scale == 1.0:
        return value
    known = value.distribution
    return Datapoint(
        value.count,
        value.total * scale,
        value.minimum * scale,
        value.maximum * scale,
        {sample * scale: n for sample, n in known.items()} if isinstance(known, dict) else None,
    )


def _namespaces(resource: Resource) -> tuple[str, ...]:
    """The namespaces that a resource reports metrics to."""
    match resource:
        case LoadBalancer() | ClassicLoadBalancer():
            return (resource.namespace,)
        case AutoScalingGroup():
            return "AWS/EC2", "AWS/AutoScaling"
        case StandaloneInstance():
            return ("AWS/EC2",)
        case Function():
            return ("AWS/Lambda",)
        case Topic():
            return ("AWS/SNS",)
        case Queue():
            return ("AWS/SQS",)
        case Rule():
            return ("AWS/Events",)
    return ()
