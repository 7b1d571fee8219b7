"""Bursts, throttling, hot keys, and the growth of on-demand tables."""

from __future__ import annotations

import pytest

from model.dynamodb.resources import ON_DEMAND, OnDemandThroughput, WarmThroughput
from model.traffic.shapes import Stage, Stages
from tests.model.dynamodb.samples import index, metric, source, strong, table, units, world


def jump(before: float, at: float, after: float) -> Stages:
    """One rate until an instant, another from then on."""
    return Stages(before, (Stage(at, before), Stage(0.0, after)))


def test_unused_capacity_is_kept_for_five_minutes_of_bursts() -> None:
    # nothing for ten minutes: 300 s of 100 units are kept; 400 a second use 300 of them a second
    played = world(table(), strong("reads", jump(0.0, 600.0, 400.0)))
    played.run(780.0)
    throttled = metric(played, "ReadThrottleEvents")
    # after 100 s they are used up: 20 s of 300 too many remain of the second minute
    assert throttled == {660.0: pytest.approx(20 * 300, abs=2), 720.0: pytest.approx(18_000, abs=2)}
    consumed = metric(played, "ConsumedReadCapacityUnits")
    assert consumed[600.0] == pytest.approx(24_000, abs=1)
    assert consumed[720.0] == pytest.approx(6000, abs=1)
    assert consumed[0.0] == 0.0  # idle tables tell zero


def test_what_a_ramp_throttles_is_what_lies_above_capacity() -> None:
    # 0 to 200 in 400 s; above 100 from 200 s on, when half of 100 x 200 s was kept
    played = world(table(), strong("reads", Stages(0.0, (Stage(400.0, 200.0),))))
    played.run(420.0)
    assert sum(metric(played, "ReadThrottleEvents").values()) == pytest.approx(20 * 100, rel=0.02)


def test_reads_and_writes_have_capacities_of_their_own() -> None:
    played = world(
        table(read=10, write=1000),
        strong("reads", 50.0),
        source("writes", 50.0, operation="PutItem", size=1024.0),
    )
    played.run(300.0)
    assert metric(played, "WriteThrottleEvents") == {}
    assert metric(played, "ReadThrottleEvents")[240.0] == pytest.approx(2400, abs=2)
    assert metric(played, "ReadProvisionedThroughputThrottleEvents") == metric(
        played, "ReadThrottleEvents"
    )
    assert metric(played, "ThrottledRequests", operation="GetItem")[240.0] == pytest.approx(
        2400, abs=2
    )
    assert metric(played, "ThrottledRequests", operation="PutItem") == {}
    latency = "SuccessfulRequestLatency"
    assert metric(played, latency, "SampleCount", operation="PutItem")[240.0] == 3000
    assert 1.0 < metric(played, latency, "p99", operation="PutItem")[240.0] < 20.0


def test_a_write_is_throttled_where_its_index_cannot_follow() -> None:
    orders = table(global_secondary_indexes=(index("Slow", provisioned_throughput=units(1, 20)),))
    played = world(orders, source("writes", 50.0, operation="PutItem", size=1000.0))
    played.run(300.0)
    assert metric(played, "WriteThrottleEvents") == {}
    assert metric(played, "WriteThrottleEvents", index="Slow")[240.0] == pytest.approx(1800, abs=2)
    # what the index cannot take, the table does not take either
    assert metric(played, "ConsumedWriteCapacityUnits")[240.0] == pytest.approx(1200, abs=2)
    index_units = metric(played, "ConsumedWriteCapacityUnits", index="Slow")
    assert index_units[240.0] == pytest.approx(1200, abs=2)


def test_a_partition_key_can_do_3000_reads_a_second() -> None:
    played = world(table(read=40_000), strong("reads", 10_000.0, hottest_key=40))
    played.run(120.0)
    found = metric(played, "ReadKeyRangeThroughputThrottleEvents")
    assert found[60.0] == pytest.approx(60 * 1000, abs=2)
    assert metric(played, "ReadProvisionedThroughputThrottleEvents") == {}


def test_adaptive_capacity_gives_a_hot_partition_all_the_table_has() -> None:
    # the guide's example: 400 units over four partitions, one of which gets 150
    played = world(
        table(write=400),
        source("even", 150.0, operation="PutItem"),
        source("hot", 150.0, operation="PutItem", hottest_key=100),
    )
    played.run(600.0)
    assert metric(played, "WriteThrottleEvents") == {}


def test_a_new_table_on_demand_serves_12000_reads_and_4000_writes() -> None:
    played = world(
        table(billing_mode=ON_DEMAND),
        strong("reads", 13_000.0),
        source("writes", 4000.0, operation="PutItem"),
    )
    played.run(120.0)
    assert metric(played, "ReadThrottleEvents")[60.0] == pytest.approx(60_000, abs=2)
    assert metric(played, "WriteThrottleEvents") == {}
    assert metric(played, "ProvisionedReadCapacityUnits") == {}


def test_on_demand_doubles_the_peak_that_was_30_minutes_ago() -> None:
    rates = Stages(
        10_000.0,
        (Stage(1800.0, 10_000.0), Stage(0.0, 25_000.0)),
    )
    played = world(table(billing_mode=ON_DEMAND), strong("reads", rates))
    played.run(1980.0)
    throttled = metric(played, "ReadThrottleEvents")
    # the first minute's 10,000 count as the previous peak after half an hour: 20,000 then
    assert throttled[1800.0] == pytest.approx(60 * 13_000, abs=5)
    assert throttled[1920.0] == pytest.approx(60 * 5_000, abs=5)


def test_more_can_be_asked_for_on_demand_and_less_be_allowed() -> None:
    warm = WarmThroughput(read_units_per_second=30_000, write_units_per_second=4000)
    most = OnDemandThroughput(max_write_request_units=100)
    orders = table(billing_mode=ON_DEMAND, warm_throughput=warm, on_demand_throughput=most)
    played = world(orders, strong("reads", 30_000.0), source("writes", 150.0, operation="PutItem"))
    played.run(300.0)
    assert metric(played, "ReadThrottleEvents") == {}
    assert metric(played, "WriteMaxOnDemandThroughputThrottleEvents")[60.0] == 3000
    assert metric(played, "OnDemandMaxWriteRequestUnits", "Average") == {0.0: 100.0}


def test_no_table_does_more_than_the_quota() -> None:
    warm = WarmThroughput(read_units_per_second=100_000)
    orders = table(billing_mode=ON_DEMAND, warm_throughput=warm)
    played = world(orders, strong("reads", 41_000.0))
    played.run(60.0)
    assert metric(played, "ReadAccountLimitThrottleEvents") == {0.0: 60_000.0}
