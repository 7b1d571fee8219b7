"""SEARCH: the documentation's own searches over a few metrics."""

from __future__ import annotations

import pytest

from model.cloudwatch.math.search import read_search, tokens
from model.cloudwatch.metrics import MetricKey


def key(namespace: str, name: str, **dimensions: str) -> MetricKey:
    return MetricKey.of(namespace, name, dimensions)


METRICS = {
    "cpu": key("AWS/EC2", "CPUUtilization", InstanceId="i-1234567890123456"),
    "cpu2": key("AWS/EC2", "CPUUtilization", InstanceId="i-2234567890123456"),
    "packets": key("AWS/EC2", "NetworkPacketsIn", InstanceId="i-1234567890123456"),
    "network": key("AWS/EC2", "NetworkIn", InstanceId="i-1234567890123456"),
    "micro": key("AWS/EC2", "CPUUtilization", InstanceType="t2.micro"),
    "large": key("AWS/EC2", "CPUUtilization", InstanceType="m5.large"),
    "ecs": key("AWS/ECS", "CPUUtilization", ClusterName="one"),
    "ebs": key("AWS/EBS", "VolumeReadOps", VolumeId="vol-1"),
    "lcus": key("AWS/NetworkELB", "ConsumedLCUs", LoadBalancer="net/a/1"),
    "flows": key("AWS/NetworkELB", "NewFlowCount", LoadBalancer="net/a/1"),
    "reset": key("AWS/NetworkELB", "TCP_Target_Reset_Count", LoadBalancer="net/a/1"),
    "errorsA": key("AWS/Lambda", "Errors", FunctionName="ProjectA-search"),
    "errorsC": key("AWS/Lambda", "Errors", FunctionName="ProjectC"),
    "callsA": key("AWS/Lambda", "Invocations", FunctionName="ProjectA-search"),
    "callsC": key("AWS/Lambda", "Invocations", FunctionName="ProjectC"),
    "custom": key("MyNamespace", "CustomCount1"),
    "failure": key("MyNamespace", "SDBFailure"),
    "europe": key("MyNamespace", "Europe\\France Traffic(Network)"),
    "odd": key("My Namespace", "Network-Errors-2", **{"Dimension@Name": "x"}),
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{AWS/EC2,InstanceId} MetricName="CPUUtilization"', "cpu cpu2"),
        (' {AWS/EC2,InstanceType} MetricName="CPUUtilization" ', "micro large"),
        ('{AWS/EC2,InstanceType} InstanceType=micro MetricName="CPUUtilization" ', "micro"),
        ('{AWS/EC2,InstanceType} InstanceType="t2.micro"', "micro"),
        ('InstanceType="t2.micro" Namespace="AWS/EC2" ', "micro"),
        ('MetricName="CPUUtilization" ', "cpu cpu2 micro large ecs"),
        ('MetricName="CPUUtilization" AND ("AWS/ECS" OR "AWS/ES") ', "ecs"),
        ('{AWS/ECS ClusterName}, MetricName="CPUUtilization" ', "ecs"),
        ('{AWS/EBS} MetricName="VolumeReadOps"', "ebs"),
        ("{AWS/EC2,InstanceId} network AND packets", "packets"),
        (" {AWS/EC2,InstanceId} network packets ", "packets"),
        (
            ' {AWS/EC2,InstanceId} MetricName="CPUUtilization" NOT i-1234567890123456 ',
            "cpu2",
        ),
        ("NOT Namespace=AWS ", "custom failure europe odd"),
        ("(EC2 OR EBS) AND MetricName=ReadOps", "ebs"),
        ("(EC2 OR EBS) MetricName=ReadOps", "ebs"),
        ('{AWS/NetworkELB, LoadBalancer} "ConsumedLCUs" OR flow ', "lcus flows"),
        (
            '{AWS/Lambda,FunctionName} MetricName="Errors" OR (MetricName="Invocations" AND '
            "(ProjectA OR ProjectB)) ",
            "errorsA errorsC callsA",
        ),
        ("Errors", "errorsA errorsC odd"),
        (' "Errors" ', "errorsA errorsC"),
        ("{MyNamespace} count", "custom"),
        ("{MyNamespace} Count", "custom"),
        ("{MyNamespace} COUNT", "custom"),
        ("{MyNamespace} couNT", ""),
        ("{MyNamespace} CustomCount", "custom"),
        ("{MyNamespace} Count1", "custom"),
        ("{MyNamespace} customcount", ""),
        ("{MyNamespace} count1", ""),
        ('{MyNamespace}, "CustomCount1"', "custom"),
        ('{MyNamespace}, "customcount1"', ""),
        ('{MyNamespace}, "Custom"', ""),
        ('"Europe\\\\France Traffic\\(Network\\)"', "europe"),
        ('{"My Namespace", "Dimension@Name"}, network/errors', "odd"),
        ("network+errors", "odd"),
        ("network-errors", "odd"),
        ("Network_Errors", "odd"),
        ('"Network-Errors-2"', "odd"),
        ('"Network_Errors"', ""),
        ("FunctionName=(ProjectA OR ProjectB) Errors", "errorsA"),
        ("{AWS/EC2, InstanceId, InstanceType}", ""),
    ],
)
def test_the_searches_of_the_documentation(text: str, found: str) -> None:
    search = read_search(text)
    assert " ".join(name for name, metric in METRICS.items() if search.finds(metric)) == found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("CustomCount1", ["Custom", "Count", "1"]),
        ("SDBFailure", ["SDB", "Failure"]),
        ("Project2-trial333", ["Project", "2", "trial", "333"]),
    ],
)
def test_tokens(text: str, parts: list[str]) -> None:
    assert tokens(text) == parts
