"""AWS::CloudWatch::Alarm: the ranges of its properties, and the alarm that comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from model.cloudwatch.alarms import Missing
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.resources import Alarm, Dimension
from model.fields import FieldError
from model.resources import Identity
from tests.model.cloudwatch.samples import INSUFFICIENT_DATA, Cloud

GOOD: dict[str, Any] = {
    "identity": Identity("Busy", Alarm.TYPE, "Busy"),
    "namespace": "AWS/EC2",
    "metric_name": "CPUUtilization",
    "dimensions": (Dimension(name="InstanceId", value="i-1"),),
    "statistic": "Average",
    "period": 300,
    "evaluation_periods": 3,
    "threshold": 80.0,
    "comparison_operator": "GreaterThanThreshold",
}


def make(**changes: Any) -> Alarm:
    return Alarm(**(GOOD | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"alarm_name": "x" * 255, "alarm_description": "x" * 1024},
        {"period": 60},
        {"period": 86_400, "evaluation_periods": 7},
        {"period": 604_800, "evaluation_periods": 1},
        {"period": 60, "evaluation_periods": 1440},
        {"period": 3540, "evaluation_periods": 24},
        {"evaluation_periods": 3, "datapoints_to_alarm": 3},
        {"statistic": None, "extended_statistic": "p99.9"},
        {"statistic": None, "extended_statistic": "p0"},
        {"statistic": None, "extended_statistic": "p100"},
        {"statistic": None, "extended_statistic": "p95.1234567891"},
        {"statistic": "SampleCount"},
        {"unit": "Percent"},
        {"unit": "Megabits/Second"},
        {"dimensions": tuple(Dimension(name=f"D{n}", value="x" * 1024) for n in range(30))},
        {"alarm_actions": ("Topic",) * 5},
        {"threshold": -1e30},
    ],
    ids=str,
)
def test_what_aws_takes(changes: dict[str, Any]) -> None:
    make(**changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"period": 0}, "multiple of 60"),
        ({"period": 90}, "multiple of 60"),
        ({"period": -60}, "multiple of 60"),
        ({"period": 5}, "multiple of 60"),
        ({"period": 60, "evaluation_periods": 1441}, "86400 s"),
        ({"period": 3600, "evaluation_periods": 169}, "604800 s"),
        ({"evaluation_periods": 0}, "at least 1"),
        ({"datapoints_to_alarm": 0}, "at least 1"),
        ({"datapoints_to_alarm": 4}, "DatapointsToAlarm"),
        ({"statistic": None}, "exactly one"),
        ({"extended_statistic": "p99"}, "exactly one"),
        ({"statistic": "Median"}, "one of"),
        ({"statistic": None, "extended_statistic": "p101"}, "must have a percentage"),
        ({"statistic": None, "extended_statistic": "99"}, "must be a statistic"),
        ({"statistic": None, "extended_statistic": "p5.12345678901"}, "must have a percentage"),
        ({"statistic": None, "extended_statistic": "TM90"}, "must be in lower case"),
        ({"statistic": None, "extended_statistic": "TM(2%:98%)"}, "from 10% to 90%"),
        ({"statistic": None, "extended_statistic": "PR(:30%)"}, "PR takes fixed values"),
        ({"statistic": None, "extended_statistic": "Sum"}, "takes an extended one"),
        ({"comparison_operator": "GreaterThan"}, "one of"),
        ({"comparison_operator": "GreaterThanUpperThreshold"}, "with a Threshold"),
        ({"threshold": None}, "Threshold is missing"),
        ({"threshold_metric_id": "ad1"}, "must be left out"),
        ({"threshold": None, "threshold_metric_id": "ad1"}, "of which there are none"),
        ({"treat_missing_data": "notbreaching"}, "one of"),
        ({"evaluate_low_sample_count_percentile": "skip"}, "one of"),
        ({"unit": "percent"}, "one of"),
        ({"namespace": ":x"}, "colon"),
        ({"namespace": ""}, "from 1 to 255"),
        ({"metric_name": "x" * 256}, "from 1 to 255"),
        ({"alarm_name": ""}, "from 1 to 255"),
        ({"alarm_description": "x" * 1025}, "from 0 to 1024"),
        ({"alarm_actions": ("Topic",) * 6}, "from 0 to 5"),
        ({"ok_actions": ("Topic",) * 6}, "from 0 to 5"),
        ({"dimensions": (Dimension(name="D", value="x"),) * 31}, "from 0 to 30"),
    ],
    ids=str,
)
def test_what_aws_or_the_simulator_refuses(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make(**changes)


@pytest.mark.parametrize(("name", "value"), [("", "x"), ("x", ""), ("x" * 256, "x"), ("x", 1025)])
def test_dimensions_have_lengths(name: str, value: str | int) -> None:
    with pytest.raises(FieldError):
        Dimension(name=name, value=value if isinstance(value, str) else "x" * value)


def test_the_alarm_of_a_template() -> None:
    cloud = Cloud.make()
    cloud.cloudwatch.put_alarm(
        make(
            alarm_name="busy",
            alarm_description="Too hot",
            datapoints_to_alarm=2,
            unit="Percent",
            treat_missing_data="breaching",
            alarm_actions=("pager", "grow"),
        )
    )
    record = cloud.cloudwatch.alarms["Busy"]
    alarm = record.alarm
    assert record.state is INSUFFICIENT_DATA
    assert alarm.metric == MetricKey.of("AWS/EC2", "CPUUtilization", {"InstanceId": "i-1"})
    assert (alarm.name, alarm.arn) == (
        "busy",
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:busy",
    )
    assert (alarm.statistic, alarm.period, alarm.unit) == ("Average", 300.0, "Percent")
    assert (alarm.evaluation_periods, alarm.datapoints_to_alarm, alarm.needed) == (3, 2, 2)
    assert alarm.treat_missing_data is Missing.BREACHING
    assert alarm.alarm_actions == ("pager", "grow")
    assert alarm.description == "Too hot"


def test_what_a_template_leaves_out() -> None:
    """Actions are enabled, missing data is missing, all datapoints must breach."""
    cloud = Cloud.make()
    cloud.cloudwatch.put_alarm(make(statistic=None, extended_statistic="p99"))
    alarm = cloud.cloudwatch.alarms["Busy"].alarm
    assert (alarm.name, alarm.statistic) == ("Busy", "p99")
    assert alarm.treat_missing_data is Missing.MISSING
    assert (alarm.datapoints_to_alarm, alarm.needed) == (None, 3)
    assert alarm.actions_enabled
    assert not alarm.ignore_low_samples


def test_low_samples_may_be_ignored() -> None:
    cloud = Cloud.make()
    percentile = {"statistic": None, "extended_statistic": "p99"}
    cloud.cloudwatch.put_alarm(make(**percentile, evaluate_low_sample_count_percentile="ignore"))
    assert cloud.cloudwatch.alarms["Busy"].alarm.ignore_low_samples
