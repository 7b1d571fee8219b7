"""GetMetricData: what is asked, what comes back, and what cannot be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError
from model.cloudwatch.requests import QueryResult, get_metric_data
from model.cloudwatch.statistics import Datapoint

LAMBDA = "AWS/Lambda"


def key(name: str, function: str = "search") -> MetricKey:
    return MetricKey.of(LAMBDA, name, {"FunctionName": function})


def store() -> MetricStore:
    """Two functions: one is called ten times a minute and fails once in the second minute."""
    made = MetricStore()
    for minute in range(10):
        made.put(key("Invocations"), "Count", 60.0 * minute, Datapoint.single(1.0, 10.0))
    made.put(key("Errors"), "Count", 60.0, Datapoint.single(1.0))
    made.put(key("Errors", "other"), "Count", 180.0, Datapoint.single(1.0, 3.0))
    return made


def stat(name: str, period: float = 60.0, **more: Any) -> MetricStat:
    return MetricStat(key(name), period, "Sum", **more)


ERRORS = MetricQuery(id="errors", metric_stat=stat("Errors"), return_data=False)
CALLS = MetricQuery(id="calls", metric_stat=stat("Invocations"), return_data=False)


def utc(time: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=time)


def ask(*queries: MetricQuery, end: float = 300.0) -> tuple[QueryResult, ...]:
    return get_metric_data(store(), queries, 0.0, end, utc=utc)


def test_an_error_rate() -> None:
    """Errors divided by Invocations, as the introduction of metric math has it."""
    rate = MetricQuery(id="rate", expression="errors/calls", label="Error rate")
    [result] = ask(rate, ERRORS, CALLS)
    assert (result.id, result.label, result.period) == ("rate", "Error rate", 60.0)
    assert result.times == (0.0, 60.0, 120.0, 180.0, 240.0)
    assert result.values == (0.0, 0.1, 0.0, 0.0, 0.0)


def test_metrics_come_back_oldest_first_by_their_period() -> None:
    [result] = ask(MetricQuery(id="m1", metric_stat=stat("Invocations", 120.0)), end=300.0)
    assert (result.label, result.times, result.values) == (
        "Invocations",
        (0.0, 120.0),
        (20.0, 20.0),
    )


def test_an_expression_may_need_one_that_comes_later() -> None:
    first = MetricQuery(id="e1", expression="e2 * 2")
    second = MetricQuery(id="e2", expression="FILL(errors, 0)", return_data=False)
    [result] = ask(first, second, ERRORS)
    assert (result.label, result.values) == ("e1", (0.0, 2.0, 0.0, 0.0, 0.0))


def test_a_long_chain_of_expressions() -> None:
    chain = [
        MetricQuery(id=f"e{n}", expression=f"e{n + 1} + 1", return_data=n == 0) for n in range(490)
    ]
    last = MetricQuery(id="e490", expression="FILL(errors, 0)", return_data=False)
    [result] = ask(*chain, last, ERRORS)
    assert result.values[:2] == (490.0, 491.0)


def test_an_array_gives_a_result_for_each_series() -> None:
    """Filled With 0: Errors, as the label of each line."""
    filled = MetricQuery(id="e1", expression="FILL(METRICS(), 0)", label="Filled With 0:")
    results = ask(filled, ERRORS, CALLS)
    assert [result.label for result in results] == [
        "Filled With 0: Errors",
        "Filled With 0: Invocations",
    ]
    assert {result.id for result in results} == {"e1"}
    assert results[0].values == (0.0, 1.0, 0.0, 0.0, 0.0)


def test_a_search() -> None:
    text = "SEARCH('{AWS/Lambda,FunctionName} MetricName=\"Errors\"', 'Sum')"
    one, other = ask(MetricQuery(id="e1", expression=text))
    assert (one.label, one.times) == ("e1 search Errors", (60.0,))
    assert (other.label, other.values) == ("e1 other Errors", (3.0,))
    [total] = ask(MetricQuery(id="e1", expression=f"SUM({text})"))
    assert dict(zip(total.times, total.values, strict=True)) == {60.0: 1.0, 180.0: 3.0}
    longer = text.replace("'Sum'", "'Sum', 240")
    assert [result.times for result in ask(MetricQuery(id="e1", expression=longer))] == [(0.0,)] * 2


def test_a_search_keeps_its_own_escapes() -> None:
    odd = MetricStore()
    odd.put(MetricKey.of("A", "Europe\\France (Network)", {}), "Count", 0.0, Datapoint.single(1.0))
    for text in (
        r"""SEARCH('"Europe\\France \(Network\)"', 'Sum')""",
        r"""SEARCH("\"Europe\\France \(Network\)\"", "Sum")""",
    ):
        [result] = get_metric_data(odd, [MetricQuery(id="e1", expression=text)], 0, 60, utc=utc)
        assert result.values == (1.0,)


def test_a_search_gives_a_hundred_series_at_most() -> None:
    many = MetricStore()
    for number in range(101):
        many.put(key("Errors", f"f{number}"), "Count", 0.0, Datapoint.single(1.0))
    search = MetricQuery(id="e1", expression="SEARCH('{AWS/Lambda,FunctionName}', 'Sum')")
    assert len(get_metric_data(many, [search], 0.0, 60.0, utc=utc)) == 100


def test_another_unit_gets_nothing() -> None:
    [result] = ask(MetricQuery(id="m1", metric_stat=stat("Invocations", unit="Seconds")))
    assert result.times == ()


def test_time_series_need_no_metric() -> None:
    [result] = ask(MetricQuery(id="e1", expression="TIME_SERIES(10)"))
    assert (result.values, result.period) == ((10.0,) * 5, 60.0)


@pytest.mark.parametrize(
    ("queries", "index", "key", "words"),
    [
        ([], 0, "", "give from 1 to 500 queries, not 0"),
        ([{"id": "E1", "expression": "1"}], 0, "Id", "must begin with a lower-case letter"),
        ([{"id": "e1"}], 0, "", "exactly one of Expression and MetricStat"),
        (
            [{"id": "errors", "expression": "errors"}],
            1,
            "Id",
            "there is another query with the id errors",
        ),
        (
            [{"id": "e1", "expression": "errrs + 1"}],
            0,
            "Expression",
            "column 1: there is no metric or expression named errrs (did you mean errors?)",
        ),
        (
            [{"id": "e1", "expression": "e2 + 1"}, {"id": "e2", "expression": "1 + e1"}],
            1,
            "Expression",
            "the expression depends on itself: e1 -> e2 -> e1",
        ),
        ([{"id": "e1", "expression": "e1"}], 0, "Expression", "depends on itself: e1 -> e1"),
        (
            [{"id": "e1", "expression": "AVG(errors)"}],
            0,
            "Expression",
            "the expression gives a number, not a time series; TIME_SERIES makes a series of it",
        ),
        ([{"id": "e1", "expression": "'x'"}], 0, "Expression", "gives a text in quotes"),
        ([{"id": "e1", "expression": "1 +"}], 0, "Expression", "column 4: the expression ends too"),
        (
            [{"id": "e1", "expression": "ANOMALY_DETECTION_BAND(errors)"}],
            0,
            "Expression",
            "there is no anomaly detection to ask",
        ),
        (
            [{"id": "e1", "expression": "SEARCH('x', 'Sum', 90)"}],
            0,
            "Expression",
            "column 20: the period must be a multiple of 60, not 90",
        ),
        (
            [{"id": "m1", "metric_stat": MetricStat(key("Errors"), 60.0, "Median")}],
            0,
            "MetricStat",
            "must be a statistic such as Average, p99 or tm99, not 'Median'",
        ),
    ],
)
def test_what_cannot_be_asked(
    queries: list[dict[str, Any]], index: int, key: str, words: str
) -> None:
    made = [MetricQuery(**query) for query in queries]
    with pytest.raises(QueryError) as error:
        ask(*made, *([ERRORS] if made else []))
    assert words in str(error.value)
    assert (error.value.index, error.value.key) == (index, key)
