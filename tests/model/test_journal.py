"""The journal keeps what an operator could have seen change."""

from __future__ import annotations

from model.journal import Journal


def journal(*writes: tuple[float, str]) -> Journal:
    made = Journal()
    for time, value in writes:
        made.write(time, "i-1", "state", value)
    return made


def history(made: Journal) -> list[tuple[float, str]]:
    return [(change.time, change.value) for change in made.history("i-1", "state")]


def test_changes_are_kept_oldest_first() -> None:
    made = journal((0, "pending"), (20, "running"))
    assert history(made) == [(0, "pending"), (20, "running")]
    assert made.last("i-1", "state") == "running"


def test_a_value_equal_to_the_last_one_is_no_change() -> None:
    assert history(journal((0, "pending"), (5, "pending"))) == [(0, "pending")]


def test_of_several_changes_at_one_instant_only_the_last_was_visible() -> None:
    made = journal((0, "running"), (9, "stopping"), (9, "stopped"))
    assert history(made) == [(0, "running"), (9, "stopped")]


def test_what_changed_and_changed_back_at_one_instant_did_not_change() -> None:
    assert history(journal((0, "running"), (9, "stopping"), (9, "running"))) == [(0, "running")]


def test_resources_and_aspects_have_histories_of_their_own() -> None:
    made = journal((0, "running"))
    made.write(1, "i-2", "state", "pending")
    made.write(2, "i-1", "health", "healthy")
    assert made.last("i-3", "state") is None
    assert made.history("i-2", "health") == []
    assert [name for name, _ in made.histories("state")] == ["i-1", "i-2"]
    assert [change.value for change in made.changes] == ["running", "pending", "healthy"]
