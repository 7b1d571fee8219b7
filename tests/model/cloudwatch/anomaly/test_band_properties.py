"""Laws of every band."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.cloudwatch.anomaly.fit import HISTORY, fit
from tests.model.cloudwatch.anomaly.samples import MONDAY, Floats

MANY = settings(max_examples=60, deadline=None)


@st.composite
def metrics(draw: st.DrawFn) -> tuple[Floats, Floats, float]:
    """Starts, values and period of any metric: short or long, smooth or wild, with gaps."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    count = draw(st.integers(1, 900))
    period = draw(st.sampled_from([60.0, 300.0, 900.0, 3600.0, 7200.0]))
    starts = np.arange(MONDAY, MONDAY + period * (count - 0.5), period)
    kind = draw(st.sampled_from(["normal", "counts", "heavy", "steps", "binary"]))
    match kind:
        case "normal":
            values = draw(st.floats(-100, 100)) + rng.normal(size=count)
        case "counts":
            values = rng.poisson(draw(st.floats(0.01, 50)), count).astype(float)
        case "heavy":
            values = np.exp(np.clip(2.0 * rng.standard_t(3, count), -300.0, 300.0))
        case "steps":
            values = np.cumsum(rng.normal(size=count) * (rng.uniform(size=count) < 0.02))
        case _:
            values = (rng.uniform(size=count) < 0.03).astype(float)
    values[rng.uniform(size=count) < draw(st.sampled_from([0.0, 0.3]))] = np.nan
    values[0] = 1.0
    return starts, values, period


@MANY
@given(metrics())
def test_the_band_is_in_order_and_widens_with_its_deviations(
    metric: tuple[Floats, Floats, float],
) -> None:
    starts, values, period = metric
    model = fit(starts, values, period)
    ahead = starts[-1] + period * np.arange(1, 50)
    inner = model.band(ahead, 0.1)
    for deviations in (0.8, 1.0, 1.7, 2.0, 2.6, 3.0, 5.0, 20.0):
        outer = model.band(ahead, deviations)
        assert np.isfinite([outer.lower, outer.expected, outer.upper]).all()
        assert (outer.lower <= outer.expected).all()
        assert (outer.expected <= outer.upper).all()
        assert (outer.lower <= inner.lower).all()
        assert (outer.upper >= inner.upper).all()
        # Ten trillion times the usual size is where logarithms are cut off.
        cut = inner.upper > model.scale.unit * 1e12
        assert (cut | (outer.upper - outer.lower > inner.upper - inner.lower)).all()
        inner = outer


@MANY
# Powers of two round nothing: values that are just as likely stay so.
@given(metrics(), st.sampled_from([2.0**-10, 0.5, 8.0, 1024.0]))
def test_a_metric_in_another_unit_has_the_same_band(
    metric: tuple[Floats, Floats, float], factor: float
) -> None:
    starts, values, period = metric
    # Nothing but zeros has no unit.
    assume(np.nansum(np.abs(values[starts > starts[-1] - HISTORY + period])) > 0.0)
    ahead = starts[-1] + period * np.arange(1, 50)
    band = fit(starts, values, period).band(ahead)
    scaled = fit(starts, factor * values, period).band(ahead)
    size = factor * np.nanmax(np.abs(values))
    for one, other in ((band.lower, scaled.lower), (band.upper, scaled.upper)):
        np.testing.assert_allclose(other, factor * one, rtol=1e-6, atol=1e-9 * size)
