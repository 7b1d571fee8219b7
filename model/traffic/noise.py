"""What a pattern cannot know by itself: on which date it begins, and its noise."""

from __future__ import annotations

import math

import numpy as np
from attrs import evolve

from model.clock import DAY, Schedule, Streams
from model.traffic.shapes import Pattern
from model.traffic.source import Source

NOISE_DRAWS = 2016
"""Noise factors drawn for a pattern: a week of five-minute periods."""


def dated(source: Source, schedule: Schedule, streams: Streams) -> Source:
    """The source as it is, but that a pattern is told the date and draws its noise."""
    shape = source.shape
    if not isinstance(shape, Pattern):
        return source
    begins = schedule.now if source.begins is None else source.begins
    date = schedule.utc(begins)
    midnight = date.replace(hour=0, minute=0, second=0, microsecond=0)
    offset = date.weekday() * DAY + (date - midnight).total_seconds()
    factors: tuple[float, ...] = (1.0,)
    if shape.noise > 0:
        sigma = math.sqrt(math.log1p(shape.noise**2))
        normal = streams[f"traffic/{source.name}"].standard_normal(NOISE_DRAWS)
        factors = tuple(float(factor) for factor in np.exp(sigma * normal - sigma**2 / 2))
    return evolve(source, shape=evolve(shape, offset=offset, factors=factors))
