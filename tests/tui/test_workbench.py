"""The graph that a person makes: lines, expressions, what is wrong with them; the picker's tree."""

from __future__ import annotations

import pytest

from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat
from tui.metric_tree import Place, branches, found_in
from tui.workbench import Complaint, Workbench, period_label, read_statistic

ELB = "AWS/ApplicationELB"
REQUESTS = MetricKey.of(ELB, "RequestCount", {"LoadBalancer": "app/lb/1"})
TIMES = MetricKey.of(ELB, "TargetResponseTime", {"LoadBalancer": "app/lb/1"})
IN_A = MetricKey.of(ELB, "RequestCount", {"LoadBalancer": "app/lb/1", "AvailabilityZone": "a"})
IN_B = MetricKey.of(ELB, "RequestCount", {"LoadBalancer": "app/lb/1", "AvailabilityZone": "b"})
ORDERS = MetricKey.of("Shop", "Orders", {})
CPU = MetricKey.of("AWS/EC2", "CPUUtilization", {"InstanceId": "i-1"})
ALL = (ORDERS, CPU, IN_B, IN_A, TIMES, REQUESTS)


def test_a_metric_is_graphed_and_no_more() -> None:
    bench = Workbench()
    assert bench.plot() is None
    bench.toggle(REQUESTS)
    bench.toggle(TIMES)
    assert [line.id for line in bench.lines] == ["m1", "m2"]
    (first, second) = bench.queries()
    assert first.metric_stat == MetricStat(REQUESTS, 60.0, "Average")
    assert second.label == "TargetResponseTime"
    bench.toggle(REQUESTS)
    bench.toggle(IN_A)
    assert [line.id for line in bench.lines] == ["m2", "m3"], "an id is given once"


def test_labels_tell_lines_apart() -> None:
    bench = Workbench()
    for key in (IN_A, IN_B):
        bench.toggle(key)
    assert [query.label for query in bench.queries()] == ["RequestCount a", "RequestCount b"]
    other = Workbench()
    other.take(
        (
            MetricQuery(id="p", metric_stat=MetricStat(TIMES, 60.0, "p50")),
            MetricQuery(id="q", metric_stat=MetricStat(TIMES, 60.0, "p99")),
        )
    )
    labels = [query.label for query in other.queries()]
    assert labels == ["TargetResponseTime p50", "TargetResponseTime p99"]


def test_statistic_period_and_range() -> None:
    bench = Workbench()
    bench.toggle(TIMES)
    bench.set_statistic("m1", read_statistic("tm99"))
    for _ in range(3):
        bench.next_range()
    (query,) = bench.queries()
    assert query.metric_stat == MetricStat(TIMES, 300.0, "tm99"), "a day has datapoints of 5 m"
    bench.set_period("m1", 60.0)
    (query,) = bench.queries()
    assert query.metric_stat == MetricStat(TIMES, 60.0, "tm99")
    plot = bench.plot()
    assert plot is not None
    assert plot.fixed
    for _ in range(3):
        bench.next_range()
    assert bench.span == 3600.0


@pytest.mark.parametrize(
    ("typed", "read"),
    [("average", "Average"), (" SUM ", "Sum"), ("p99.9", "p99.9"), ("TM(10%:90%)", "TM(10%:90%)")],
)
def test_statistics_that_are_typed(typed: str, read: str) -> None:
    assert read_statistic(typed) == read


@pytest.mark.parametrize("typed", ["", "p", "p101", "median", "TM(90%:10%)", "P99"])
def test_what_is_no_statistic(typed: str) -> None:
    with pytest.raises(ValueError, match=r"statistic|lower case|bound|percentage"):
        read_statistic(typed)


def test_expressions_and_what_is_wrong_with_them() -> None:
    bench = Workbench()
    bench.toggle(REQUESTS)
    bench.toggle(TIMES)
    assert bench.complaint(None, "100 * m1 / m2") is None
    assert bench.complaint(None, "100 * m1 /+ m2") == Complaint("'+' is not expected", 11)
    wrong = bench.complaint(None, "m1 + m9")
    assert wrong is not None
    assert (wrong.column, "m9" in wrong.text) == (6, True)
    assert bench.lines[-1].id == "m2", "asking changes nothing"
    bench.set_expression(None, "m1 * 2")
    bench.set_expression(None, "e1 + m2")
    circle = bench.complaint("e1", "e2 + 1")
    assert circle is not None
    assert "depends on itself" in circle.text


def test_what_an_expression_needs_may_go_and_the_rest_is_still_drawn() -> None:
    bench = Workbench()
    bench.toggle(REQUESTS)
    bench.toggle(TIMES)
    bench.set_expression(None, "m1 * 2")
    bench.set_expression(None, "e1 + 1")
    bench.remove("m1")
    assert set(bench.problems()) == {"e1", "e2"}
    plot = bench.plot()
    assert plot is not None
    assert [query.id for query in plot.queries] == ["m2"]
    bench.toggle_visible("m2")
    assert bench.plot() is None


def test_what_is_hidden_may_still_be_used() -> None:
    bench = Workbench()
    bench.toggle(REQUESTS)
    bench.set_expression(None, "m1 * 2")
    bench.toggle_visible("m1")
    plot = bench.plot()
    assert plot is not None
    assert [query.return_data for query in plot.queries] == [False, True]
    assert plot.title == "m1 * 2"


def test_periods_as_the_console_writes_them() -> None:
    labels = [period_label(period) for period in (1, 30, 60, 300, 3600, 21_600, 86_400, 90)]
    assert labels == ["1 s", "30 s", "1 m", "5 m", "1 h", "6 h", "1 d", "90 s"]


# The picker's tree


def test_namespaces_groups_and_metrics() -> None:
    top = branches(ALL, Place())
    assert [(branch.label, branch.count) for branch in top] == [
        (ELB, 4),
        ("AWS/EC2", 1),
        ("Shop", 1),
    ]
    groups = branches(ALL, Place(ELB))
    assert [branch.label for branch in groups] == [
        "Per AppELB Metrics",
        "Per AppELB, per AZ Metrics",
    ]
    assert found_in(ALL, groups[1].place, "") == [IN_A, IN_B]
    assert [b.label for b in branches(ALL, Place("Shop"))] == ["Metrics with no dimensions"]
    own = MetricKey.of("Shop", "Orders", {"Queue": "a", "City": "b"})
    assert branches((own,), Place("Shop"))[0].label == "City, Queue"


def test_words_are_looked_for_everywhere() -> None:
    assert found_in(ALL, Place(), "request az") == [IN_A, IN_B]
    assert found_in(ALL, Place(), "INSTANCEID cpu") == [CPU]
    assert found_in(ALL, Place("AWS/EC2"), "request") == []
    assert groups_label() == "All > AWS/ApplicationELB > Per AppELB Metrics"


def groups_label() -> str:
    place = branches(ALL, Place(ELB))[0].place
    assert place.up == Place(ELB)
    assert place.up.up == Place()
    return place.label
