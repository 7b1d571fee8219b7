"""Listener rules: which request meets which, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from model.elb.resources import (
    Action,
    Condition,
    ForwardConfig,
    ListenerRule,
    RedirectConfig,
    TargetGroupTuple,
)
from model.elb.resources.conditions import (
    HttpHeaderConfig,
    QueryStringConfig,
    QueryStringKeyValue,
)
from model.traffic.shapes import Constant
from model.traffic.source import Request, Source
from tests.model.elb.samples import (
    BALANCER,
    BALANCER_NAME,
    Cloud,
    fixed,
    identity,
    target_group,
)


def condition(field: str, *values: str) -> Condition:
    return Condition(field=field, values=values)


HEADER = Condition(
    field="http-header",
    http_header_config=HttpHeaderConfig(
        http_header_name="User-Agent", values=("*Chrome*", "*Safari*")
    ),
)
QUERY = Condition(
    field="query-string",
    query_string_config=QueryStringConfig(
        values=(
            QueryStringKeyValue(key="version", value="v1"),
            QueryStringKeyValue(value="*example*"),
        )
    ),
)
SOURCE_IP = condition("source-ip", "192.0.2.0/24", "198.51.100.10/32")
EXAMPLES: list[tuple[Condition, dict[str, Any], bool]] = [
    # the user guide's own: a name with a wildcard does not mean the domain itself
    (condition("host-header", "*.example.com"), {"host": "test.example.com"}, True),
    (condition("host-header", "*.example.com"), {"host": "example.com"}, False),
    (condition("host-header", "Example.com"), {"host": "eXample.COM"}, True),
    (condition("path-pattern", "/img/*"), {"path": "/img/picture.jpg"}, True),
    (condition("path-pattern", "/img/*"), {"path": "/img/a/b"}, True),
    (condition("path-pattern", "/img/*"), {"path": "/img"}, False),
    (condition("path-pattern", "/img/*"), {"path": "/IMG/picture.jpg"}, False),
    (condition("path-pattern", "/img/*/pics"), {"path": "/img/2026/pics"}, True),
    (condition("path-pattern", "/img/???"), {"path": "/img/abc"}, True),
    (condition("path-pattern", "/img/???"), {"path": "/img/ab"}, False),
    (condition("path-pattern", "/a.b"), {"path": "/axb"}, False),
    (condition("path-pattern", r"/what\?"), {"path": "/whatx"}, False),
    (condition("http-request-method", "POST", "PUT"), {"method": "PUT"}, True),
    (condition("http-request-method", "POST"), {"method": "GET"}, False),
    (SOURCE_IP, {"source_ip": "192.0.2.77"}, True),
    (SOURCE_IP, {"source_ip": "198.51.100.11"}, False),
    (SOURCE_IP, {"source_ip": None}, False),
    (condition("source-ip", "0.0.0.0/0"), {"source_ip": None}, True),
    (HEADER, {"headers": {"user-agent": "Mozilla/5.0 (X11) chrome/99"}}, True),
    (HEADER, {"headers": {"User-Agent": "curl/8"}}, False),
    (HEADER, {}, False),
    (QUERY, {"query": {"Version": "V1"}}, True),
    (QUERY, {"query": {"version": "v2"}}, False),
    (QUERY, {"query": {"q": "an-example"}}, True),
]


@pytest.mark.parametrize(("item", "request_", "met"), EXAMPLES)
def test_conditions(item: Condition, request_: dict[str, Any], met: bool) -> None:
    assert item.met(Request(**request_)) is met


def test_an_expression_matches_anywhere() -> None:
    item = Condition(field="path-pattern", regex_values=(r"^/v[12]/",))
    assert item.met(Request(path="/v2/users"))
    assert not item.met(Request(path="/api/v2/users"))


def test_a_condition_tells_a_person_what_it_is() -> None:
    assert str(condition("path-pattern", "/a", "/b")) == "path-pattern /a or /b"
    assert str(QUERY) == "query-string version=v1 or *example*"
    assert str(HEADER) == "http-header User-Agent *Chrome* or *Safari*"


def rule(priority: int, action: Action, *conditions: Condition) -> ListenerRule:
    return ListenerRule(
        identity=identity(f"Rule{priority}"),
        listener_arn="Listener",
        priority=priority,
        conditions=conditions,
        actions=(action,),
    )


def source(rate: float, **request: Any) -> Source:
    name = " ".join(map(str, request.values())) or "plain"
    return Source(name=name, to="Balancer", shape=Constant(rate), request=Request(**request))


def weights(**given: int) -> Action:
    tuples = [TargetGroupTuple(target_group_arn=name, weight=w) for name, w in given.items()]
    return Action(type="forward", forward_config=ForwardConfig(target_groups=tuple(tuples)))


PICTURES = condition("path-pattern", "/img/*")


def rates(cloud: Cloud) -> Mapping[str, float]:
    """Requests per second that each target group gets."""
    describe = cloud.world.elb.describe_target_health
    return {name: sum(view.rate for view in describe(name)) for name in cloud.world.elb.groups}


def test_the_first_rule_that_is_met_counts_and_the_default_if_none_is() -> None:
    cloud = Cloud(
        [source(10), source(20, path="/img/a"), source(40, path="/img/a", method="POST")],
        more=[
            rule(20, fixed("404"), PICTURES),
            rule(10, fixed("403"), PICTURES, condition("http-request-method", "POST")),
        ],
    )
    cloud.add()
    cloud.run(300)
    assert rates(cloud) == {"Targets": pytest.approx(10.0)}
    seconds = cloud.world.now
    counted = cloud.books.by_status
    assert counted["403"] == pytest.approx(40 * seconds, abs=2)
    assert counted["404"] == pytest.approx(20 * seconds, abs=2)
    # every rule that is looked at counts, the default one does not
    evaluations = cloud.metric("RuleEvaluations", BALANCER)
    assert evaluations[-1] == pytest.approx(60 * (2 * 10 + 2 * 20 + 1 * 40), abs=2)
    assert cloud.metric("HTTP_Fixed_Response_Count")[-1] == pytest.approx(3600, abs=2)
    assert cloud.metric("HTTPCode_ELB_4XX_Count")[-1] == pytest.approx(3600, abs=2)


def test_weights_share_requests_out() -> None:
    """The user guide's example: of 30 requests, a weight of 10 gets 10 and one of 20 gets 20."""
    cloud = Cloud(
        [source(30)],
        action=weights(Targets=10, Others=20),
        more=[target_group(name="Others")],
    )
    cloud.add()
    cloud.add(group="Others")
    cloud.run(120)
    assert rates(cloud) == {"Targets": pytest.approx(10.0), "Others": pytest.approx(20.0)}


def test_an_empty_group_s_share_gets_503_and_no_other_group_helps() -> None:
    cloud = Cloud(
        [source(40)], action=weights(Targets=3, Others=1), more=[target_group(name="Others")]
    )
    cloud.add()
    cloud.run(300)
    assert rates(cloud)["Targets"] == pytest.approx(30.0)
    assert cloud.metric("HTTPCode_ELB_503_Count")[-1] == pytest.approx(600, abs=2)
    assert cloud.metric("RequestCount")[-1] == pytest.approx(1800, abs=2)


def test_a_weight_of_zero_gets_nothing() -> None:
    cloud = Cloud(
        [source(40)], action=weights(Targets=1, Others=0), more=[target_group(name="Others")]
    )
    cloud.add()
    cloud.add(group="Others")
    cloud.run(120)
    assert rates(cloud) == {"Targets": pytest.approx(40.0), "Others": 0.0}


@pytest.mark.parametrize("status", ["301", "302"])
def test_a_redirect_chooses_no_target(status: str) -> None:
    config = RedirectConfig(status_code=f"HTTP_{status}", protocol="HTTPS", port="443")
    redirect = Action(type="redirect", redirect_config=config)
    cloud = Cloud([source(10)], action=redirect)
    cloud.run(120)
    assert cloud.books.by_status == {status: 1200}
    assert cloud.books.succeeded == 1200
    assert cloud.metric("HTTP_Redirect_Count") == [600, 600]
    assert cloud.metric("HTTPCode_ELB_3XX_Count") == [600, 600]
    assert cloud.names(BALANCER) & {"RequestCount"} == set() or cloud.metric("RequestCount") == []


def test_a_host_that_is_not_given_is_the_load_balancer_s_own_name() -> None:
    balancer_host = condition("host-header", "*.elb.amazonaws.com")
    own = identity("Balancer", LoadBalancerFullName=BALANCER_NAME, DNSName="a.elb.amazonaws.com")
    cloud = Cloud([source(10)], more=[rule(1, fixed("200"), balancer_host)], balancer=own)
    cloud.run(60)
    assert cloud.books.by_status == {"200": 600}
