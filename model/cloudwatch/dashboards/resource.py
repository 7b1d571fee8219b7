"""AWS::CloudWatch::Dashboard, as CloudFormation describes it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from model.cloudwatch.dashboards.body import DashboardBody
from model.cloudwatch.dashboards.reading import Read, read_body
from model.fields import FieldError
from model.resources import Resource

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


def _name(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None and not _NAME.fullmatch(value):
        raise FieldError(
            attribute, f"must have 1 to 255 letters, digits, - and _ only, not {value!r}"
        )


@frozen(kw_only=True)
class Dashboard(Resource):
    """A dashboard: something to look at, which changes no outcome."""

    TYPE: ClassVar[str] = "AWS::CloudWatch::Dashboard"
    INERT: ClassVar[frozenset[str]] = frozenset({"Tags"})

    dashboard_name: str | None = field(default=None, validator=_name)
    dashboard_body: str

    @property
    def name(self) -> str:
        return self.dashboard_name or self.logical_id

    @property
    def read(self) -> Read:
        """Its body, and what is wrong with it."""
        return _read(self.dashboard_body)

    @property
    def body(self) -> DashboardBody:
        """What it shows."""
        return self.read.body


@lru_cache(maxsize=64)
def _read(text: str) -> Read:
    return read_body(text)
