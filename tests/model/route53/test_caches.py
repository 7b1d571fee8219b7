"""Old answers expire over their TTL, on a straight line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.route53.caches import Answer, Answers, Cache

A, B, C = (Answer(name, name, 60.0) for name in "abc")


def shares(answers: Answers) -> dict[str, float]:
    return {answer.record: share for answer, share in answers.items() if share}


def test_half_of_the_clients_have_asked_again_after_half_the_ttl() -> None:
    cache = Cache(0.0, {A: 1.0})
    cache.turn(100.0, {B: 1.0})
    assert shares(cache.at(100.0)) == {"a": 1.0}
    assert shares(cache.at(115.0)) == pytest.approx({"a": 0.75, "b": 0.25})
    assert shares(cache.at(130.0)) == pytest.approx({"a": 0.5, "b": 0.5})
    assert shares(cache.at(160.0)) == {"b": 1.0}
    assert cache.turning(159.9)
    assert not cache.turning(160.0)


def test_a_second_change_starts_from_what_clients_hold() -> None:
    cache = Cache(0.0, {A: 1.0})
    cache.turn(100.0, {B: 1.0})
    cache.turn(130.0, {C: 1.0})
    assert shares(cache.at(130.0)) == pytest.approx({"a": 0.5, "b": 0.5})
    assert shares(cache.at(145.0)) == pytest.approx({"a": 0.375, "b": 0.375, "c": 0.25})
    assert shares(cache.at(190.0)) == {"c": 1.0}


def test_each_answer_has_a_ttl_of_its_own() -> None:
    slow = Answer("slow", "x", 300.0)
    cache = Cache(0.0, {A: 0.5, slow: 0.5})
    cache.turn(0.5, {C: 1.0})
    assert shares(cache.at(60.5)) == pytest.approx({"slow": 0.4, "c": 0.6})


def test_an_answer_without_a_ttl_is_never_kept() -> None:
    cache = Cache(0.0, {Answer("now", "x", 0.0): 1.0})
    cache.turn(10.0, {B: 1.0})
    assert shares(cache.at(10.0)) == {"b": 1.0}
    assert not cache.turning(10.0)


def test_the_same_answers_again_are_no_change() -> None:
    cache = Cache(0.0, {A: 1.0})
    cache.turn(10.0, {A: 1.0})
    assert not cache.turning(10.0)


def test_of_several_changes_at_one_instant_the_last_counts() -> None:
    cache = Cache(0.0, {A: 1.0})
    cache.turn(10.0, {B: 1.0})
    cache.turn(10.0, {C: 1.0})
    assert shares(cache.at(40.0)) == pytest.approx({"a": 0.5, "c": 0.5})


def test_the_mean_over_the_end_of_a_turn() -> None:
    cache = Cache(0.0, {A: 1.0})
    cache.turn(100.0, {B: 1.0})
    # from 130 to 160 the new answer's share rises from 1/2 to 1, from there to 190 it is 1
    assert shares(cache.between(130.0, 190.0)) == pytest.approx({"a": 0.125, "b": 0.875})
    # an interval that began before the change
    assert shares(cache.between(70.0, 130.0)) == pytest.approx({"a": 0.875, "b": 0.125})


@given(
    st.lists(st.tuples(st.floats(0.0, 200.0), st.integers(0, 2)), min_size=1, max_size=5),
    st.floats(0.0, 100.0),
    st.floats(0.01, 100.0),
)
def test_a_mean_is_that_of_the_instants_and_a_whole(
    turns: list[tuple[float, int]], start: float, length: float
) -> None:
    cache = Cache(0.0, {A: 1.0})
    for time, which in sorted(turns):
        cache.turn(time, {(A, B, C)[which]: 1.0})
    last = max(time for time, _ in turns)
    low, high = last + start, last + start + length
    mean = cache.between(low, high)
    assert sum(mean.values()) == pytest.approx(1.0, abs=1e-9)
    steps = 400
    for answer in (A, B, C):
        seen = [cache.at(low + (n + 0.5) / steps * length).get(answer, 0.0) for n in range(steps)]
        assert mean.get(answer, 0.0) == pytest.approx(sum(seen) / steps, abs=1e-4)
