"""The engine's waits beside every request simulated, as docs/accuracy.md promises them."""

from __future__ import annotations

import pytest

from benchmarks.accuracy import compare
from benchmarks.exact import ROUTINGS
from benchmarks.truth import VARIATIONS, cases, name_of

PROMISED = {0.5: (5.0, 5.0, 5.0, 5.0), 1.0: (5.0, 5.0, 5.0, 5.0), 2.0: (6.0, 12.0, 12.0, 12.0)}
"""For each variation: the largest error in percent of mean, p50, p90 and p99."""


@pytest.mark.parametrize("variation", VARIATIONS)
@pytest.mark.parametrize("routing", ROUTINGS)
def test_no_wait_is_further_off_than_promised(routing: str, variation: float) -> None:
    grid = [case for case in cases() if (case.routing, case.variation) == (routing, variation)]
    found = compare(grid)
    assert len(found) == len(grid) >= 20
    for item in found:
        for error, most in zip(item.errors, PROMISED[variation], strict=True):
            assert abs(error) <= most, (name_of(item.case), item.errors)
