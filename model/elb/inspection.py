"""What an Application Load Balancer asks of a request before any rule looks at it.

Sources: "Troubleshoot your Application Load Balancers", "Quotas for your Application Load
Balancers" (limits of HTTP requests) and "Edit attributes for your Application Load Balancer"
(desync mitigation mode; headers whose names are not valid).
"""

from __future__ import annotations

import re
from enum import StrEnum

from attrs import evolve

from model.elb.marks import Mark
from model.traffic.source import Request

K = 1024
LONGEST_LINE = 16 * K
"""Bytes of the request line."""
LONGEST_HEADER = 16 * K
"""Bytes of one header with its name."""
LONGEST_HEADERS = 64 * K
"""Bytes of all headers."""
MOST_ADDRESSES = 30
"""Addresses in X-Forwarded-For."""
HEADER_NAME = re.compile(r"[-A-Za-z0-9]+")
"""What the name of a header should be."""


LONGEST_METHOD = 127
"""Characters of a method that a Classic Load Balancer accepts."""


class Fault(StrEnum):
    """Why the load balancer answers a request itself, for a person."""

    LINE = "request line longer than 16 K"
    URL = "URL longer than 16 K"
    HEADER = "a header longer than 16 K"
    HEADERS = "headers longer than 64 K"
    METHOD = "method TRACE"
    LONG_METHOD = "a method of more than 127 characters"
    CONNECT = "method CONNECT"
    ADDRESSES = "X-Forwarded-For with more than 30 addresses"
    DESYNC = "blocked by desync mitigation"


STATUSES = {
    Fault.LINE: "400",
    Fault.URL: "414",
    Fault.HEADER: "400",
    Fault.HEADERS: "400",
    Fault.METHOD: "405",
    Fault.LONG_METHOD: "405",
    Fault.CONNECT: "400",
    Fault.ADDRESSES: "463",
    Fault.DESYNC: "400",
}
"""The answer to each; the guide lists a URL that is too long under 400 and 414."""

BLOCKED: dict[str, frozenset[str]] = {
    "monitor": frozenset(),
    "defensive": frozenset({"severe"}),
    "strictest": frozenset({"acceptable", "ambiguous", "severe"}),
}
"""The classes of requests that each desync mitigation mode blocks."""


APPLICATION = frozenset(Fault) - {Fault.LONG_METHOD, Fault.CONNECT}
"""What an Application Load Balancer minds."""
CLASSIC = frozenset(Fault) - {Fault.URL, Fault.METHOD, Fault.ADDRESSES}
"""What a Classic Load Balancer minds ("Troubleshoot a Classic Load Balancer: HTTP errors")."""


def fault(request: Request, mode: str, minded: frozenset[Fault] = APPLICATION) -> Fault | None:
    """What is wrong with a request, under a desync mitigation mode, of what is `minded`; None:
    nothing."""
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    url = f"{request.path}?{query}" if query else request.path
    named = {"Host": request.host, **request.headers}
    headers = [_size(f"{name}: {value}") for name, value in named.items()]
    forwarded = [v for name, v in request.headers.items() if name.lower() == "x-forwarded-for"]
    found = {
        Fault.URL: _size(url) > LONGEST_LINE,
        Fault.LINE: _size(f"{request.method} {url} HTTP/1.1") > LONGEST_LINE,
        Fault.HEADER: max(headers) > LONGEST_HEADER,
        Fault.HEADERS: sum(headers) > LONGEST_HEADERS,
        Fault.METHOD: request.method == "TRACE",
        Fault.LONG_METHOD: len(request.method) > LONGEST_METHOD,
        Fault.CONNECT: request.method == "CONNECT",
        Fault.ADDRESSES: any(len(value.split(",")) > MOST_ADDRESSES for value in forwarded),
        Fault.DESYNC: request.classification in BLOCKED[mode],
    }
    return next((name for name, so in found.items() if so and name in minded), None)


def _size(text: str) -> int:
    return len(text.encode())


def without_invalid_headers(request: Request) -> Request:
    """A request without the headers whose names are not valid."""
    if all(map(HEADER_NAME.fullmatch, request.headers)):
        return request
    kept = {name: value for name, value in request.headers.items() if HEADER_NAME.fullmatch(name)}
    return evolve(request, headers=kept)


def marks(request: Request, *, dropping: bool, forwarded: bool) -> tuple[Mark, ...]:
    """What is counted of a request: whether it complies with RFC 7230, and whether headers with
    names that are not valid were dropped, or went to a target."""
    found = []
    if request.classification != "compliant":
        found.append(Mark.NON_COMPLIANT)
    if not all(map(HEADER_NAME.fullmatch, request.headers)):
        if dropping:
            found.append(Mark.DROPPED_HEADER)
        elif forwarded:
            found.append(Mark.FORWARDED_HEADER)
    return tuple(found)
