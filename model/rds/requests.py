"""Statements that clients send to databases, and by which endpoint."""

from __future__ import annotations

import math

from attrs import Attribute, field, frozen

from model.fields import FieldError, at_least, one_of
from model.traffic.source import Request, Source

SELECT = "SELECT"
CHANGES = ("INSERT", "UPDATE", "DELETE")
"""Statements that change data (DML)."""
CONNECTION_LIFE = 300.0
"""Seconds that a client keeps a connection on average, unless a scenario says otherwise."""


@frozen(kw_only=True)
class StatementRequest:
    """What a source asks a database for."""

    endpoint: str = field(default="writer", validator=one_of("writer", "reader"))
    """The cluster's own endpoint, or the one that spreads connections over the readers."""
    statement: str = field(default=SELECT, validator=one_of(SELECT, *CHANGES))
    connection_life: float = field(
        default=CONNECTION_LIFE, metadata={"duration": True}, validator=at_least(0)
    )
    """Seconds that a client keeps a connection on average; 0: one for each statement."""

    @statement.validator
    def _read_only(self, attribute: Attribute[str], value: str) -> None:
        if self.endpoint == "reader" and value != SELECT:
            raise FieldError(attribute, f"must be {SELECT} at the reader endpoint, not {value!r}")

    @property
    def kind(self) -> Request:
        """The same as services tell kinds of requests: a statement is a method."""
        return Request(method=self.statement)


@frozen(kw_only=True)
class DatabaseSource(Source):
    """A source of statements to a cluster or a DB instance; `request` says their kind."""

    statement: StatementRequest = StatementRequest()


def drift(share: float, goal: float, dt: float, life: float) -> tuple[float, float]:
    """A share of connections after `dt` seconds, and on average of them, while those that end are
    made anew towards `goal`."""
    if life <= 0.0:
        return goal, goal
    left = math.exp(-dt / life)
    mean = goal + (share - goal) * (1 - left) * life / dt if dt > 0.0 else share
    return goal + (share - goal) * left, mean
