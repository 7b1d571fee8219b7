"""Targets of a target group, and the statuses that pass their health checks."""

from __future__ import annotations

import re
from typing import ClassVar

from attrs import Attribute, field, frozen

from model.fields import FieldError, between
from model.functions.resources import unqualified


@frozen(kw_only=True)
class Matcher:
    """Which statuses pass a health check: `200`, `200,202` or `200-299`."""

    REFUSED: ClassVar[dict[str, str]] = {"GrpcCode": "gRPC is not simulated yet"}

    http_code: str = field(default="200")

    @http_code.validator
    def _codes(self, attribute: Attribute[str], value: str) -> None:
        for low, high in ranges(value):
            if not 200 <= low <= high <= 599:
                raise FieldError(
                    attribute, f"must be codes from 200 to 499, such as 200 or 200-299: {value}"
                )


def ranges(codes: str) -> list[tuple[int, int]]:
    """The lowest and the highest of each range of statuses."""
    found = []
    for part in codes.split(","):
        match = re.fullmatch(r"\s*(\d{3})(?:-(\d{3}))?\s*", part)
        if match is None:
            raise ValueError(f"must be codes such as 200, 200,202 or 200-299, not {codes!r}")
        found.append((int(match[1]), int(match[2] or match[1])))
    return found


@frozen(kw_only=True)
class TargetDescription:
    """One target: an instance or an address, and a port (None: the group's own); or a Lambda
    function, whose versions are all the function itself."""

    id: str = field(converter=unqualified)
    port: int | None = field(default=None, validator=between(1, 65_535))
    availability_zone: str | None = None
    """Of an address outside the VPC: `all`, or a zone."""
