"""Text in cells: never too wide, never too narrow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.cells import Align, clean, cut, fit, wrap

texts = st.text(st.sampled_from("ab c日本é…"), max_size=40)


def test_cutting_leaves_an_ellipsis() -> None:
    assert cut("instance", 8) == "instance"
    assert cut("instance", 5) == "inst…"
    assert cut("日本語", 4) == "日…"
    assert cut("abc", 0) == ""


def test_alignment() -> None:
    assert fit("7", 3, "right") == "  7"
    assert fit("7", 3, "center") == " 7 "
    assert fit("日", 3) == "日 "


def test_wrapping_breaks_at_spaces_and_chops_long_words() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("abcdefghij kl", 4) == ["abcd", "efgh", "ij", "kl"]


def test_control_characters_are_taken_out() -> None:
    assert clean("a\x1b[2Jb\n") == "a [2Jb "


@given(texts, st.integers(0, 20), st.sampled_from(["left", "right", "center"]))
def test_fit_is_exact(text: str, width: int, align: Align) -> None:
    assert cell_len(fit(text, width, align)) == width


@given(texts, st.integers(2, 20))
def test_wrap_loses_nothing_but_spaces(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line.rstrip()) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
