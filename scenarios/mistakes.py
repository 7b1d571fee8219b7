"""What is wrong with a file, and where: mistakes that stop, remarks that do not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from attrs import frozen


@frozen
class Mark:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@frozen
class Mistake:
    """One thing that is wrong, and what would be right."""

    mark: Mark
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.mark}: {self.message}{hint}"


class ScenarioError(Exception):
    """The input cannot be used; it holds everything that is wrong with it."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def error(mark: Mark, message: str, hint: str = "") -> ScenarioError:
    """An error with one mistake."""
    return ScenarioError([Mistake(mark, message, hint)])


def nearest(name: object, known: Iterable[object]) -> str:
    """`did you mean NAME?` where a known name is close, else the known names if they are few."""
    names = sorted({str(candidate) for candidate in known})
    by_lower = {candidate.lower(): candidate for candidate in names}
    close = get_close_matches(str(name).lower(), by_lower, 1, 0.6)
    if close:
        return f"did you mean {by_lower[close[0]]}?"
    return f"known: {', '.join(names)}" if 0 < len(names) <= 12 else ""
