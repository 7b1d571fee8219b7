"""Properties of load balancers, listeners and target groups: ranges, defaults, what is refused
(CloudFormation reference, "Health checks for Application Load Balancer target groups")."""

from __future__ import annotations

from typing import Any

import pytest

from model.elb.resources import (
    Action,
    Certificate,
    FixedResponseConfig,
    ForwardConfig,
    Listener,
    Matcher,
    TargetGroupTuple,
)
from model.fields import FieldError
from tests.model.elb.samples import FORWARD, fixed, identity, load_balancer, target_group


def listener(**properties: Any) -> Listener:
    given: dict[str, Any] = {
        "port": 80,
        "protocol": "HTTP",
        "default_actions": (FORWARD,),
        **properties,
    }
    return Listener(identity=identity("Listener"), load_balancer_arn="Balancer", **given)


def test_health_check_defaults_of_an_application_load_balancer() -> None:
    group = target_group()
    assert group.health_check_protocol == "HTTP"
    assert group.health_check_port == "traffic-port"
    assert group.health_check_path == "/"
    assert group.health_check_interval_seconds == 30
    assert group.health_check_timeout_seconds == 5
    assert group.healthy_threshold_count == 5
    assert group.unhealthy_threshold_count == 2
    assert group.matcher.http_code == "200"
    assert group.target_type == "instance"
    assert group.protocol_version == "HTTP1"


@pytest.mark.parametrize(
    ("name", "low", "high", "others"),
    [
        ("health_check_interval_seconds", 5, 300, {"health_check_timeout_seconds": 2}),
        ("health_check_timeout_seconds", 2, 120, {"health_check_interval_seconds": 300}),
        ("healthy_threshold_count", 2, 10, {}),
        ("unhealthy_threshold_count", 2, 10, {}),
        ("port", 1, 65_535, {}),
    ],
)
def test_ranges_of_a_target_group(name: str, low: int, high: int, others: dict[str, Any]) -> None:
    target_group(**{name: low, **others})
    target_group(**{name: high, **others})
    for wrong in (low - 1, high + 1):
        with pytest.raises(FieldError, match=f"from {low} to {high}"):
            target_group(**{name: wrong, **others})


def test_the_health_check_timeout_must_be_smaller_than_the_interval() -> None:
    target_group(health_check_interval_seconds=6, health_check_timeout_seconds=5)
    with pytest.raises(ValueError, match="must be less than HealthCheckIntervalSeconds"):
        target_group(health_check_interval_seconds=5, health_check_timeout_seconds=5)


def test_health_checks_of_instance_targets_cannot_be_disabled() -> None:
    with pytest.raises(ValueError, match="HealthCheckEnabled must be true"):
        target_group(health_check_enabled=False)


@pytest.mark.parametrize("port", ["traffic-port", "1", "65535"])
def test_a_health_check_port_is_the_traffic_port_or_a_number(port: str) -> None:
    assert target_group(health_check_port=port).health_check_port == port


@pytest.mark.parametrize("port", ["", "0", "65536", "http"])
def test_a_wrong_health_check_port_is_refused(port: str) -> None:
    with pytest.raises(FieldError, match="traffic-port"):
        target_group(health_check_port=port)


@pytest.mark.parametrize("path", ["", "healthz", "/" + "x" * 1024])
def test_a_health_check_path_is_a_path(path: str) -> None:
    with pytest.raises(FieldError):
        target_group(health_check_path=path)


@pytest.mark.parametrize(
    ("codes", "passing", "failing"),
    [
        ("200", {200}, {199, 201}),
        ("200,202", {200, 202}, {201}),
        ("200-299", {200, 250, 299}, {300}),
        ("200-204,301", {204, 301}, {205, 302}),
        ("499", {499}, {498, 500}),
    ],
)
def test_a_matcher_is_codes_and_ranges_from_200_to_499(
    codes: str, passing: set[int], failing: set[int]
) -> None:
    group = target_group(matcher=Matcher(http_code=codes))
    assert all(group.matches(status) for status in passing)
    assert not any(group.matches(status) for status in failing)


@pytest.mark.parametrize("codes", ["199", "500", "200-500", "299-200", "ok", "", "200;202"])
def test_a_wrong_matcher_is_refused(codes: str) -> None:
    with pytest.raises(ValueError, match="must be codes"):
        target_group(matcher=Matcher(http_code=codes))


def test_an_application_load_balancer_needs_two_subnets() -> None:
    with pytest.raises(ValueError, match="at least two zones"):
        load_balancer(subnets=("SubnetA",))
    with pytest.raises(ValueError, match="either Subnets or SubnetMappings"):
        load_balancer(subnets=())


def test_gateway_load_balancers_are_not_simulated_yet() -> None:
    with pytest.raises(FieldError, match="only application and network ones are"):
        load_balancer(type="gateway")


def test_a_listener_speaks_http_on_a_port_and_has_one_default_action() -> None:
    assert listener(port=65_535).protocol == "HTTP"
    for port in (0, 65_536):
        with pytest.raises(FieldError, match="from 1 to 65535"):
            listener(port=port)
    with pytest.raises(ValueError, match="needs one certificate"):
        listener(protocol="HTTPS")
    certificates = (Certificate(certificate_arn="arn:aws:acm:us-east-1:1:certificate/1"),)
    assert listener(protocol="HTTPS", certificates=certificates).protocol == "HTTPS"
    with pytest.raises(ValueError, match="are for HTTPS and TLS listeners"):
        listener(certificates=certificates)
    with pytest.raises(FieldError, match="ELBSecurityPolicy-TLS13-1-2-2021-06"):
        listener(protocol="HTTPS", certificates=certificates, ssl_policy="TLS13")
    with pytest.raises(FieldError, match="must be one of HTTPS, TLS, HTTP, TCP, UDP, TCP_UDP"):
        listener(protocol="GENEVE")
    with pytest.raises(FieldError, match="one action"):
        listener(default_actions=(FORWARD, FORWARD))


@pytest.mark.parametrize("status", ["200", "204", "404", "500", "503", "599"])
def test_a_fixed_response_is_a_2xx_4xx_or_5xx(status: str) -> None:
    assert fixed(status).groups == {}


@pytest.mark.parametrize("status", ["100", "302", "2xx", "20", "600"])
def test_another_fixed_response_is_refused(status: str) -> None:
    with pytest.raises(FieldError, match="2XX, 4XX or 5XX"):
        FixedResponseConfig(status_code=status)


def test_a_forward_action_names_one_group_or_up_to_five() -> None:
    def config(*groups: str) -> ForwardConfig:
        tuples = (TargetGroupTuple(target_group_arn=group) for group in groups)
        return ForwardConfig(target_groups=tuple(tuples))

    assert Action(type="forward", forward_config=config("Targets")).groups == {"Targets": 1}
    with pytest.raises(ValueError, match="needs a TargetGroupArn"):
        Action(type="forward")
    both = Action(type="forward", forward_config=config("Targets", "Others"))
    assert both.groups == {"Targets": 1, "Others": 1}
    with pytest.raises(FieldError, match="from 1 to 5 items"):
        config(*"abcdef")
    with pytest.raises(FieldError, match="named twice"):
        config("Targets", "Targets")
    with pytest.raises(ValueError, match="must be the group that the action forwards to"):
        Action(type="forward", target_group_arn="Others", forward_config=config("Targets"))


def test_the_configuration_of_an_action_is_that_of_its_type() -> None:
    answer = FixedResponseConfig(status_code="503")
    with pytest.raises(ValueError, match="for actions of type fixed-response"):
        Action(type="forward", target_group_arn="Targets", fixed_response_config=answer)
    with pytest.raises(ValueError, match="needs a FixedResponseConfig"):
        Action(type="fixed-response")
