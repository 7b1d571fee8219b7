"""Amazon CloudWatch: custom metrics, detailed monitoring, alarms and dashboards.

Source: Amazon CloudWatch pricing. Prices are for a month and prorated by the hour: a metric is
billed for each hour in which it is sent, an alarm and a dashboard for each hour that it is there.
An alarm is billed for each metric in it; one on a band of anomaly detection has two more, the
bounds. Detailed monitoring of an instance is seven metrics. Metrics that services send of
themselves, status checks and metrics of groups are free of charge; those of Container Insights are
not.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from model.billing.hours import MONTH, started_hours
from model.clock import HOUR
from model.cloudwatch.alarms import MetricAlarm
from model.cloudwatch.feeds import Feed
from model.ecs.metrics import INSIGHTS

if TYPE_CHECKING:
    from model.world import World

METRIC_TIERS = ((10_000, 0.30), (240_000, 0.10), (750_000, 0.05), (math.inf, 0.02))
"""How many metric-months cost how much each, one tier after the other."""
DETAILED_METRICS = 7
"""Metrics of an instance with detailed monitoring, as it is billed."""
ALARM = 0.10
"""For each metric of an alarm."""
FAST_ALARM = 0.30
"""The same where its period is shorter than a minute (high resolution)."""
COMPOSITE = 0.50
DASHBOARD = 3.00
DASHBOARD_TYPE = "AWS::CloudWatch::Dashboard"
METRICS = "CloudWatch"
"""Whom metrics are billed to."""


def cloudwatch_costs(world: World) -> dict[str, float]:
    """What each alarm, composite alarm and dashboard cost since the scenario's start, by logical id
    (alarms of scaling policies: of the policy), and what the metrics did together."""
    months = started_hours(world.now) / MONTH
    costs: dict[str, float] = {}
    for name, record in world.cloudwatch.alarms.items():
        owner = record.alarm.owner or name
        costs[owner] = costs.get(owner, 0.0) + alarm_price(record.alarm) * months
    for name in world.cloudwatch.composites.records:
        costs[name] = COMPOSITE * months
    for name, resource in world.stack.resources.items():
        if resource.TYPE == DASHBOARD_TYPE:
            costs[name] = DASHBOARD * months
    hours = monitored_hours(world) * DETAILED_METRICS
    hours += sum(reported_hours(feed, world.now) for feed in world.feeds)
    hours += insight_hours(world)
    if hours:
        costs[METRICS] = metrics_price(hours / MONTH)
    return costs


def alarm_price(alarm: MetricAlarm) -> float:
    """US dollars a month."""
    return alarm_metrics(alarm) * (ALARM if alarm.period >= 60 else FAST_ALARM)


def alarm_metrics(alarm: MetricAlarm) -> int:
    """The metrics that an alarm is billed for."""
    if alarm.metric is not None:
        return 1
    metrics = sum(query.metric_stat is not None for query in alarm.queries)
    bands = sum("ANOMALY_DETECTION_BAND" in (query.expression or "") for query in alarm.queries)
    return metrics + 2 * bands


def metrics_price(months: float) -> float:
    """US dollars for so many metric-months."""
    price = 0.0
    for size, each in METRIC_TIERS:
        price += min(months, size) * each
        months = max(months - size, 0.0)
    return price


def monitored_hours(world: World) -> int:
    """Hours in which instances with detailed monitoring ran since the scenario's start."""
    before, now = world.opening.seconds, world.now
    return sum(
        started_hours(instance.billed_seconds(now) - before.get(instance.id, 0.0))
        for instance in world.ec2.instances.values()
        if instance.monitoring
    )


def insight_hours(world: World) -> int:
    """Hours of the metrics of Container Insights, which are billed as custom metrics."""
    if not any(cluster.insights for cluster in world.ecs.clusters.values()):
        return 0
    metrics = sum(metric.key.namespace == INSIGHTS for metric in world.cloudwatch.metrics)
    return metrics * started_hours(world.now)


def reported_hours(feed: Feed, now: float) -> int:
    """Hours of the scenario for which a metric that is fed from outside was reported by now."""
    over = range(min(int(max(now, 0.0) // feed.period), len(feed.values)))
    told = {int(n * feed.period // HOUR) for n in over if feed.values[n] is not None}
    return len(told)
