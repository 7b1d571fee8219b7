"""Scenarios with DynamoDB tables: what is read, what is refused, what is reported."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from model.cloudwatch.alarms import Missing
from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from scenarios.page.report import page
from scenarios.player import play
from tests.scenarios.samples import mistakes_of, replaced

SCENARIO = textwrap.dedent(
    """\
    name: Orders
    start: 2026-11-25T09:00:00Z
    history: 5m
    duration: 10m
    template:
      Resources:
        Orders:
          Type: AWS::DynamoDB::Table
          Properties:
            AttributeDefinitions:
              - {AttributeName: order, AttributeType: S}
              - {AttributeName: customer, AttributeType: S}
            KeySchema: [{AttributeName: order, KeyType: HASH}]
            ProvisionedThroughput: {ReadCapacityUnits: 10, WriteCapacityUnits: "10"}
            GlobalSecondaryIndexes:
              - IndexName: ByCustomer
                KeySchema: [{AttributeName: customer, KeyType: HASH}]
                Projection: {ProjectionType: KEYS_ONLY}
                ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 10}
            StreamSpecification: {StreamViewType: NEW_IMAGE}
            Tags: [{Key: team, Value: shop}]
        Throttled:
          Type: AWS::CloudWatch::Alarm
          Properties:
            Namespace: AWS/DynamoDB
            MetricName: ReadThrottleEvents
            Dimensions: [{Name: TableName, Value: !Ref Orders}]
            Statistic: Sum
            Period: 60
            EvaluationPeriods: 1
            Threshold: 0
            ComparisonOperator: GreaterThanThreshold
    traffic:
      - {name: reads, to: Orders, request: {size: 4000, consistent_read: true}, rate: 12}
      - {name: writes, to: Orders, request: {operation: PutItem}, rate: 2}
    timeline:
      - at: 4m
        action: dynamodb:UpdateTable
        parameters:
          TableName: Orders
          ProvisionedThroughput: {ReadCapacityUnits: 20, WriteCapacityUnits: 10}
    expect:
      - Orders.ReadThrottleEvents == 0 from 7m to 10m
      - Orders.WriteThrottleEvents == 0
      - Orders.ConsumedReadCapacityUnits <= 720
      - requests.failed > 0
    """
)


def test_a_table_alone_makes_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    loaded = load(file)
    outcome = play(loaded.scenario)
    assert outcome.passed
    report = outcome.report
    own = report["tables"]["Orders"]
    assert own["requests"] == report["requests"]
    assert own["requests"]["total"] == 600 * 14
    assert set(own["requests"]["by_status"]) == {"200", "throttled"}
    assert own["requests"]["availability"] < 100
    assert [(row["time"], row["status"]) for row in own["throughput"]] == [
        (0, "ACTIVE"),
        (240, "UPDATING"),
        (360, "ACTIVE"),
    ]
    assert own["throughput"][-1]["throughput"]["read_capacity_units"] == 20
    assert report["cost"]["by_resource"]["Orders"] > 0
    assert any(event["detail"].get("eventName") == "UpdateTable" for event in report["events"])
    assert "ReadThrottleEvents" in page(loaded.scenario, outcome.world, report)


def test_an_alarm_on_a_table_keeps_its_state_where_data_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    outcome = play(load(file).scenario)
    record = outcome.world.cloudwatch.alarms["Throttled"]
    assert record.alarm.treat_missing_data is Missing.IGNORE
    # throttle events end when the update is done; nothing says so to the alarm
    assert [state["state"] for state in outcome.report["alarms"]["Throttled"]][-1] == "ALARM"
    operator = "ComparisonOperator: GreaterThanThreshold"
    told = replaced(SCENARIO, (operator, f"{operator}\n        TreatMissingData: missing"))
    file.write_text(told, encoding="utf-8")
    world = play(load(file).scenario).world
    assert world.cloudwatch.alarms["Throttled"].alarm.treat_missing_data is Missing.MISSING


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rate: 12", "rate: 12, clients: 5", None),
        ("{size: 4000,", "{size: 4000, path: /,", "there is no property path here"),
        ("{operation: PutItem}", "{operation: PutItems}", "operation must be one of GetItem"),
        (
            "{operation: PutItem}",
            "{operation: Query, index_name: ByCustomers}",
            "index_name must be an index of Orders: ByCustomer",
        ),
        ("to: Orders, request: {size", "to: Order, request: {size", "no load balancer named Order"),
        (
            "ReadCapacityUnits: 10, W",
            "ReadCapacityUnits: 0, W",
            "ReadCapacityUnits must be from 1 to 40000",
        ),
        (
            "        KeySchema: [{AttributeName: order,",
            "        KeySchema: [{AttributeName: id,",
            "order is in no key",
        ),
        (
            "        ProvisionedThroughput: {ReadCapacityUnits: 10",
            "        BillingMode: PAY_PER_REQUEST\n"
            + " " * 8
            + "ProvisionedThroughput: {ReadCapacityUnits: 10",
            "must be left out where BillingMode is PAY_PER_REQUEST",
        ),
        ("TableName: Orders\n", "TableName: Ordres\n", "'Ordres' is no DynamoDB::Table"),
        ("- requests.failed > 0", "- Orders.ReadThrottles == 0", "has no metric ReadThrottles"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, told: str | None
) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(replaced(SCENARIO, (old, new)), encoding="utf-8")
    if told is None:
        messages = [str(remark) for remark in load(file).remarks]
        assert any("clients says nothing of requests to a table" in text for text in messages)
        return
    with pytest.raises(ScenarioError) as error:
        load(file)
    mistakes = mistakes_of(error)
    assert any(told in mistake for mistake in mistakes), mistakes
    assert all(mistake.startswith("orders.yaml:") for mistake in mistakes)
