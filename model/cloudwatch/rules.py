"""The language of composite alarms: rules over the states of other alarms.

Source: "Combining alarms", "Create a composite alarm" and the API reference of PutCompositeAlarm.
There are ALARM(x), OK(x), INSUFFICIENT_DATA(x), AT_LEAST(M, condition, (x, y, ...)), TRUE, FALSE,
AND, OR, NOT and parentheses. How they bind is not documented: NOT before AND before OR.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from attrs import frozen
from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput

from model.cloudwatch.alarms import AlarmState

LONGEST = 10_240
"""Characters of a rule."""
MOST_CHILDREN = 100
"""Alarms that one rule may name."""

GRAMMAR = r"""
?start: disjunction
?disjunction: conjunction (_OR conjunction)*      -> any_of
?conjunction: negation (_AND negation)*           -> all_of
?negation: _NOT negation -> negated
         | atom
?atom: "(" disjunction ")"
     | STATE "(" ref ")"                          -> in_state
     | _AT_LEAST "(" COUNT "," condition "," "(" ref ("," ref)* ")" ")" -> at_least
     | "TRUE"                                     -> true
     | "FALSE"                                    -> false
condition: [NEGATION] STATE
ref: NAME | QUOTED

_OR.2: /OR\b/
_AND.2: /AND\b/
_NOT.2: /NOT\b/
NEGATION.3: /NOT\b/
_AT_LEAST.3: "AT_LEAST"
STATE.3: "ALARM" | "OK" | "INSUFFICIENT_DATA"
COUNT: /\d+%?/
QUOTED: /"(\\"|[^"])+"/
NAME: /[^\s(),"]+/
%ignore /\s+/
"""

States = Callable[[str], AlarmState]
"""The state of an alarm by its name or ARN."""


class RuleError(ValueError):
    """A rule that cannot be read; `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@frozen
class InState:
    """An alarm is in a state."""

    state: AlarmState
    alarm: str

    @property
    def alarms(self) -> tuple[str, ...]:
        return (self.alarm,)

    def holds(self, states: States) -> bool:
        return states(self.alarm) is self.state


@frozen
class AtLeast:
    """So many of some alarms (or so many in a hundred) are in a state, or are not."""

    number: int
    percent: bool
    state: AlarmState
    negated: bool
    alarms: tuple[str, ...]

    def holds(self, states: States) -> bool:
        fitting = sum((states(name) is self.state) is not self.negated for name in self.alarms)
        if self.percent:
            return fitting * 100 >= self.number * len(self.alarms)
        return fitting >= self.number


@frozen
class Constant:
    """TRUE or FALSE."""

    value: bool
    alarms: tuple[str, ...] = ()

    def holds(self, _: States) -> bool:
        return self.value


@frozen
class Negated:
    """What does not hold."""

    part: Rule

    @property
    def alarms(self) -> tuple[str, ...]:
        return self.part.alarms

    def holds(self, states: States) -> bool:
        return not self.part.holds(states)


@frozen
class Several:
    """All of some rules, or any of them."""

    parts: tuple[Rule, ...]
    all: bool

    @property
    def alarms(self) -> tuple[str, ...]:
        return tuple(name for part in self.parts for name in part.alarms)

    def holds(self, states: States) -> bool:
        held = [part.holds(states) for part in self.parts]
        return all(held) if self.all else any(held)


Rule = InState | AtLeast | Constant | Negated | Several


def parse_rule(text: str) -> Rule:
    """Read a rule. Raises `RuleError`."""
    if not 1 <= len(text) <= LONGEST:
        raise RuleError(f"a rule has from 1 to {LONGEST} characters, not {len(text)}", 1)
    try:
        rule: Rule = _Reader().transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise _explain(text, error) from None
    number = len(set(rule.alarms))
    if number > MOST_CHILDREN:
        raise RuleError(f"a rule names {MOST_CHILDREN} alarms at most, not {number}", 1)
    return rule


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=True)


def _explain(text: str, error: UnexpectedInput) -> RuleError:
    column = getattr(error, "column", None) or 1
    if isinstance(error, UnexpectedCharacters) and 0 < column <= len(text):
        word = text[column - 1 :].split(maxsplit=1)[0]
        return RuleError(f"{word!r} is not expected here; write ALARM(name) AND ...", column)
    token = getattr(error, "token", None)
    if token is None or not str(token):
        return RuleError("the rule ends too early", len(text) + 1)
    return RuleError(f"{str(token)!r} is not expected here; write ALARM(name) AND ...", column)


class _Reader(Transformer[Token, Any]):
    def ref(self, items: list[Token]) -> str:
        text = str(items[0])
        return text[1:-1].replace('\\"', '"') if text.startswith('"') else text

    def in_state(self, items: list[Any]) -> Rule:
        return InState(AlarmState(str(items[0])), items[1])

    def condition(self, items: list[Any]) -> tuple[bool, AlarmState]:
        return items[0] is not None, AlarmState(str(items[1]))

    def at_least(self, items: list[Any]) -> Rule:
        count, (negated, state), *names = items
        number = int(str(count).rstrip("%"))
        return AtLeast(number, str(count).endswith("%"), state, negated, tuple(names))

    def true(self, _: list[Any]) -> Rule:
        return Constant(True)

    def false(self, _: list[Any]) -> Rule:
        return Constant(False)

    def negated(self, items: list[Rule]) -> Rule:
        return Negated(items[0])

    def any_of(self, items: list[Rule]) -> Rule:
        return items[0] if len(items) == 1 else Several(tuple(items), all=False)

    def all_of(self, items: list[Rule]) -> Rule:
        return items[0] if len(items) == 1 else Several(tuple(items), all=True)
