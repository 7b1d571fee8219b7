"""What an alarm looked at, period by period."""

from __future__ import annotations

import pytest

from model.cloudwatch.alarms import Missing
from model.cloudwatch.evaluation import Judgement, describe_evaluation
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat
from model.cloudwatch.statistics import Datapoint
from tests.model.cloudwatch.samples import KEY, Cloud, make_alarm

B, N, OUT = Judgement.BREACHING, Judgement.NOT_BREACHING, Judgement.OUTSIDE


def feed(cloud: Cloud, drawing: str) -> None:
    """Datapoints as the tables of the documentation draw them, the newest at the right."""
    marks = drawing.split()
    for minute, mark in enumerate(marks):
        if mark != "-":
            value = 90.0 if mark == "X" else 10.0
            cloud.cloudwatch.put(KEY, "Count", 60.0 * minute, Datapoint.single(value))
    cloud.schedule.now = 60.0 * len(marks)


@pytest.mark.parametrize(
    ("drawing", "missing", "found"),
    [
        ("0 0 X X X", Missing.MISSING, [B, B, B, OUT, OUT]),
        ("0 X X - X", Missing.BREACHING, [B, OUT, B, B, OUT]),
        (
            "0 - - - -",
            Missing.BREACHING,
            [Judgement.TREATED_AS_BREACHING, Judgement.TREATED_AS_BREACHING, OUT, OUT, N],
        ),
        (
            "- - X - -",
            Missing.NOT_BREACHING,
            [
                Judgement.TREATED_AS_NOT_BREACHING,
                Judgement.TREATED_AS_NOT_BREACHING,
                B,
                OUT,
                OUT,
            ],
        ),
        ("- - - - -", Missing.MISSING, [Judgement.MISSING] * 3 + [OUT, OUT]),
    ],
)
def test_every_period_of_the_evaluation_range(
    drawing: str, missing: Missing, found: list[Judgement]
) -> None:
    cloud = Cloud.make()
    cloud.cloudwatch.put_metric_alarm(
        make_alarm(evaluation_periods=3, treat_missing_data=missing), "a"
    )
    feed(cloud, drawing)
    view = describe_evaluation(cloud.cloudwatch, "a")
    assert [period.judgement for period in view.periods] == found
    assert view.end == 300.0
    assert [period.start for period in view.periods] == [240.0, 180.0, 120.0, 60.0, 0.0]
    assert view.needed == 3


def test_an_alarm_on_an_expression() -> None:
    cloud = Cloud.make()
    alarm = make_alarm(
        metric=None,
        statistic="",
        queries=(
            MetricQuery(id="m1", metric_stat=MetricStat(KEY, 60.0, "Average"), return_data=False),
            MetricQuery(id="e1", expression="m1 * 2"),
        ),
        evaluation_periods=2,
        threshold=100.0,
    )
    cloud.cloudwatch.put_metric_alarm(alarm, "a")
    feed(cloud, "0 0 X -")
    view = describe_evaluation(cloud.cloudwatch, "a")
    assert [period.value for period in view.periods] == [None, 180.0, 20.0, 20.0]
    assert view.breaching == 1


def test_a_metric_that_is_not_there() -> None:
    cloud = Cloud.make()
    alarm = make_alarm(metric=MetricKey.of("Nothing", "Here", {}))
    cloud.cloudwatch.put_metric_alarm(alarm, "a")
    cloud.schedule.now = 120.0
    view = describe_evaluation(cloud.cloudwatch, "a")
    assert {period.value for period in view.periods} == {None}
