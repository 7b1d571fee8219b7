"""Metric math expressions: from their text to a tree.

Source: "Using metric math", Metric math syntax and functions. AWS does not publish which operator
binds tighter; here it is as in most languages: ^ (to the right), unary -, * and /, + and -,
comparisons, AND, OR.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from attrs import evolve, field, frozen
from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken

GRAMMAR = r"""
?start: either
?either: both (OR both)*
?both: comparison (AND comparison)*
?comparison: sum (COMPARE sum)*
?sum: product ((PLUS | MINUS) product)*
?product: signed (TIMES signed)*
?signed: MINUS signed -> negative
       | power
?power: atom (POWER signed)?
?atom: NUMBER -> number
     | TEXT -> text
     | NAME -> name
     | WORD -> word
     | (WORD | NAME) "(" [either ("," either)*] ")" -> call
     | BRACKET [either ("," either)*] "]" -> array
     | "(" either ")"

AND.2: /AND(?!\w)|&&/
OR.2: /OR(?!\w)|\|\|/
COMPARE: "<=" | ">=" | "==" | "!=" | "<" | ">"
PLUS: "+"
MINUS: "-"
TIMES: "*" | "/"
POWER: "^"
BRACKET: "["
NUMBER: /(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?/
TEXT: /"[^"\\]*(\\.[^"\\]*)*"|'[^'\\]*(\\.[^'\\]*)*'/
NAME: /[a-z]\w*/
WORD: /[A-Z]\w*/
%ignore /\s+/
"""

QUOTES = "\"'\u2018\u2019\u201c\u201d"
LONGEST = 2048
"""Characters of an expression (API MetricDataQuery)."""
DEEPEST = 100
"""How deep an expression may be nested."""


class MathError(ValueError):
    """An expression cannot be used; `column` counts its characters from 1."""

    def __init__(self, problem: str, column: int = 1) -> None:
        super().__init__(f"column {column}: {problem}")
        self.problem = problem
        self.column = column


@frozen(kw_only=True)
class Node:
    """A part of an expression, and where it stands (which makes no difference to what it is)."""

    column: int = field(eq=False)
    depth: int = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        depth = 1 + max((part.depth for part in self.parts), default=0)
        if depth > DEEPEST:
            raise MathError(f"is nested more than {DEEPEST} deep; use several expressions")
        object.__setattr__(self, "depth", depth)

    @property
    def parts(self) -> tuple[Node, ...]:
        return ()


@frozen(kw_only=True)
class Number(Node):
    value: float


@frozen(kw_only=True)
class Text(Node):
    value: str


@frozen(kw_only=True)
class Name(Node):
    """The id of a metric, or of another expression."""

    id: str


@frozen(kw_only=True)
class Word(Node):
    """A word that a function takes, such as REPEAT or DESC."""

    word: str


@frozen(kw_only=True)
class Call(Node):
    function: str
    arguments: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.arguments


@frozen(kw_only=True)
class Bracket(Node):
    """An array."""

    items: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.items


@frozen(kw_only=True)
class Negative(Node):
    operand: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.operand,)


@frozen(kw_only=True)
class Operation(Node):
    """Two operands and what is between them (whose place `column` is)."""

    symbol: str
    left: Node
    right: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.left, self.right


def parse(text: str) -> Node:
    """Read an expression. Raises `MathError`."""
    if len(text) > LONGEST:
        raise MathError(f"has {len(text)} characters; {LONGEST} is the most", LONGEST + 1)
    try:
        tree: Node = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _explain(text, error) from None
    return tree


def walk(node: Node) -> Iterator[Node]:
    """The node and everything in it, from left to right."""
    yield node
    for part in node.parts:
        yield from walk(part)


def replace(node: Node, names: Mapping[str, Node]) -> Node:
    """The node with other expressions in the place of their names."""
    match node:
        case Name():
            return names.get(node.id, node)
        case Call():
            return evolve(node, arguments=tuple(replace(part, names) for part in node.arguments))
        case Bracket():
            return evolve(node, items=tuple(replace(part, names) for part in node.items))
        case Operation():
            left, right = replace(node.left, names), replace(node.right, names)
            return evolve(node, left=left, right=right)
        case Negative():
            return evolve(node, operand=replace(node.operand, names))
    return node


def calls(node: Node) -> dict[str, Call]:
    """The first call of every function that an expression names."""
    found: dict[str, Call] = {}
    for part in walk(node):
        if isinstance(part, Call):
            found.setdefault(part.function, part)
    return found


def suggest(name: str, known: Iterable[str]) -> str:
    """` (did you mean NAME?)` where a known name is close."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), by_lower, 1, 0.6)
    return f" (did you mean {by_lower[close[0]]}?)" if close else ""


@cache
def _parser() -> Lark:
    # the tree is built while parsing, so that no depth of nesting overflows the stack
    return Lark(GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)


def _at(token: Token) -> int:
    return (token.start_pos or 0) + 1


class _Builder(Transformer[Token, Node]):
    def number(self, items: list[Token]) -> Node:
        return Number(value=float(items[0]), column=_at(items[0]))

    def text(self, items: list[Token]) -> Node:
        quote, text = items[0][0], items[0][1:-1]
        # other backslashes are left to the language of searches
        return Text(value=text.replace(f"\\{quote}", quote), column=_at(items[0]))

    def name(self, items: list[Token]) -> Node:
        return Name(id=str(items[0]), column=_at(items[0]))

    def word(self, items: list[Token]) -> Node:
        return Word(word=str(items[0]), column=_at(items[0]))

    def call(self, items: list[Any]) -> Node:
        return Call(function=str(items[0]), arguments=tuple(items[1:]), column=_at(items[0]))

    def array(self, items: list[Any]) -> Node:
        return Bracket(items=tuple(items[1:]), column=_at(items[0]))

    def negative(self, items: list[Any]) -> Node:
        return Negative(operand=items[1], column=_at(items[0]))

    def _chain(self, items: list[Any]) -> Node:
        node: Node = items[0]
        for sign, right in zip(items[1::2], items[2::2], strict=True):
            symbol = {"&&": "AND", "||": "OR"}.get(str(sign), str(sign))
            node = Operation(symbol=symbol, left=node, right=right, column=_at(sign))
        return node

    either = both = comparison = sum = product = power = _chain


def stopped(error: UnexpectedInput) -> int | None:
    """Where a text could not be read on, counted from 0; None: it ends too early."""
    if isinstance(error, UnexpectedToken):
        return None if error.token.type == "$END" else error.token.start_pos
    return error.pos_in_stream


def _explain(text: str, error: UnexpectedInput) -> MathError:
    place = stopped(error)
    if place is None:
        return MathError("the expression ends too early", len(text) + 1)
    if isinstance(error, UnexpectedToken):
        shown = str(error.token)
    else:
        shown = text[place:].split(maxsplit=1)[0]
    if shown in ("and", "or", "not"):
        return MathError(f"write {shown.upper()}, in upper case", place + 1)
    if shown[0] in QUOTES:
        return MathError("a text begins and ends with straight quotes of one kind", place + 1)
    return MathError(f"{shown!r} is not expected", place + 1)
