"""What a listener or a rule does with a request.

Source: "Action types for listener rules" and the CloudFormation reference of Listener and
ListenerRule.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from model.elb.resources.references import GroupRef
from model.fields import FieldError, between, length, not_simulated, one_of

MOST_GROUPS = 5
"""Target groups of one forward action."""
SAME = "#{protocol}", "#{host}", "#{port}", "/#{path}"
"""What a redirect keeps of a request where nothing else is said."""


@frozen(kw_only=True)
class FixedResponseConfig:
    """An answer that the load balancer gives itself."""

    INERT: ClassVar[frozenset[str]] = frozenset({"ContentType", "MessageBody"})

    status_code: str = field()

    @status_code.validator
    def _status(self, attribute: Attribute[str], value: str) -> None:
        if not re.fullmatch(r"[245]\d\d", value):
            raise FieldError(attribute, f"must be a 2XX, 4XX or 5XX status, not {value!r}")


@frozen(kw_only=True)
class RedirectConfig:
    """Where clients are told to go instead."""

    status_code: str = field(validator=one_of("HTTP_301", "HTTP_302"))
    protocol: str = field(default=SAME[0], validator=one_of("HTTP", "HTTPS", SAME[0]))
    host: str = field(default=SAME[1], validator=length(1, 128))
    port: str = field(default=SAME[2])
    path: str = field(default=SAME[3], validator=length(1, 128))
    query: str = field(default="#{query}", validator=length(0, 128))

    @port.validator
    def _port(self, attribute: Attribute[str], value: str) -> None:
        if value != SAME[2] and not (value.isdecimal() and 1 <= int(value) <= 65_535):
            raise FieldError(attribute, f"must be from 1 to 65535 or {SAME[2]}, not {value!r}")

    @path.validator
    def _slash(self, attribute: Attribute[str], value: str) -> None:
        if not value.startswith("/"):
            raise FieldError(attribute, f"must begin with a slash: {value!r}")

    def __attrs_post_init__(self) -> None:
        if (self.protocol, self.host, self.port, self.path) == SAME:
            raise ValueError(
                "a redirect must change the protocol, the host, the port or the path, "
                "or it would lead to itself"
            )

    @property
    def status(self) -> str:
        """The HTTP status that clients see."""
        return self.status_code.removeprefix("HTTP_")


@frozen(kw_only=True)
class TargetGroupTuple:
    """A target group and its weight in a forward action."""

    target_group_arn: GroupRef
    weight: int = field(default=1, validator=between(0, 999))


@frozen(kw_only=True)
class TargetGroupStickinessConfig:
    """Whether a client stays with the target group that it came to first."""

    enabled: bool = False
    duration_seconds: int | None = field(default=None, validator=between(1, 604_800))

    def __attrs_post_init__(self) -> None:
        if self.enabled and self.duration_seconds is None:
            raise ValueError("stickiness needs DurationSeconds, from 1 to 604800")


@frozen(kw_only=True)
class ForwardConfig:
    """Where a forward action sends requests."""

    target_groups: tuple[TargetGroupTuple, ...] = field(validator=length(1, MOST_GROUPS))
    target_group_stickiness_config: TargetGroupStickinessConfig = TargetGroupStickinessConfig()

    @target_groups.validator
    def _each_once(self, attribute: Attribute[Any], value: tuple[TargetGroupTuple, ...]) -> None:
        for index, item in enumerate(value):
            if any(item.target_group_arn == other.target_group_arn for other in value[:index]):
                raise FieldError(attribute, f"{item.target_group_arn} is named twice", index)


@frozen(kw_only=True)
class Action:
    """What is done with a request."""

    REFUSED: ClassVar[dict[str, str]] = {
        "AuthenticateCognitoConfig": "authentication is not simulated",
        "AuthenticateOidcConfig": "authentication is not simulated",
        "JwtValidationConfig": "authentication is not simulated",
    }

    type: str = field(
        validator=[
            not_simulated(
                **dict.fromkeys(
                    ("authenticate-cognito", "authenticate-oidc", "jwt-validation"),
                    "only forward, redirect and fixed-response are",
                )
            ),
            one_of("forward", "redirect", "fixed-response"),
        ]
    )
    order: int | None = field(default=None, validator=between(1, 50_000))
    target_group_arn: GroupRef | None = None
    forward_config: ForwardConfig | None = None
    fixed_response_config: FixedResponseConfig | None = None
    redirect_config: RedirectConfig | None = None

    def __attrs_post_init__(self) -> None:
        if self.type == "forward" and not self.groups:
            raise ValueError("a forward action needs a TargetGroupArn")
        given = {
            "fixed-response": self.fixed_response_config,
            "redirect": self.redirect_config,
        }
        for kind, config in given.items():
            name = "".join(part.capitalize() for part in kind.split("-")) + "Config"
            if self.type == kind and config is None:
                raise ValueError(f"a {kind} action needs a {name}")
            if self.type != kind and config is not None:
                raise ValueError(f"{name} is for actions of type {kind}")
        if self.type != "forward" and (self.target_group_arn or self.forward_config):
            raise ValueError("target groups are for actions of type forward")
        only = [self.target_group_arn]
        if None not in only and self.forward_config and list(self.groups) != only:
            raise ValueError("TargetGroupArn must be the group that the action forwards to")

    @property
    def groups(self) -> dict[str, int]:
        """The target groups that requests go to, by logical id, and their weights."""
        if self.forward_config is not None:
            parts = self.forward_config.target_groups
            return {part.target_group_arn: part.weight for part in parts}
        return {} if self.target_group_arn is None else {self.target_group_arn: 1}

    @property
    def session(self) -> float | None:
        """Seconds that a cookie keeps a client at its target group; None: groups are not sticky."""
        if self.forward_config is None:
            return None
        config = self.forward_config.target_group_stickiness_config
        return float(config.duration_seconds or 0) if config.enabled else None
