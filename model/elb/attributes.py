"""The attributes of load balancers and target groups: keys, ranges and defaults.

Source: "Edit attributes for your Application Load Balancer", "Target groups for your Application
Load Balancers" and the API reference of ModifyTargetGroupAttributes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from attrs import Attribute as FieldOf
from attrs import frozen

from model.fields import FieldError


@frozen(kw_only=True)
class KeyValue:
    """One attribute as a template gives it."""

    key: str
    value: str


Check = Callable[[str], str | None]
"""Says what would be right where a value is wrong."""


def whole(low: int, high: int, *others: str) -> Check:
    """A whole number in a range, or one of a few words."""

    def check(value: str) -> str | None:
        if value in others or (re.fullmatch(r"[0-9]+", value) and low <= int(value) <= high):
            return None
        words = "".join(f" or {other}" for other in others)
        return f"a whole number from {low} to {high}{words}"

    return check


def words(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: str) -> str | None:
        return None if value in allowed else "one of " + ", ".join(allowed)

    return check


BOOLEAN = words("true", "false")


def anything(_: str) -> str | None:
    """Whatever it is."""
    return None


@frozen
class Attribute:
    """What AWS takes for one key, and what of it is simulated."""

    check: Check
    default: str
    simulated: tuple[str, ...] | None = None
    """The only values that are simulated as yet; None: every one is, or none matters."""


TARGET_GROUP: Mapping[str, Attribute] = {
    "deregistration_delay.timeout_seconds": Attribute(whole(0, 3600), "300"),
    "load_balancing.algorithm.type": Attribute(
        words("round_robin", "least_outstanding_requests", "weighted_random"),
        "round_robin",
    ),
    "load_balancing.algorithm.anomaly_mitigation": Attribute(words("on", "off"), "off"),
    "load_balancing.cross_zone.enabled": Attribute(
        words("true", "false", "use_load_balancer_configuration"),
        "use_load_balancer_configuration",
    ),
    "slow_start.duration_seconds": Attribute(whole(30, 900, "0"), "0"),
    "stickiness.enabled": Attribute(BOOLEAN, "false"),
    "stickiness.type": Attribute(words("lb_cookie", "app_cookie"), "lb_cookie"),
    "stickiness.lb_cookie.duration_seconds": Attribute(whole(1, 604_800), "86400"),
    "stickiness.app_cookie.cookie_name": Attribute(anything, ""),
    "stickiness.app_cookie.duration_seconds": Attribute(whole(1, 604_800), "86400"),
    "target_group_health.dns_failover.minimum_healthy_targets.count": Attribute(
        whole(1, 1000, "off"), "1"
    ),
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": Attribute(
        whole(1, 100, "off"), "off"
    ),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": Attribute(
        whole(1, 1000), "1"
    ),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": Attribute(
        whole(1, 100, "off"), "off"
    ),
}

LOAD_BALANCER: Mapping[str, Attribute] = {
    "idle_timeout.timeout_seconds": Attribute(whole(1, 4000), "60"),
    "client_keep_alive.seconds": Attribute(whole(60, 604_800), "3600"),
    "load_balancing.cross_zone.enabled": Attribute(words("true"), "true"),
    "deletion_protection.enabled": Attribute(BOOLEAN, "false"),
    "zonal_shift.config.enabled": Attribute(BOOLEAN, "false"),
    "ipv6.deny_all_igw_traffic": Attribute(BOOLEAN, "false"),
    "access_logs.s3.enabled": Attribute(BOOLEAN, "false"),
    "access_logs.s3.bucket": Attribute(anything, ""),
    "access_logs.s3.prefix": Attribute(anything, ""),
    "connection_logs.s3.enabled": Attribute(BOOLEAN, "false"),
    "connection_logs.s3.bucket": Attribute(anything, ""),
    "connection_logs.s3.prefix": Attribute(anything, ""),
    "routing.http.desync_mitigation_mode": Attribute(
        words("monitor", "defensive", "strictest"), "defensive"
    ),
    "routing.http.drop_invalid_header_fields.enabled": Attribute(BOOLEAN, "false"),
    "routing.http.preserve_host_header.enabled": Attribute(BOOLEAN, "false"),
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": Attribute(BOOLEAN, "false"),
    "routing.http.xff_client_port.enabled": Attribute(BOOLEAN, "false"),
    "routing.http.xff_header_processing.mode": Attribute(
        words("append", "preserve", "remove"), "append"
    ),
    "routing.http2.enabled": Attribute(BOOLEAN, "true"),
    "waf.fail_open.enabled": Attribute(BOOLEAN, "false"),
}


_HEALTH = {
    key: attribute for key, attribute in TARGET_GROUP.items() if key.startswith("target_group_h")
}
NETWORK_TARGET_GROUP: Mapping[str, Attribute] = {
    "deregistration_delay.timeout_seconds": Attribute(whole(0, 3600), "300"),
    "deregistration_delay.connection_termination.enabled": Attribute(BOOLEAN, "false"),
    "load_balancing.cross_zone.enabled": TARGET_GROUP["load_balancing.cross_zone.enabled"],
    "preserve_client_ip.enabled": Attribute(BOOLEAN, "true"),
    "proxy_protocol_v2.enabled": Attribute(BOOLEAN, "false"),
    "stickiness.enabled": Attribute(BOOLEAN, "false"),
    "stickiness.type": Attribute(words("source_ip"), "source_ip"),
    "target_health_state.unhealthy.connection_termination.enabled": Attribute(BOOLEAN, "true"),
    "target_health_state.unhealthy.draining_interval_seconds": Attribute(whole(0, 360_000), "0"),
    **_HEALTH,
}

FUNCTION_TARGET_GROUP: Mapping[str, Attribute] = {
    "lambda.multi_value_headers.enabled": Attribute(BOOLEAN, "false"),
}

NETWORK_IP_TARGET_GROUP: Mapping[str, Attribute] = {
    **NETWORK_TARGET_GROUP,
    "preserve_client_ip.enabled": Attribute(BOOLEAN, "false"),
}
"""The same where targets for TCP or TLS are addresses."""

NETWORK_LOAD_BALANCER: Mapping[str, Attribute] = {
    "load_balancing.cross_zone.enabled": Attribute(BOOLEAN, "false"),
    "dns_record.client_routing_policy": Attribute(
        words(
            "any_availability_zone",
            "partial_availability_zone_affinity",
            "availability_zone_affinity",
        ),
        "any_availability_zone",
    ),
    "secondary_ips.auto_assigned.per_subnet": Attribute(whole(0, 7), "0"),
    **{
        key: LOAD_BALANCER[key]
        for key in (
            "deletion_protection.enabled",
            "zonal_shift.config.enabled",
            "ipv6.deny_all_igw_traffic",
            "access_logs.s3.enabled",
            "access_logs.s3.bucket",
            "access_logs.s3.prefix",
        )
    },
}

HTTP_LISTENER: Mapping[str, Attribute] = {
    f"routing.http.{name}": Attribute(anything, "")
    for name in (
        "response.server.enabled",
        "response.strict_transport_security.header_value",
        "response.access_control_allow_origin.header_value",
        "response.access_control_allow_methods.header_value",
        "response.access_control_allow_headers.header_value",
        "response.access_control_allow_credentials.header_value",
        "response.access_control_expose_headers.header_value",
        "response.access_control_max_age.header_value",
        "response.content_security_policy.header_value",
        "response.x_content_type_options.header_value",
        "response.x_frame_options.header_value",
    )
}
NETWORK_LISTENER: Mapping[str, Attribute] = {
    "tcp.idle_timeout.seconds": Attribute(whole(60, 6000), "350"),
}


def known_attributes(resource: Any, field: FieldOf[Any], given: tuple[KeyValue, ...]) -> None:
    """Refuse keys that are not `known` to the resource, values out of range, and what is not
    simulated yet."""
    for index, item in enumerate(given):
        if any(item.key == other.key for other in given[:index]):
            raise FieldError(field, f"{item.key} is given twice", index)
        problem = _problem(item, resource.known)
        if problem is not None:
            raise FieldError(field, problem, index)


def _problem(item: KeyValue, known: Mapping[str, Attribute]) -> str | None:
    attribute = known.get(item.key)
    if attribute is None:
        return f"{item.key!r} is no attribute of it{_nearest(item.key, known)}"
    right = attribute.check(item.value)
    if right is not None:
        return f"{item.key} must be {right}, not {item.value!r}"
    if attribute.simulated is not None and item.value not in attribute.simulated:
        only = " or ".join(attribute.simulated)
        return f"{item.key} = {item.value} is not simulated yet; only {only} is"
    return None


def _nearest(key: str, known: Mapping[str, Attribute]) -> str:
    close = get_close_matches(key, known, 1)
    return f"; did you mean {close[0]}?" if close else ""


def value(given: tuple[KeyValue, ...], known: Mapping[str, Attribute], key: str) -> str:
    """An attribute's value: as given, or by default."""
    return next((item.value for item in given if item.key == key), known[key].default)
