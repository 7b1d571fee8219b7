"""Listeners and their rules, as CloudFormation describes them.

Source: the CloudFormation reference of Listener and ListenerRule, "Listeners for your Application
Load Balancers" and "Quotas for your Application Load Balancers".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from model.elb.attributes import (
    HTTP_LISTENER,
    NETWORK_LISTENER,
    KeyValue,
    known_attributes,
    value,
)
from model.elb.attributes import (
    Attribute as Known,
)
from model.elb.resources.actions import Action
from model.elb.resources.conditions import MOST_VALUES, MOST_WILDCARDS, Condition
from model.elb.resources.references import BalancerRef, ListenerRef
from model.elb.resources.target_groups import TargetGroup
from model.fields import FieldError, between, length, one_of
from model.resources import Resource

SECURE = ("HTTPS", "TLS")
"""Protocols of listeners that need a certificate."""
PLAIN = ("HTTP", "TCP", "UDP", "TCP_UDP")


GROUPS_OF: Mapping[str, tuple[str, ...]] = {
    "HTTP": ("HTTP", "HTTPS"),
    "HTTPS": ("HTTP", "HTTPS"),
    "TCP": ("TCP", "TCP_UDP"),
    "TLS": ("TCP", "TLS"),
    "UDP": ("UDP", "TCP_UDP"),
    "TCP_UDP": ("TCP_UDP",),
}
"""The protocols of target groups that a listener can forward to."""


def _one(_: Any, attribute: Attribute[Any], value: tuple[Action, ...]) -> None:
    if len(value) != 1:
        raise FieldError(attribute, f"must be one action, not {len(value)}")


@frozen(kw_only=True)
class Certificate:
    """A server certificate: it is not looked at, but there must be one."""

    certificate_arn: str = field(validator=length(1))


@frozen(kw_only=True)
class Listener(Resource):
    """A port of a load balancer, and what it does with requests."""

    TYPE: ClassVar[str] = "AWS::ElasticLoadBalancingV2::Listener"
    INERT: ClassVar[frozenset[str]] = frozenset({"AlpnPolicy", "Tags"})
    REFUSED: ClassVar[dict[str, str]] = {
        "MutualAuthentication": "clients without a certificate are not simulated",
    }

    load_balancer_arn: BalancerRef
    port: int = field(validator=between(1, 65_535))
    protocol: str = field(validator=one_of(*SECURE, *PLAIN))
    certificates: tuple[Certificate, ...] = ()
    ssl_policy: str | None = field(default=None)
    default_actions: tuple[Action, ...] = field(validator=_one)
    listener_attributes: tuple[KeyValue, ...] = field(default=(), validator=known_attributes)

    @ssl_policy.validator
    def _policy(self, attribute: Attribute[Any], value: str | None) -> None:
        if value is not None and not re.fullmatch(r"ELBSecurityPolicy-[A-Za-z0-9-]+", value):
            raise FieldError(
                attribute, f"must be a policy such as ELBSecurityPolicy-TLS13-1-2-2021-06: {value}"
            )

    def __attrs_post_init__(self) -> None:
        if self.protocol in SECURE and len(self.certificates) != 1:
            raise ValueError(f"a listener for {self.protocol} needs one certificate")
        if self.protocol in PLAIN and (self.certificates or self.ssl_policy):
            raise ValueError("Certificates and SslPolicy are for HTTPS and TLS listeners")
        if self.network and self.action.type != "forward":
            raise ValueError(f"a listener for {self.protocol} can only forward")
        if self.network and self.action.session is not None:
            raise ValueError("stickiness of target groups is for HTTP and HTTPS listeners")
        check_redirect(self.protocol, self.default_actions)

    @property
    def network(self) -> bool:
        """Whether it is one of a Network Load Balancer."""
        return self.protocol not in ("HTTP", "HTTPS")

    @property
    def known(self) -> Mapping[str, Known]:
        """The attributes that it may have."""
        return NETWORK_LISTENER if self.network else HTTP_LISTENER

    @property
    def idle_timeout(self) -> float:
        """Seconds without data after which a flow is given up."""
        if self.protocol == "UDP":
            return 120.0
        return float(value(self.listener_attributes, NETWORK_LISTENER, "tcp.idle_timeout.seconds"))

    @property
    def action(self) -> Action:
        """What happens to requests that no rule matches."""
        return self.default_actions[-1]


def check_redirect(protocol: str, actions: tuple[Action, ...]) -> None:
    """Nobody is led from HTTPS back to HTTP."""
    for action in actions:
        config = action.redirect_config
        if config is not None and protocol == "HTTPS" and config.protocol == "HTTP":
            raise ValueError("a redirect from HTTPS to HTTP is not possible")


def check_stickiness(protocol: str, action: Action, groups: Mapping[str, TargetGroup]) -> None:
    """Whether the target groups that a listener forwards to may be as sticky as they are.

    Where a client might be sent to another group, a cookie for a target is of no use.
    """
    for name in action.groups:
        if protocol == "TLS" and groups[name].sticky_by is not None:
            raise ValueError(f"{name} is sticky by source_ip, which is not for TLS listeners")
    if len(action.groups) < 2:
        return
    for name in action.groups:
        if groups[name].session is None:
            continue
        if groups[name].sticky_by == "app_cookie":
            raise ValueError(
                f"{name} is sticky by app_cookie, which does not work with weighted target groups"
            )
        if action.session is None:
            raise ValueError(
                f"{name} is sticky, so TargetGroupStickinessConfig must be enabled where several "
                "target groups are forwarded to"
            )


@frozen(kw_only=True)
class ListenerRule(Resource):
    """What a listener does with requests that meet some conditions."""

    TYPE: ClassVar[str] = "AWS::ElasticLoadBalancingV2::ListenerRule"
    INERT: ClassVar[frozenset[str]] = frozenset({"Tags"})
    REFUSED: ClassVar[dict[str, str]] = {"Transforms": "rewriting of requests is not simulated yet"}

    listener_arn: ListenerRef
    priority: int = field(validator=between(1, 50_000))
    conditions: tuple[Condition, ...] = field(validator=length(1))
    actions: tuple[Action, ...] = field(validator=_one)

    @conditions.validator
    def _limits(self, attribute: Attribute[Any], value: tuple[Condition, ...]) -> None:
        for index, item in enumerate(value):
            repeated = [other.kind for other in value[:index]]
            if item.kind in repeated and item.kind not in ("http-header", "query-string"):
                raise FieldError(attribute, f"a rule takes one condition {item.kind}", index)
        values = sum(item.number for item in value)
        if values > MOST_VALUES:
            raise FieldError(
                attribute, f"the conditions of a rule have {MOST_VALUES} values at most: {values}"
            )
        wildcards = sum(item.wildcards for item in value)
        if wildcards > MOST_WILDCARDS:
            message = f"a rule has {MOST_WILDCARDS} wildcards at most: {wildcards}"
            raise FieldError(attribute, message)

    @property
    def action(self) -> Action:
        """What happens to requests that meet the conditions."""
        return self.actions[-1]
