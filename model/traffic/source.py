"""Who sends requests, what they ask for, and how fast."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from model.fields import at_least, between
from model.traffic.shapes import Shape


@frozen(kw_only=True)
class Request:
    """What a listener rule can see of a request."""

    port: int = field(default=80, validator=between(1, 65535))
    method: str = "GET"
    host: str = ""
    path: str = "/"
    headers: dict[str, str] = field(factory=dict)
    query: dict[str, str] = field(factory=dict)
    source_ip: str | None = None


@frozen(kw_only=True)
class Source:
    """One stream of like requests from many clients to one load balancer."""

    name: str
    to: str
    """Logical id of the load balancer."""
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


def kinds_of(sources: Iterable[Source]) -> list[Request]:
    """The kinds of requests that sources send, each once; its place is its number."""
    kinds: list[Request] = []
    for source in sources:
        if source.request not in kinds:
            kinds.append(source.request)
    return kinds
