"""Mixtures of requests beside every request simulated, as docs/accuracy.md promises them."""

from __future__ import annotations

import pytest

from benchmarks.exact import ROUTINGS, Case
from benchmarks.mixtures import Row, kinds_row, services_rows

PROMISED = (8.0, 8.0, 8.0, 18.0)
"""The largest error in percent of mean, p50, p90 and p99."""


@pytest.mark.parametrize("routing", ROUTINGS)
def test_two_kinds_before_the_same_workers(routing: str) -> None:
    _check(kinds_row(Case(10, 4, 0.7, 1.0, routing)))


def test_two_services_before_the_same_vcpus() -> None:
    for row in services_rows(Case(1, 2, 0.7, 1.0, ROUTINGS[0])):
        _check(row)


def _check(row: Row) -> None:
    for error, most in zip(row.errors, PROMISED, strict=True):
        assert abs(error) <= most, row
