"""Attributes: keys, ranges and defaults (API reference of ModifyTargetGroupAttributes and
ModifyLoadBalancerAttributes, "Edit target group attributes for your Application Load Balancer",
"Edit attributes for your Application Load Balancer")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from model.elb.attributes import LOAD_BALANCER, TARGET_GROUP
from model.fields import FieldError
from tests.model.elb.samples import DNS, ROUTING, load_balancer, target_group

RANGES = [
    (target_group, "deregistration_delay.timeout_seconds", 0, 3600),
    (target_group, "stickiness.lb_cookie.duration_seconds", 1, 604_800),
    (target_group, "stickiness.app_cookie.duration_seconds", 1, 604_800),
    (target_group, f"{DNS}.percentage", 1, 100),
    (target_group, f"{ROUTING}.percentage", 1, 100),
    (load_balancer, "idle_timeout.timeout_seconds", 1, 4000),
    (load_balancer, "client_keep_alive.seconds", 60, 604_800),
]
Make = Callable[[Mapping[str, str]], Any]


@pytest.mark.parametrize(("make", "key", "low", "high"), RANGES)
def test_numbers_have_the_range_that_the_api_reference_gives(
    make: Make, key: str, low: int, high: int
) -> None:
    make({key: str(low)})
    make({key: str(high)})
    for wrong in (str(low - 1), str(high + 1), "", "1.5", "²", "ten"):
        with pytest.raises(FieldError, match=f"from {low} to {high}"):
            make({key: wrong})


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("deregistration_delay.timeout_seconds", "300"),
        ("load_balancing.algorithm.type", "round_robin"),
        ("load_balancing.algorithm.anomaly_mitigation", "off"),
        ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
        ("slow_start.duration_seconds", "0"),
        ("stickiness.enabled", "false"),
        ("stickiness.lb_cookie.duration_seconds", "86400"),
        ("stickiness.app_cookie.duration_seconds", "86400"),
        (f"{DNS}.count", "1"),
        (f"{DNS}.percentage", "off"),
        (f"{ROUTING}.count", "1"),
        (f"{ROUTING}.percentage", "off"),
    ],
)
def test_defaults_of_target_groups(key: str, default: str) -> None:
    assert TARGET_GROUP[key].default == default
    target_group({key: default})


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("idle_timeout.timeout_seconds", "60"),
        ("client_keep_alive.seconds", "3600"),
        ("load_balancing.cross_zone.enabled", "true"),
        ("deletion_protection.enabled", "false"),
        ("zonal_shift.config.enabled", "false"),
        ("routing.http2.enabled", "true"),
        ("routing.http.drop_invalid_header_fields.enabled", "false"),
        ("routing.http.desync_mitigation_mode", "defensive"),
        ("waf.fail_open.enabled", "false"),
    ],
)
def test_defaults_of_load_balancers(key: str, default: str) -> None:
    assert LOAD_BALANCER[key].default == default
    load_balancer({key: default})


def test_what_is_not_given_has_its_default() -> None:
    group = target_group()
    assert group.deregistration_delay == 300
    assert group.algorithm == "round_robin"
    assert group.cross_zone is None
    assert (group.dns_failover_count, group.dns_failover_percentage) == (1, None)
    assert (group.unhealthy_state_routing_count, group.unhealthy_state_routing_percentage) == (
        1,
        None,
    )
    assert load_balancer().idle_timeout == 60


def test_slow_start_is_off_or_from_30_to_900_seconds() -> None:
    for wrong in ("1", "29", "901"):
        with pytest.raises(FieldError, match="from 30 to 900 or 0"):
            target_group({"slow_start.duration_seconds": wrong})
    assert target_group({"slow_start.duration_seconds": "30"}).slow_start == 30.0


@pytest.mark.parametrize("algorithm", ["least_outstanding_requests", "weighted_random"])
def test_slow_start_goes_with_round_robin_only(algorithm: str) -> None:
    key = "load_balancing.algorithm.type"
    with pytest.raises(ValueError, match="round_robin only"):
        target_group({"slow_start.duration_seconds": "30", key: algorithm})


@pytest.mark.parametrize("algorithm", ["round_robin", "least_outstanding_requests"])
def test_anomaly_mitigation_goes_with_weighted_random_only(algorithm: str) -> None:
    on = {"load_balancing.algorithm.anomaly_mitigation": "on"}
    with pytest.raises(ValueError, match="goes with weighted_random"):
        target_group(on | {"load_balancing.algorithm.type": algorithm})
    assert target_group(on | {"load_balancing.algorithm.type": "weighted_random"}).mitigates
    assert not target_group().mitigates


def test_cross_zone_cannot_be_turned_off_at_an_application_load_balancer() -> None:
    with pytest.raises(FieldError, match=r"cross_zone\.enabled must be"):
        load_balancer({"load_balancing.cross_zone.enabled": "false"})
    assert target_group({"load_balancing.cross_zone.enabled": "false"}).cross_zone is False


def test_the_count_for_dns_failover_can_be_off_and_the_one_for_routing_cannot() -> None:
    assert target_group({f"{DNS}.count": "off"}).dns_failover_count is None
    with pytest.raises(FieldError, match="unhealthy_state_routing"):
        target_group({f"{ROUTING}.count": "off"})


@pytest.mark.parametrize("unit", ["count", "percentage"])
def test_the_threshold_for_dns_must_not_be_less_than_the_one_for_routing(unit: str) -> None:
    target_group({f"{DNS}.{unit}": "3", f"{ROUTING}.{unit}": "3"})
    target_group({f"{DNS}.{unit}": "off", f"{ROUTING}.{unit}": "3"})
    with pytest.raises(ValueError, match="must not be less"):
        target_group({f"{DNS}.{unit}": "2", f"{ROUTING}.{unit}": "3"})


def test_an_unknown_key_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(FieldError, match=r"did you mean deregistration_delay\.timeout_seconds\?"):
        target_group({"deregistration_delay.timeout": "30"})
