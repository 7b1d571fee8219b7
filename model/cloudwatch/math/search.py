"""Search expressions: which metrics SEARCH finds.

Source: "CloudWatch search expression syntax" and its examples. A word matches by tokens: words
of camel case and numbers, in any case; several tokens in a row match as they are written. A term in
double quotes matches exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from attrs import frozen
from lark import Lark, Token, Transformer, UnexpectedInput

from model.cloudwatch.math.syntax import MathError, stopped
from model.cloudwatch.metrics import MetricKey

GRAMMAR = r"""
start: [schema] [","] [either]
schema: "{" _part (","? _part)* "}"
_part: WORD | QUOTED
?either: both (_OR both)*
?both: single (_AND? single)*
?single: _NOT single -> excluding
       | (WORD | QUOTED) "=" value -> designated
       | value
?value: WORD -> word
      | QUOTED -> quoted
      | "(" either ")"

_AND.2: /AND(?![^\s"(){},=])/
_OR.2: /OR(?![^\s"(){},=])/
_NOT.2: /NOT(?![^\s"(){},=])/
QUOTED: /"[^"\\]*(\\.[^"\\]*)*"/
WORD: /[^\s"(){},=]+/
%ignore /\s+/
"""

LONGEST = 1024
"""Characters of a search expression."""
MOST = 100
"""So many time series a search expression gives."""

Matcher = Callable[[MetricKey, "str | None"], bool]
"""Whether a metric is found, looking at one property of it (None: at all)."""


@frozen
class Search:
    """What is searched for."""

    schema: tuple[str, ...]
    """The namespace, then the names of all dimensions; empty: any."""
    matches: Matcher

    def finds(self, key: MetricKey) -> bool:
        """Whether a metric is among the results."""
        if self.schema:
            namespace, *names = self.schema
            if key.namespace != namespace:
                return False
            if names and sorted(names) != [name for name, _ in key.dimensions]:
                return False
        return self.matches(key, None)


def check_search(text: str, column: int) -> None:
    """Raises `MathError` where a search expression that stands at `column` cannot be read."""
    read_search(text, column)


def read_search(text: str, column: int = 1) -> Search:
    """Read what stands between the single quotes. Raises `MathError`."""
    if len(text) > LONGEST:
        raise MathError(f"a search has {LONGEST} characters at most, not {len(text)}", column)
    if "AccountId" in text:
        raise MathError("there is only one account here: leave out AccountId", column)
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        place = stopped(error)
        if place is None:
            raise MathError("the search expression ends too early", column) from None
        word = text[place:].split(maxsplit=1)[0]
        raise MathError(f"{word!r} is not expected in a search", column + 1 + place) from None
    schema, matches = _Reader().transform(tree)
    if not schema and matches is None:
        raise MathError("a search needs a schema such as {AWS/EC2,InstanceId} or a term", column)
    return Search(schema, matches or (lambda key, prop: True))


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=False)


class _Reader(Transformer[Token, Any]):
    def start(self, items: list[Any]) -> tuple[tuple[str, ...], Matcher | None]:
        schema = next((item for item in items if isinstance(item, tuple)), ())
        return schema, next((item for item in items if callable(item)), None)

    def schema(self, items: list[Token]) -> tuple[str, ...]:
        return tuple(_plain(item) for item in items)

    def either(self, items: list[Matcher]) -> Matcher:
        return lambda key, prop: any(item(key, prop) for item in items)

    def both(self, items: list[Matcher]) -> Matcher:
        return lambda key, prop: all(item(key, prop) for item in items)

    def excluding(self, items: list[Matcher]) -> Matcher:
        (inner,) = items
        return lambda key, prop: not inner(key, prop)

    def designated(self, items: list[Any]) -> Matcher:
        name, inner = _plain(items[0]), items[1]
        return lambda key, prop: inner(key, name)

    def word(self, items: list[Token]) -> Matcher:
        found = _by_tokens(str(items[0]))
        return lambda key, prop: any(map(found, _texts(key, prop)))

    def quoted(self, items: list[Token]) -> Matcher:
        wanted = _plain(items[0])
        return lambda key, prop: wanted in _texts(key, prop)


def _plain(token: Token) -> str:
    """A name, without its quotes."""
    text = str(token)
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def _texts(key: MetricKey, prop: str | None) -> list[str]:
    """What a term looks at."""
    match prop:
        case None:
            inside = [text for pair in key.dimensions for text in pair]
            return [key.namespace, key.name, *inside]
        case "MetricName":
            return [key.name]
        case "Namespace":
            return [key.namespace]
    return [value for name, value in key.dimensions if name == prop]


_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def tokens(text: str) -> list[str]:
    """The parts of a name: `CustomCount1` is Custom, Count and 1."""
    return _TOKEN.findall(text)


def _by_tokens(term: str) -> Callable[[str], bool]:
    """Whether a text matches a term by its tokens.

    One token matches in any case. Several match where they stand in a row: in any case where the
    term has delimiters between them (network-errors finds NetworkErrors2), else as written
    (Count1 finds CustomCount1, count1 does not).
    """
    row = tokens(term)
    as_written = len(row) > 1 and term.isalnum()
    if not as_written:
        row = [token.lower() for token in row]

    def found(text: str) -> bool:
        own = tokens(text)
        if not as_written:
            own = [token.lower() for token in own]
        starts = range(len(own) - len(row) + 1)
        return bool(row) and any(own[i : i + len(row)] == row for i in starts)

    return found
