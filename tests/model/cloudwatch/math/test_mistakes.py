"""What is wrong with an expression: the column, and what would be right."""

from __future__ import annotations

import pytest

from model.cloudwatch.math.kinds import Kind, Scope, kind_of
from model.cloudwatch.math.syntax import MathError, parse

SCOPE = Scope(
    {"m1": Kind.TS, "requests": Kind.TS, "e1": Kind.TS, "all": Kind.ARRAY},
    {"m1", "requests"},
    {"m1", "requests", "e1", "all"},
)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        # syntax
        ("", 1, "the expression ends too early"),
        ("m1 +", 5, "the expression ends too early"),
        ("SUM(m1", 7, "the expression ends too early"),
        ("m1 m1", 4, "'m1' is not expected"),
        ("m1 $ 2", 4, "'$' is not expected"),
        ("m1 and requests", 4, "write AND, in upper case"),
        ("METRICS(\u201c4xx\u201d)", 9, "straight quotes"),
        ("METRICS('4xx)", 9, "straight quotes"),
        ("m1" + " + m1" * 500, 2049, "2048 is the most"),
        ("(" * 300 + "m1" + ")" * 300 + "+", 604, "ends too early"),
        ("-" * 200 + "m1", 1, "nested more than 100 deep"),
        # names
        ("reqests + 1", 1, "no metric or expression named reqests (did you mean requests?)"),
        ("1 + zzz", 5, "there is no metric or expression named zzz"),
        ("M1 + 1", 1, "M1 is no id: ids begin with a lower-case letter"),
        ("AVGG(m1)", 1, "there is no function AVGG (did you mean AVG?)"),
        ("1 + Sum(all)", 5, "functions are in upper case: SUM, not Sum"),
        ("sum(all)", 1, "functions are in upper case: SUM, not sum"),
        ("QUANTIL(all)", 1, "there is no function QUANTIL"),
        ("METRICS", 1, "METRICS is a function: write METRICS(...)"),
        # what goes together
        ("all + all", 5, "+ does not go between two arrays"),
        ("all > 3", 5, "an array is to be made one series first, as SUM or FIRST does"),
        ("m1 AND all", 4, "AND compares time series and numbers"),
        ("m1 + 'x'", 4, "+ is between numbers and time series, not texts"),
        ("-'x'", 1, "a text has no negative"),
        ("[m1, 5]", 6, "an array holds time series, not a number"),
        ("[]", 1, "an array needs at least one time series"),
        # arguments
        ("SUM()", 1, "SUM takes 1 argument, not 0"),
        ("FILL(m1)", 1, "FILL takes 2 arguments, not 1"),
        ("METRICS(m1, m1)", 1, "METRICS takes 0 or 1 arguments, not 2"),
        ("SLICE(all, 1, 2, 3)", 1, "SLICE takes 2 or 3 arguments, not 4"),
        ("ABS(3)", 5, "the first argument of ABS is a time series or an array of time series, not"),
        (
            "FIRST(m1)",
            7,
            "is an array of time series, not a time series",
        ),
        ("HOUR(all)", 6, "the first argument of HOUR is a time series, not an array"),
        ("TIME_SERIES(m1)", 13, "is a number, not a time series"),
        ("FILL(m1, REPAET)", 10, "LINEAR, not REPAET (did you mean REPEAT?)"),
        ("SORT(all, AVG, DOWN)", 16, "the third argument of SORT is ASC or DESC, not DOWN"),
        ("SORT(all, STDDEV, ASC)", 11, "the second argument of SORT is AVG or MIN or MAX or SUM"),
        ("SORT(m1, AVG, ASC)", 6, "is an array of time series, not a time series"),
        ("IF(all, 1, 2)", 4, "the first argument of IF is a time series or a number, not an array"),
        ("IF(m1, all)", 8, "the second argument of IF is a time series or a number, not an array"),
        ("IF(1, 2, 3)", 7, "the second argument of IF is a time series, not a number"),
        ("IF(1, m1, 3)", 11, "the third argument of IF is a time series, not a number"),
        ("IF(m1, REPEAT)", 8, "REPEAT is no id"),
        ("METRICS(m1)", 9, "the first argument of METRICS is a text in quotes, not a time series"),
        ("m1/PERIOD(e1)", 11, "PERIOD takes a metric, not the result of an expression"),
        ("SERVICE_QUOTA(e1)", 15, "SERVICE_QUOTA takes a metric, not the result of an expression"),
        # what is not here
        ("INSIGHT_RULE_METRIC('r', 'Sum')", 1, "Contributor Insights is not simulated"),
        ("DB_PERF_INSIGHTS('RDS')", 1, "Performance Insights of databases is not simulated"),
        ("LAMBDA('f')", 1, "data sources behind a Lambda function are not simulated"),
        # searches
        ("SEARCH('{AWS/EC2', 'Sum')", 8, "the search expression ends too early"),
        ("SEARCH('a ) b', 'Sum')", 11, "')' is not expected in a search"),
        ("SEARCH(' ', 'Sum')", 8, "a search needs a schema such as {AWS/EC2,InstanceId} or a term"),
        ("SEARCH('errors', 'Summ')", 18, "there is no statistic 'Summ'"),
        ("SEARCH(':aws.AccountId=1', 'Sum')", 8, "there is only one account here"),
        ("SEARCH('" + "x" * 1025 + "', 'Sum')", 8, "a search has 1024 characters at most"),
    ],
)
def test_mistakes(text: str, column: int, words: str) -> None:
    with pytest.raises(MathError) as error:
        kind_of(parse(text), SCOPE)
    assert words in str(error.value)
    assert error.value.column == column
    assert str(error.value).startswith(f"column {column}: ")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("m1", Kind.TS),
        ("AVG(m1)", Kind.S),
        ("m1 - AVG(m1)", Kind.TS),
        ("AVG(all)", Kind.TS),
        ("all / 2", Kind.ARRAY),
        ("m1 > 1", Kind.TS),
        ("1 > 2", Kind.S),
        ("FILL(all, m1)", Kind.ARRAY),
        ("FILL(m1, REPEAT)", Kind.TS),
        ("ANOMALY_DETECTION_BAND(m1)", Kind.ARRAY),
        ("SEARCH('{AWS/EC2,InstanceId} CPU', 'Average', 300)", Kind.ARRAY),
        ("PERIOD(m1)", Kind.S),
    ],
)
def test_kinds(text: str, kind: Kind) -> None:
    assert kind_of(parse(text), SCOPE) is kind
