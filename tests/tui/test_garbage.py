"""What the app leaves for the garbage collector, which must not hold up the keys."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from sys import getrefcount
from weakref import ref

import pytest
from rich.segment import Segment
from textual.strip import Strip

from tui import garbage
from tui.widgets.drawn import Line


class Circle:
    """Refers to itself."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def small_bites() -> Iterator[None]:
    """As in a session that plays."""
    garbage.begin()
    yield
    garbage.end()


def test_a_line_that_is_not_cut_does_not_hold_on_to_itself() -> None:
    line, strip = Line([Segment("as it is")], 8), Strip([Segment("as it is")], 8)
    before = getrefcount(line), getrefcount(strip)
    line.divide([8])
    strip.divide([8])
    assert getrefcount(line) == before[0]
    assert getrefcount(strip) > before[1], "Textual no longer keeps it: Line is not needed"


def test_a_line_is_cut_as_any_strip() -> None:
    line = Line([Segment("as it is")], 8)
    assert line.divide([8]) == [line]
    assert [part.text for part in line.divide([3, 8, 20])] == ["as ", "it is"]


@pytest.mark.usefixtures("small_bites")
def test_what_was_looked_through_is_set_aside_until_something_large_is_gone() -> None:
    world = Circle()
    alive = ref(world)
    gc.collect()
    assert gc.get_freeze_count() > 0
    del world
    gc.collect()
    assert alive() is not None
    garbage.look_again()
    gc.collect()
    assert alive() is None


def test_afterwards_python_collects_as_it_does() -> None:
    garbage.begin()
    garbage.end()
    gc.collect()
    assert gc.get_freeze_count() == 0
    garbage.end()  # a second time does no harm
