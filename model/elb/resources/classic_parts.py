"""The parts of a Classic Load Balancer: listeners, health check, policies.

Source: "Listeners for your Classic Load Balancer", "Configure health checks for your Classic Load
Balancer", "Configure sticky sessions for your Classic Load Balancer".
"""

from __future__ import annotations

import math
import re
from typing import ClassVar

from attrs import Attribute, field, frozen

from model.fields import FieldError, at_least, between, one_of

REQUESTS = ("HTTP", "HTTPS")
"""Protocols of listeners that balance requests; the others balance connections."""
CONNECTIONS = ("TCP", "SSL")
SECURE = ("HTTPS", "SSL")


@frozen(kw_only=True)
class HealthCheck:
    """How the health of instances is checked: `HTTP:80/path`, `HTTPS:443/path`, `TCP:80` or
    `SSL:443`. A template and ConfigureHealthCheck give all members or none."""

    target: str = field()
    interval: int = field(validator=between(5, 300))
    timeout: int = field(validator=between(2, 60))
    healthy_threshold: int = field(validator=between(2, 10))
    unhealthy_threshold: int = field(validator=between(2, 10))

    @target.validator
    def _grammar(self, attribute: Attribute[str], value: str) -> None:
        found = re.fullmatch(r"(?:HTTPS?:(\d{1,5})(/\S{0,1023})|(?:TCP|SSL):(\d{1,5}))", value)
        if found is None or not 1 <= int(found[1] or found[3]) <= 65_535:
            right = "must be HTTP:80/path, HTTPS:443/path, TCP:80 or SSL:443"
            raise FieldError(attribute, f"{right} (a port from 1 to 65535), not {value!r}")

    def __attrs_post_init__(self) -> None:
        if self.timeout >= self.interval:
            raise ValueError(
                f"Timeout ({self.timeout}) must be less than Interval ({self.interval})"
            )

    @classmethod
    def usual(cls, port: int) -> HealthCheck:
        """That of a load balancer for which none was configured: a connection every 30 s."""
        return cls(
            target=f"TCP:{port}",
            interval=30,
            timeout=5,
            healthy_threshold=10,
            unhealthy_threshold=2,
        )

    @property
    def protocol(self) -> str:
        return self.target.partition(":")[0]

    @property
    def port(self) -> str:
        """Where every instance is checked."""
        return self.target.partition(":")[2].partition("/")[0]


@frozen(kw_only=True)
class ConnectionDrainingPolicy:
    """Whether requests in flight may finish when an instance is deregistered."""

    enabled: bool
    timeout: int = field(default=300, validator=between(1, 3600))


@frozen(kw_only=True)
class ConnectionSettings:
    """How long connections may be idle (seconds)."""

    idle_timeout: int = field(default=60, validator=between(1, 3600))


@frozen(kw_only=True)
class LBCookieStickinessPolicy:
    """Sessions by a cookie of the load balancer's own."""

    policy_name: str
    cookie_expiration_period: int | None = field(default=None, validator=at_least(1))
    """Seconds; None: as long as the client's own session."""

    @property
    def session(self) -> float:
        """Seconds that a client stays at its instance."""
        period = self.cookie_expiration_period
        return math.inf if period is None else float(period)


@frozen(kw_only=True)
class AppCookieStickinessPolicy:
    """Sessions that follow a cookie of the application."""

    policy_name: str
    cookie_name: str

    @property
    def session(self) -> float:
        """The cookie is the application's: it does not expire at the load balancer."""
        return math.inf


@frozen(kw_only=True)
class AdditionalAttribute:
    """An attribute of a Classic Load Balancer that has no place of its own: there is one."""

    key: str = field(validator=one_of("elb.http.desyncmitigationmode"))
    value: str = field(validator=one_of("monitor", "defensive", "strictest"))


@frozen(kw_only=True)
class Policy:
    """Anything else that a listener or an instance port is to keep to, such as ciphers; nothing
    hangs on what it says."""

    INERT: ClassVar[frozenset[str]] = frozenset(
        {"Attributes", "InstancePorts", "LoadBalancerPorts", "PolicyType"}
    )

    policy_name: str


@frozen(kw_only=True)
class ClassicListener:
    """A port of the load balancer, and the port of the instances that it leads to."""

    load_balancer_port: int = field(validator=between(1, 65_535))
    instance_port: int = field(validator=between(1, 65_535))
    protocol: str = field(validator=one_of(*REQUESTS, *CONNECTIONS))
    instance_protocol: str = field(
        validator=one_of(*REQUESTS, *CONNECTIONS),
        metadata={"name": "InstanceProtocol"},
    )
    policy_names: tuple[str, ...] = ()
    ssl_certificate_id: str | None = field(default=None, metadata={"name": "SSLCertificateId"})

    @instance_protocol.default
    def _same_layer(self) -> str:
        return "HTTP" if self.protocol in REQUESTS else "TCP"

    def __attrs_post_init__(self) -> None:
        if (self.protocol in REQUESTS) is not (self.instance_protocol in REQUESTS):
            raise ValueError(
                f"Protocol {self.protocol} and InstanceProtocol {self.instance_protocol} are not "
                "of one layer: both must be HTTP or HTTPS, or both TCP or SSL"
            )
        if self.protocol in SECURE and not self.ssl_certificate_id:
            raise ValueError(f"a listener for {self.protocol} needs an SSLCertificateId")
        if self.protocol not in SECURE and self.ssl_certificate_id:
            raise ValueError("SSLCertificateId is for HTTPS and SSL listeners")

    @property
    def network(self) -> bool:
        """Whether it balances connections instead of requests."""
        return self.protocol in CONNECTIONS
