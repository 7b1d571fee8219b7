"""How requests end that no target was chosen for, and why."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from model.elb.inspection import Fault
from model.traffic.source import Source

CONNECTION_TIMEOUT = "connection_timeout"
CONNECTION_REFUSED = "connection_refused"
NO_TARGETS = "503"
"""The answer where a target group has nobody to send a request to."""


class Cause(StrEnum):
    """Actions with which a load balancer answers by itself."""

    FIXED_RESPONSE = "fixed-response"
    NO_PORT = "no port"
    """Its node has no port left towards the target: the client's packets are dropped."""
    NO_ROOM = "no room"
    """It has not grown to what comes: the connection is rejected."""
    REDIRECT = "redirect"
    SPILLOVER = "spillover"
    """The surge queue of a Classic Load Balancer is full."""
    TOO_LARGE = "too large"
    """A Lambda function takes or gives no more than 1 MB."""
    WAITED = "waited"
    """It waited in a surge queue for longer than the idle time-out."""


@frozen(cache_hash=True)
class Ending:
    """How requests end that no target was chosen for."""

    zone: str
    """Of the node that they came to."""
    status: str
    cause: Cause | Fault | None = None
    """Why the load balancer itself answered (or did not), if more is to be said."""
    group: str | None = None
    """The target group that they were meant for, if that is why."""


LARGEST = 1_048_576.0
"""Bytes of a request to a Lambda function, or of its answer, at most."""


def too_large(source: Source) -> tuple[str, Cause] | None:
    """How requests of a source to a Lambda function end that are too large, or whose answers
    are."""
    if source.request_size > LARGEST:
        return "413", Cause.TOO_LARGE
    return ("502", Cause.TOO_LARGE) if source.response_size > LARGEST else None
