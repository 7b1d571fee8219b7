"""Requests that an Application Load Balancer answers itself ("Troubleshoot your Application Load
Balancers"), desync mitigation and invalid headers ("Edit attributes for your Application Load
Balancer")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from model.actions import Action as Change
from model.actions import Targets
from model.elb.inspection import STATUSES, Fault, fault
from model.elb.moves import ModifyLoadBalancerAttributes
from model.elb.resources import Condition
from model.elb.resources.conditions import HttpHeaderConfig
from model.fields import FieldError
from model.traffic.shapes import Constant
from model.traffic.source import CLASSIFICATIONS, Request, Source
from tests.model.elb.samples import BALANCER, A, B, Cloud, fixed, pairs
from tests.model.elb.test_network_load_balancer import Flows
from tests.model.elb.test_rules import rule, source

K = 1024
MODE = "routing.http.desync_mitigation_mode"
DROP = "routing.http.drop_invalid_header_fields.enabled"


def modify(cloud: Cloud, attributes: Mapping[str, str]) -> None:
    """ModifyLoadBalancerAttributes."""
    wanted = ModifyLoadBalancerAttributes(
        load_balancer_arn="Balancer", attributes=pairs(attributes)
    )
    call = "elasticloadbalancing:ModifyLoadBalancerAttributes"
    cloud.world.apply(Change(name=call, targets=Targets(), parameters=wanted))


def played(*sources: Source, attributes: Mapping[str, str] | None = None, **more: Any) -> Cloud:
    """Five minutes, all of it served from the beginning; what was before is forgotten."""
    cloud = Cloud(sources, **more)
    cloud.add(A)
    cloud.add(B)
    if attributes:
        modify(cloud, attributes)
    cloud.run(60)
    cloud.world.elb.open_books()
    cloud.run(300)
    return cloud


LIMITS: list[tuple[dict[str, Any], Fault | None]] = [
    ({"path": "/" + "a" * (16 * K - 20)}, None),
    ({"path": "/" + "a" * (16 * K - 5)}, Fault.LINE),
    ({"path": "/" + "a" * (16 * K)}, Fault.URL),
    ({"query": {"q": "a" * (16 * K)}}, Fault.URL),
    ({"headers": {"Cookie": "a" * (16 * K - 8)}}, None),
    ({"headers": {"Cookie": "a" * (16 * K - 7)}}, Fault.HEADER),
    ({"headers": {f"X-{n}": "a" * 15 * K for n in range(4)}}, None),
    ({"headers": {f"X-{n}": "a" * 15 * K for n in range(5)}}, Fault.HEADERS),
    ({"method": "TRACE"}, Fault.METHOD),
    ({"method": "OPTIONS"}, None),
    ({"headers": {"X-Forwarded-For": ", ".join(["203.0.113.7"] * 30)}}, None),
    ({"headers": {"x-forwarded-for": ", ".join(["203.0.113.7"] * 31)}}, Fault.ADDRESSES),
]


@pytest.mark.parametrize(("request_", "found"), LIMITS)
def test_limits(request_: dict[str, Any], found: Fault | None) -> None:
    assert fault(Request(**request_), "defensive") is found


def test_the_status_of_each() -> None:
    four_hundred = {Fault.LINE, Fault.HEADER, Fault.HEADERS, Fault.DESYNC, Fault.CONNECT}
    assert {name for name, status in STATUSES.items() if status == "400"} == four_hundred
    assert STATUSES[Fault.URL] == "414"
    assert STATUSES[Fault.METHOD] == "405"
    assert STATUSES[Fault.ADDRESSES] == "463"
    assert set(STATUSES) == set(Fault)


@pytest.mark.parametrize(
    ("request_", "status", "reason"),
    [
        ({"headers": {"Cookie": "a" * 20 * K}}, "400", "a header longer than 16 K"),
        ({"path": "/" + "a" * 20 * K}, "414", "URL longer than 16 K"),
        ({"method": "TRACE"}, "405", "method TRACE"),
        (
            {"headers": {"X-Forwarded-For": "10.0.0.1," * 40}},
            "463",
            "X-Forwarded-For with more than 30 addresses",
        ),
    ],
)
def test_a_request_that_is_wrong_meets_no_rule_and_no_target(
    request_: dict[str, Any], status: str, reason: str
) -> None:
    bad = Source(name="bad", to="Balancer", shape=Constant(10), request=Request(**request_))
    cloud = played(
        source(20),
        bad,
        more=[rule(1, fixed("200"), Condition(field="path-pattern", values=("/a*",)))],
    )
    assert cloud.books.by_status == {"200": pytest.approx(20 * 240, abs=2), status: 2400}
    assert cloud.books.succeeded == cloud.books.total, "a 4xx is the client's own fault"
    assert cloud.metric("HTTPCode_ELB_4XX_Count")[-1] == 600
    zone = cloud.metric("HTTPCode_ELB_4XX_Count", BALANCER | {"AvailabilityZone": A})
    assert zone[-1] == pytest.approx(300, abs=1)
    assert cloud.metric("RequestCount")[-1] == pytest.approx(1200, abs=1)
    assert cloud.metric("HTTP_Fixed_Response_Count") == []
    (view,) = cloud.world.elb.describe_load_balancers()
    assert view.errors == ((status, reason, 600),)
    (listener,) = view.listeners
    assert listener.rate == pytest.approx(20), "what no rule looked at is in no rule's rate"


ALLOWED = {
    "monitor": ("compliant", "acceptable", "ambiguous", "severe"),
    "defensive": ("compliant", "acceptable", "ambiguous"),
    "strictest": ("compliant",),
}
"""The table of the guide."""


@pytest.mark.parametrize("mode", ALLOWED)
@pytest.mark.parametrize("classification", CLASSIFICATIONS)
def test_desync_mitigation(mode: str, classification: str) -> None:
    cloud = played(source(10, classification=classification), attributes={MODE: mode})
    passes = classification in ALLOWED[mode]
    assert cloud.books.by_status == {"200" if passes else "400": pytest.approx(2400, abs=2)}
    name = "DesyncMitigationMode_NonCompliant_Request_Count"
    if classification == "compliant":
        assert cloud.metric(name) == []
        return
    assert cloud.metric(name)[-1] == 600, "in any mode, blocked or not"
    parts = [cloud.metric(name, BALANCER | {"AvailabilityZone": zone})[-1] for zone in (A, B)]
    assert sum(parts) == 600
    if not passes:
        (view,) = cloud.world.elb.describe_load_balancers()
        assert view.errors == (("400", "blocked by desync mitigation", 600),)


def test_the_mode_is_defensive_by_default_and_can_be_changed() -> None:
    cloud = Cloud([source(10, classification="severe")])
    cloud.add()
    cloud.run(60)
    assert set(cloud.books.by_status) == {"400"}
    modify(cloud, {MODE: "monitor"})
    cloud.run(120)
    assert cloud.metric("HTTPCode_Target_2XX_Count")[-1] == pytest.approx(600, abs=2)
    modify(cloud, {MODE: "strictest"})
    cloud.run(180)
    assert cloud.metric("HTTPCode_ELB_4XX_Count")[-1] == 600


def test_a_request_is_of_one_of_four_classes() -> None:
    with pytest.raises(FieldError, match="one of compliant, acceptable, ambiguous, severe"):
        Request(classification="odd")


BY_HEADER = Condition(
    field="http-header",
    http_header_config=HttpHeaderConfig(http_header_name="X_Flag", values=("on",)),
)
DROPPED, FORWARDED = "DroppedInvalidHeaderRequestCount", "ForwardedInvalidHeaderRequestCount"


@pytest.mark.parametrize(
    ("drop", "status", "dropped", "forwarded"),
    [("true", "200", [300], [0]), ("false", "204", [], [0])],
)
def test_rules_do_not_see_headers_that_were_removed(
    drop: str, status: str, dropped: list[int], forwarded: list[int]
) -> None:
    """A header is valid if its name is of letters, digits and hyphens."""
    odd = source(10, headers={"X_Flag": "on", "X-Fine-1": "yes"})
    cloud = played(odd, attributes={DROP: drop}, more=[rule(1, fixed("204"), BY_HEADER)])
    assert set(cloud.books.by_status) == {status}
    zone = BALANCER | {"AvailabilityZone": A}
    assert cloud.metric(DROPPED, zone)[-1:] == dropped
    assert cloud.metric(FORWARDED, zone)[-1:] == forwarded, "always reported"
    assert cloud.metric(DROPPED) == []


def test_headers_that_are_not_removed_are_counted_where_they_are_forwarded() -> None:
    odd = source(10, headers={"X_Flag": "on"})
    cloud = played(odd, source(5))
    zones = [BALANCER | {"AvailabilityZone": zone} for zone in (A, B)]
    assert sum(cloud.metric(FORWARDED, zone)[-1] for zone in zones) == 600
    assert cloud.metric(DROPPED, zones[0]) == []


def test_valid_headers_are_not_counted() -> None:
    cloud = played(source(10, headers={"X-Flag": "on"}), attributes={DROP: "true"})
    zone = BALANCER | {"AvailabilityZone": A}
    assert set(cloud.metric(FORWARDED, zone)) == {0.0}
    assert cloud.metric(DROPPED, zone) == []


def test_without_requests_nothing_is_reported() -> None:
    cloud = played(source(0))
    assert cloud.metric(FORWARDED, BALANCER | {"AvailabilityZone": A}) == []


def test_a_network_load_balancer_looks_at_none_of_it() -> None:
    request = Request(method="TRACE", classification="severe", headers={"a_b": "c"})
    sources = (Source(name="users", to="Balancer", shape=Constant(10), request=request),)
    cloud = Flows(attributes=None, sources=sources)
    cloud.add(A)
    cloud.run(300)
    assert "completed" in cloud.books.by_status
    names = {metric.key.name for metric in cloud.world.cloudwatch.metrics}
    assert not names & {DROPPED, FORWARDED, "DesyncMitigationMode_NonCompliant_Request_Count"}


def test_requests_are_neither_lost_nor_made() -> None:
    kinds = [
        source(7.3, classification="severe"),
        source(3.1, headers={"a_b": "c"}),
        source(0.7, method="TRACE"),
    ]
    cloud = played(*kinds, source(11.9))
    for minute in range(6, 20):
        cloud.run(minute * 60)
        cloud.world.note_totals()
        sent = cloud.world.elb.sent("Balancer")
        assert cloud.books.total + cloud.balancer.in_flight == pytest.approx(sent, abs=5)
