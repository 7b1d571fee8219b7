"""Event patterns: the documentation's own examples, and what PutRule refuses."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from model.events.comparisons import ATTRIBUTES, BODY, Language, PatternError
from model.events.patterns import compile_pattern

EVENT: dict[str, Any] = {
    "version": "0",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "time": "2017-10-02T16:24:49Z",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"],
    "detail": {
        "c-count": 5,
        "d-count": 3,
        "x-limit": 301.8,
        "source-ip": "10.0.0.33",
        "instance-id": "i-000000aaaaaa00000",
        "state": "running",
    },
}
"""The example of Event Ruler's README."""

TABLE: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # "Comparison operators": pattern, an event that matches, one that does not
    (
        {"Location": ["New York"], "Day": ["Monday"]},
        {"Location": "New York", "Day": "Monday"},
        {"Location": "New York", "Day": "Tuesday"},
    ),
    ({"state": [{"anything-but": "initializing"}]}, {"state": "x"}, {"state": "initializing"}),
    ({"Region": [{"anything-but": {"prefix": "us-"}}]}, {"Region": "eu-1"}, {"Region": "us-1"}),
    (
        {"FileName": [{"anything-but": {"suffix": ".png"}}]},
        {"FileName": "a.txt"},
        {"FileName": "a.png"},
    ),
    (
        {"state": [{"anything-but": {"equals-ignore-case": "initializing"}}]},
        {"state": "running"},
        {"state": "INITIALIZING"},
    ),
    (
        {"FilePath": [{"anything-but": {"wildcard": "*/lib/*"}}]},
        {"FilePath": "/usr/bin/x"},
        {"FilePath": "/usr/lib/x"},
    ),
    ({"Region": [{"prefix": "us-"}]}, {"Region": "us-east-1"}, {"Region": "eu-us-1"}),
    (
        {"service": [{"prefix": {"equals-ignore-case": "eventb"}}]},
        {"service": "EventBridge"},
        {"service": "anEventB"},
    ),
    ({"LastName": [""]}, {"LastName": ""}, {"LastName": None}),
    ({"Name": ["Alice"]}, {"Name": "Alice"}, {"Name": "alice"}),
    ({"Name": [{"equals-ignore-case": "alice"}]}, {"Name": "Alice"}, {"Name": "Alices"}),
    ({"FileName": [{"suffix": ".png"}]}, {"FileName": "a.png"}, {"FileName": "a.png.gz"}),
    (
        {"service": [{"suffix": {"equals-ignore-case": "tBridge"}}]},
        {"service": "EVENTBRIDGE"},
        {"service": "tbridges"},
    ),
    ({"ProductName": [{"exists": True}]}, {"ProductName": None}, {"Other": 1}),
    ({"ProductName": [{"exists": False}]}, {"Other": 1}, {"ProductName": "x"}),
    ({"Weather": [{"anything-but": ["Raining"]}]}, {"Weather": "Dry"}, {"Weather": "Raining"}),
    ({"UserID": [None]}, {"UserID": None}, {"UserID": ""}),
    ({"Price": [{"numeric": ["=", 100]}]}, {"Price": 100.0}, {"Price": "100"}),
    ({"Price": [{"numeric": [">", 10, "<=", 20]}]}, {"Price": 20}, {"Price": 10}),
    ({"PaymentType": ["Credit", "Debit"]}, {"PaymentType": "Debit"}, {"PaymentType": "Cash"}),
    (
        {"$or": [{"Location": ["New York"]}, {"Day": ["Monday"]}]},
        {"Location": "Rome", "Day": "Monday"},
        {"Location": "Rome", "Day": "Sunday"},
    ),
    ({"FileName": [{"wildcard": "dir/*.png"}]}, {"FileName": "dir/a.png"}, {"FileName": "a.png"}),
    ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "10.0.0.255"}, {"ip": "10.0.1.0"}),
    ({"ip": [{"cidr": "2001:db8::/32"}]}, {"ip": "2001:db8::1"}, {"ip": "10.0.0.1"}),
    ({"x": [{"anything-but": 123}]}, {"x": 124}, {"x": 123}),
    ({"x": [{"anything-but": [100, 200, 300]}]}, {"x": 301.8}, {"x": 200}),
    ({"x": [{"anything-but": ["a"]}]}, {"x": "b"}, {}),
    ({"x": [{"anything-but": {"prefix": ["a", "b"]}}]}, {"x": "c"}, {"x": "bat"}),
    ({"x": [True]}, {"x": True}, {"x": 1}),
    ({"x": [300]}, {"x": 300}, {"x": 300.0}),
    ({"x": [{"wildcard": r"a\*b\\*"}]}, {"x": "a*b\\cd"}, {"x": "axb\\cd"}),
    # arrays: they match if they have an item in common, and objects in them are tried in turn
    ({"resources": ["b", "z"]}, {"resources": ["a", "b"]}, {"resources": ["a", "c"]}),
    (
        {"items": {"name": ["a"], "size": [2]}},
        {"items": [{"name": "b", "size": 1}, {"name": "a", "size": 2}]},
        {"items": [{"name": "b", "size": 2}, {"name": "a", "size": 1}]},
    ),
    ({"detail": {"c": [{"exists": False}]}}, {"detail": {"c": {"c1": 100}}}, {"detail": {"c": 1}}),
    ({"detail": {"c": [{"exists": False}]}}, {}, {"detail": {"c": [1]}}),
]


@pytest.mark.parametrize(("pattern", "match", "other"), TABLE)
def test_comparisons_of_the_documentation(
    pattern: dict[str, Any], match: dict[str, Any], other: dict[str, Any]
) -> None:
    compiled = compile_pattern(pattern)
    assert compiled.matches(match)
    assert not compiled.matches(other)
    assert pickle.loads(pickle.dumps(compiled)) == compiled


def test_the_complex_example_of_the_documentation() -> None:
    pattern: dict[str, Any] = {
        "time": [{"prefix": "2017-10-02"}],
        "detail": {
            "state": [{"anything-but": "initializing"}],
            "c-count": [{"numeric": [">", 0, "<=", 5]}],
            "d-count": [{"numeric": ["<", 10]}],
            "x-limit": [{"anything-but": [100, 200, 300]}],
            "source-ip": [{"cidr": "10.0.0.0/8"}],
        },
    }
    assert compile_pattern(pattern).matches(EVENT)
    pattern["detail"]["d-count"] = [{"numeric": [">=", 10]}]
    assert not compile_pattern(pattern).matches(EVENT)


def test_or_with_and_inside_it() -> None:
    """source && (metricName || (metricType && namespace && (metricId || spaceId)) || scope)."""
    compiled = compile_pattern(
        {
            "source": ["aws.cloudwatch"],
            "$or": [
                {"metricName": ["CPUUtilization", "ReadLatency"]},
                {
                    "metricType": ["MetricType"],
                    "namespace": ["AWS/EC2", "AWS/ES"],
                    "$or": [{"metricId": [1234]}, {"spaceId": [1000]}],
                },
                {"scope": ["Service"]},
            ],
        }
    )
    own = {"source": "aws.cloudwatch"}
    nested = {"metricType": "MetricType", "namespace": "AWS/EC2"}
    assert compiled.matches({**own, "metricName": "ReadLatency"})
    assert compiled.matches({**own, "scope": "Service"})
    assert compiled.matches({**own, **nested, "spaceId": 1000})
    assert not compiled.matches({**own, **nested})
    assert not compiled.matches({"scope": "Service"})


def test_or_is_a_name_where_it_holds_no_list_of_objects() -> None:
    compiled = compile_pattern({"$or": {"metricType": ["MetricType"]}})
    assert compiled.matches({"$or": {"metricType": "MetricType"}})
    assert not compiled.matches({"metricType": "MetricType"})


@pytest.mark.parametrize(
    ("pattern", "place", "reason"),
    [
        ("aws.ec2", (), "Filter is not an object"),
        ({}, (), "Empty objects are not allowed"),
        ({"source": "aws.ec2"}, ("source",), '"source" must be an object or an array'),
        ({"source": []}, ("source",), "Empty arrays are not allowed"),
        ({"a": {"b": [["x"]]}}, ("a", "b", 0), "Match value must be String, number, true"),
        ({"a": [{"prefix": "x", "suffix": "y"}]}, ("a", 0), "Only one key allowed"),
        ({"a": ["x", {"like": "y"}]}, ("a", 1, "like"), "Unrecognized match type like"),
        ({"a": [{"prefix": 1}]}, ("a", 0, "prefix"), "prefix match pattern must be a string"),
        ({"a": [{"prefix": {"x": "y"}}]}, ("a", 0, "prefix"), "must be a string"),
        ({"a": [{"exists": "yes"}]}, ("a", 0, "exists"), "must be either true or false"),
        ({"a": [{"numeric": 5}]}, ("a", 0, "numeric"), "Value of numeric must be an array"),
        ({"a": [{"numeric": ["~", 5]}]}, ("a", 0, "numeric", 0), "range operator: ~"),
        ({"a": [{"numeric": ["<", "5"]}]}, ("a", 0, "numeric", 1), "Value of < must be numeric"),
        ({"a": [{"numeric": ["<", 6e9]}]}, ("a", 0, "numeric", 1), "between -5000000000 and"),
        ({"a": [{"numeric": [">", 5, "<", 5]}]}, ("a", 0, "numeric"), "Bottom must be less"),
        ({"a": [{"numeric": ["=", 5, "<", 9]}]}, ("a", 0, "numeric"), "Too many terms"),
        ({"a": [{"cidr": "10.0.0.0"}]}, ("a", 0, "cidr"), "Malformed CIDR, one '/' required"),
        ({"a": [{"cidr": "10.0.0.0/40"}]}, ("a", 0, "cidr"), "Malformed CIDR"),
        ({"a": [{"wildcard": "x**"}]}, ("a", 0, "wildcard"), "Consecutive wildcard"),
        ({"a": [{"wildcard": r"x\y"}]}, ("a", 0, "wildcard"), "Invalid escape character at pos 1"),
        ({"a": [{"anything-but": ["x", 1]}]}, ("a", 0, "anything-but"), "mixed type"),
        ({"a": [{"anything-but": [True]}]}, ("a", 0, "anything-but"), "must be an array or single"),
        ({"a": [{"anything-but": {"cidr": "x"}}]}, ("a", 0, "anything-but", "cidr"), "Unsupported"),
        ({"$or": [{"a": ["x"]}]}, ("$or", 0, "a"), "Unrecognized match type a"),
        ({"a": ["x" * 4096]}, (), "longer than 4096 characters"),
    ],
)
def test_wrong_patterns(pattern: Any, place: tuple[str | int, ...], reason: str) -> None:
    with pytest.raises(PatternError) as error:
        compile_pattern(pattern)
    assert error.value.place == place
    assert reason in str(error.value)


def test_the_combinations_of_or_are_limited() -> None:
    choice = [{"a": [number]} for number in range(11)]
    nested = {"$or": choice, "b": {"$or": choice}}
    compile_pattern(nested)
    with pytest.raises(PatternError, match="1331 combinations"):
        compile_pattern({**nested, "c": {"$or": choice}})


@pytest.mark.parametrize("language", [ATTRIBUTES, BODY])
def test_filter_policies_know_no_wildcard(language: Language) -> None:
    with pytest.raises(PatternError, match="Unrecognized match type wildcard"):
        compile_pattern({"a": [{"wildcard": "x*"}]}, language)


def test_filter_policies_on_attributes_are_flat() -> None:
    compile_pattern({"a": {"b": ["x"]}}, BODY)
    with pytest.raises(PatternError, match="must be an array"):
        compile_pattern({"a": {"b": ["x"]}}, ATTRIBUTES)
