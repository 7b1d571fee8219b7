"""What a scenario file says, as objects of the model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from model.actions import Action
from model.cloudwatch.feeds import Feed
from model.ec2.spot import SpotTerms
from model.functions.answers import Answer
from model.functions.invocations import Reaction
from model.services import Service
from model.stack import Stack
from model.traffic.source import Source
from scenarios.expectations import Expectation


@frozen
class TimelineEntry:
    """An action and when it happens, seconds since the start."""

    at: float
    action: Action


@frozen(kw_only=True)
class Scenario:
    """One scenario, ready to be played. Times are seconds."""

    name: str
    description: str = ""
    start: datetime
    """The date and time (UTC) of second 0."""
    history: float = 0.0
    """How much is played before the start, unjudged."""
    duration: float
    seed: int = 0
    stack: Stack
    services: tuple[Service, ...] = ()
    functions: Mapping[str, tuple[Reaction, ...]] = field(factory=dict, hash=False)
    """What functions do when events invoke them, by logical id."""
    answers: Mapping[str, Answer] = field(factory=dict, hash=False)
    """What functions answer to who waits for them, by logical id."""
    traffic: tuple[Source, ...] = ()
    metrics: tuple[Feed, ...] = ()
    spot: SpotTerms = field(factory=SpotTerms)
    """What Spot instances cost, and how long EC2 leaves them."""
    timeline: tuple[TimelineEntry, ...] = ()
    expect: tuple[Expectation, ...] = ()
