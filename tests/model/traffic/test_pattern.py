"""Daily and weekly patterns: where the crest is, what a weekday does, and what noise adds."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve

from model.clock import DAY, HOUR
from model.traffic.shapes import Pattern
from model.traffic.source import Source
from model.world import World
from tests.model.samples import scenario, source

MONDAY = 0.0
TUESDAY_NINE = DAY + 9 * HOUR


def test_the_rate_swings_from_low_to_high_with_its_crest_at_the_peak_hour() -> None:
    shape = Pattern(100.0, 500.0, peak_hour=15.0)
    hours = np.arange(0, 48, 0.25)
    rates = [shape.rate(hour * HOUR) for hour in hours.tolist()]
    assert max(rates) == pytest.approx(500.0)
    assert min(rates) == pytest.approx(100.0)
    assert hours[int(np.argmax(rates))] == 15.0
    assert hours[int(np.argmin(rates))] == 3.0
    assert shape.rate(9 * HOUR) == pytest.approx(300.0)  # half way up


def test_a_day_sends_the_mean_of_low_and_high() -> None:
    assert Pattern(100.0, 500.0).requests(0, DAY) == pytest.approx(300 * DAY, rel=1e-5)


def test_the_source_may_begin_anywhere_in_the_week() -> None:
    whole = Pattern(100.0, 500.0, peak_hour=15.0)
    begun = Pattern(100.0, 500.0, peak_hour=15.0, offset=TUESDAY_NINE)
    for hour in (0, 3, 6, 20):
        assert begun.rate(hour * HOUR) == pytest.approx(whole.rate(TUESDAY_NINE + hour * HOUR))


def test_each_weekday_has_its_factor() -> None:
    factors = (1.0, 1.1, 1.2, 1.3, 1.4, 0.5, 0.0)
    shape = Pattern(200.0, 200.0, weekdays=factors)
    for day, factor in enumerate((*factors, *factors)):
        assert shape.rate(day * DAY + 12 * HOUR) == pytest.approx(200 * factor)
        assert shape.rate(day * DAY) == pytest.approx(200 * factor)


def test_noise_multiplies_and_is_joined_by_straight_lines() -> None:
    shape = Pattern(100.0, 100.0, factors=(1.0, 2.0, 0.5))
    assert [shape.rate(time) for time in (0, 150, 300, 450, 600)] == pytest.approx(
        [100, 150, 200, 125, 50]
    )
    assert shape.rate(900.0) == pytest.approx(100.0)  # used up: repeated


def drawn(noise: float, seed: int = 1, low: float = 100.0, **changes: object) -> Pattern:
    """The pattern as a world makes it."""
    flow = Source(name="all", to="Balancer", shape=Pattern(low, 100.0, noise=noise, **changes))  # type: ignore[arg-type]
    plan = scenario(traffic=(flow,), seed=seed)
    world = World(plan.stack, start=plan.start, seed=seed, traffic=plan.traffic)
    shape = world.elb.balancers["Balancer"].inflows[0].source.shape
    assert isinstance(shape, Pattern)
    return shape


def test_noise_has_mean_one_and_the_variation_asked_for() -> None:
    factors = np.array(drawn(noise=0.2).factors)
    assert factors.mean() == pytest.approx(1.0, abs=4 * 0.2 / np.sqrt(len(factors)))
    assert factors.std() == pytest.approx(0.2, rel=0.1)
    assert (factors > 0).all()


def test_noise_comes_from_the_seed() -> None:
    assert drawn(noise=0.2, seed=1).factors == drawn(noise=0.2, seed=1).factors
    assert drawn(noise=0.2, seed=1).factors != drawn(noise=0.2, seed=2).factors
    assert drawn(noise=0.0).factors == (1.0,)


def test_the_world_tells_a_pattern_its_date() -> None:
    shape = drawn(noise=0.0, low=0.0, peak_hour=12.0)  # begins on Wednesday, 9:00
    assert shape.offset == 2 * DAY + 9 * HOUR
    assert shape.rate(3 * HOUR) == pytest.approx(100.0)


def test_other_sources_do_not_shift_the_noise() -> None:
    plan = scenario()
    shape = Pattern(100.0, 100.0, noise=0.2)
    alone = (Source(name="all", to="Balancer", shape=shape),)
    for traffic in (alone, (*source(5.0), *alone), (evolve(alone[0], name="b"), *alone)):
        world = World(plan.stack, start=plan.start, seed=1, traffic=traffic)
        last = world.elb.balancers["Balancer"].inflows[-1].source.shape
        assert isinstance(last, Pattern)
        assert last.factors == drawn(noise=0.2, seed=1).factors
