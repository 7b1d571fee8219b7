"""Who sends requests, what they ask for, and how fast."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Protocol

from attrs import Attribute, field, frozen

from model.fields import FieldError, at_least, between, one_of
from model.traffic.shapes import Shape

CLASSIFICATIONS = ("compliant", "acceptable", "ambiguous", "severe")
"""How well a request complies with RFC 7230, and how risky it is ("Edit attributes for your
Application Load Balancer": desync mitigation mode)."""
PACKET = 1000.0
"""Bytes of a packet on average; AWS promises nothing."""


Sizes = tuple[float, float]
"""Bytes of a request and of its answer."""


@frozen(kw_only=True)
class Request:
    """What a load balancer can see of a request."""

    port: int = field(default=80, validator=between(1, 65535))
    method: str = "GET"
    host: str = ""
    path: str = field(default="/")
    headers: dict[str, str] = field(factory=dict)
    query: dict[str, str] = field(factory=dict)
    source_ip: str | None = field(default=None)
    classification: str = field(default="compliant", validator=one_of(*CLASSIFICATIONS))
    """What desync mitigation makes of it."""

    @source_ip.validator
    def _address(self, attribute: Attribute[str | None], value: str | None) -> None:
        if value is not None:
            try:
                IPv4Address(value)
            except ValueError:
                message = f"must be an address such as 203.0.113.7, not {value!r}"
                raise FieldError(attribute, message) from None

    @path.validator
    def _no_query(self, attribute: Attribute[str], value: str) -> None:
        if "?" in value:
            raise FieldError(attribute, f"must have no query: write it under query, not {value!r}")


@frozen(kw_only=True)
class Source:
    """One stream of like requests from many clients to one load balancer, or to one DNS name."""

    name: str
    to: str
    """Logical id of the load balancer, or of a record that leads to some; or a name of records."""
    shape: Shape
    request: Request = Request()
    clients: int = field(default=1000, validator=at_least(1))
    """Distinct clients, for connections, stickiness and flow hashing."""
    request_size: float = field(default=1000.0, validator=at_least(0))
    """Bytes that a request has on average."""
    response_size: float = field(default=10_000.0, validator=at_least(0))
    """Bytes that an answer has on average."""
    begins: float | None = None
    """Seconds from the scenario's start; None: when the world begins, history included."""

    @property
    def sizes(self) -> Sizes:
        """Both sizes."""
        return self.request_size, self.response_size


class ClientShare(Protocol):
    """The part of a source's clients whom DNS leads to one of several load balancers."""

    def at(self, time: float) -> float:
        """At an instant, not long past."""
        ...

    def share_between(self, start: float, end: float) -> float:
        """On average from `start` to `end`, not long past."""
        ...


def kinds_of(sources: Iterable[Source]) -> list[Request]:
    """The kinds of requests that sources send, each once; its place is its number."""
    kinds: list[Request] = []
    for source in sources:
        if source.request not in kinds:
            kinds.append(source.request)
    return kinds
