"""What alarms do on entering a state: topics, functions, instances, policies; and their history."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import define, field

from model.cloudwatch.acting import instance_action, known_arn
from model.cloudwatch.history import HistoryKind
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.statistics import Datapoint
from model.events.delivery import DeliveryError
from tests.model.cloudwatch.samples import ALARM, OK, Cloud, make_alarm

REBOOT = "arn:aws:automate:us-east-1:ec2:reboot"
OF_INSTANCE = MetricKey.of("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1"})


@define
class Heard:
    """What functions and instances were asked for."""

    invoked: list[tuple[str, Any, str, str]] = field(factory=list)
    done: list[tuple[str, str]] = field(factory=list)
    refuse: str = ""

    def invoke(self, arn: str, payload: Any, principal: str, source: str) -> None:
        if self.refuse:
            raise DeliveryError("NO_PERMISSIONS", self.refuse)
        self.invoked.append((arn, payload, principal, source))

    def operate(self, done: str, instance: str) -> None:
        if self.refuse:
            raise DeliveryError("IncorrectInstanceState", self.refuse)
        self.done.append((done, instance))


def cloud_with(heard: Heard) -> Cloud:
    cloud = Cloud.make(functions=("Healer",))
    cloud.cloudwatch.actions.invoke = heard.invoke
    cloud.cloudwatch.actions.operate = heard.operate
    return cloud


@pytest.mark.parametrize(
    ("arn", "done"),
    [
        ("arn:aws:automate:us-east-1:ec2:stop", "stop"),
        ("arn:aws:automate:us-east-1:ec2:recover", "recover"),
        ("arn:aws:swf:us-east-1:123456789012:action/actions/AWS_EC2.InstanceId.Terminate/1.0",
         "terminate"),
        ("arn:aws:automate:us-east-1:ec2:explode", None),
        ("arn:aws:automate:eu-west-1:ec2:stop", None),
        ("arn:aws:sns:us-east-1:123456789012:pager", None),
    ],
)  # fmt: skip
def test_actions_on_instances(arn: str, done: str | None) -> None:
    assert instance_action(arn) == done


def test_an_ops_item_is_written_down() -> None:
    arn = "arn:aws:ssm:us-east-1:123456789012:opsitem:3"
    assert known_arn(arn)
    cloud = Cloud.make()
    record = cloud.alarm(alarm_actions=(arn,))
    cloud.play(record, 90.0)
    (item,) = cloud.cloudwatch.history.of("busy", HistoryKind.ACTION)
    assert item.summary == f"Successfully executed action {arn}"


def test_an_instance_is_rebooted_once_on_entering_the_state() -> None:
    heard = Heard()
    cloud = cloud_with(heard)
    cloud.cloudwatch.put_metric_alarm(
        make_alarm(metric=OF_INSTANCE, threshold=0.0, alarm_actions=(REBOOT,)), "sick"
    )
    for minute in range(5):
        cloud.cloudwatch.put(OF_INSTANCE, "Count", 60.0 * minute, Datapoint.single(1.0))
    cloud.run(300.0)
    assert heard.done == [("reboot", "i-1")]


def test_a_refused_action_is_in_the_history() -> None:
    heard = Heard(refuse="the instance is not running")
    cloud = cloud_with(heard)
    alarm = make_alarm(metric=OF_INSTANCE, threshold=0.0, alarm_actions=(REBOOT,))
    cloud.cloudwatch.put_metric_alarm(alarm, "sick")
    cloud.cloudwatch.put(OF_INSTANCE, "Count", 0.0, Datapoint.single(1.0))
    cloud.run(60.0)
    (item,) = cloud.cloudwatch.history.of("busy", HistoryKind.ACTION)
    assert item.summary == f"Failed to execute action {REBOOT}. the instance is not running"
    assert item.data["actionState"] == "Failed"


def test_a_function_is_invoked_with_the_alarm() -> None:
    heard = Heard()
    cloud = cloud_with(heard)
    record = cloud.alarm(alarm_actions=("Healer",))
    cloud.play(record, 90.0, 90.0)
    ((_, payload, principal, source),) = heard.invoked
    assert principal == "lambda.alarms.cloudwatch.amazonaws.com"
    assert source == record.alarm.arn == payload["alarmArn"]
    assert payload["alarmData"]["state"]["value"] == "ALARM"
    assert payload["alarmData"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    json.dumps(payload)


def test_the_history_of_an_alarm_newest_first() -> None:
    """API DescribeAlarmHistory."""
    cloud = Cloud.make()
    record = cloud.alarm(alarm_actions=("pager",))
    cloud.play(record, 10.0, 90.0, 90.0)
    items = cloud.cloudwatch.alarm_history("busy")
    assert [(item.time, item.kind.value, item.summary) for item in items] == [
        (120.0, "Action", "Successfully executed action pager"),
        (120.0, "StateUpdate", "Alarm updated from OK to ALARM"),
        (60.0, "StateUpdate", "Alarm updated from INSUFFICIENT_DATA to OK"),
        (0.0, "ConfigurationUpdate", 'Alarm "busy" created'),
    ]
    data = items[1].data
    assert data["oldState"]["stateValue"] == "OK"
    assert data["newState"]["stateReason"].startswith("Threshold Crossed: 1 datapoint [90.0")
    assert "stateReasonData" in data["newState"]


def test_history_is_kept_for_thirty_days_and_outlives_the_alarm() -> None:
    cloud = Cloud.make()
    record = cloud.alarm()
    cloud.play(record, 90.0)
    cloud.run(31 * 86_400.0)
    cloud.cloudwatch.delete_alarm("busy")
    kinds = [item.summary for item in cloud.cloudwatch.history.of("busy")]
    assert kinds[0] == 'Alarm "busy" deleted'
    assert 'Alarm "busy" created' not in kinds


def test_another_configuration_is_an_event() -> None:
    """The sample events in "Alarm events and EventBridge"."""
    cloud = Cloud.make()
    cloud.alarm()
    assert not [e for e in cloud.bus.events if "Configuration" in e.detail_type]
    cloud.cloudwatch.enable_actions("busy", enabled=False)
    cloud.cloudwatch.enable_actions("busy", enabled=False)
    (event,) = [e for e in cloud.bus.events if "Configuration" in e.detail_type]
    assert event.detail["operation"] == "update"
    assert event.detail["configuration"]["actionsEnabled"] is False
    assert event.detail["previousConfiguration"]["actionsEnabled"] is True
    assert event.detail["configuration"]["threshold"] == 50.0


def test_a_new_datapoint_that_agrees_changes_nothing() -> None:
    """The evaluation that is left out says what the one that is made would say."""
    cloud = Cloud.make()
    record = cloud.alarm(evaluation_periods=3, datapoints_to_alarm=2)
    states = cloud.play(record, 10.0, 10.0, 10.0, 10.0, 10.0, 90.0, 10.0, 90.0, 90.0, 10.0, 10.0)
    assert states[5:] == [OK, OK, ALARM, ALARM, ALARM, OK]
    assert len(record.judged) == 3
