"""The answers that clients hold, and how they are replaced by new ones as they expire.

Resolvers and clients keep an answer for its TTL. The answers held at any instant are taken to be of
all ages alike: `s` seconds after a change, a share of s/TTL of those who held an old answer has
asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import field, frozen

from model.clock import MINUTE
from model.route53.names import Destination

REMEMBERED = 2 * MINUTE
"""Seconds for which it is known who held which answer: somebody may still ask of the minute that
ends now."""


@frozen(cache_hash=True)
class Answer:
    """What DNS answers with."""

    record: str
    """The SetIdentifier of the record that it comes from."""
    leads_to: Destination
    ttl: float
    """Seconds that it holds."""


Answers = Mapping[Answer, float]
"""Answers with their shares, which sum to 1."""


@frozen
class Turn:
    """From an instant on, clients who ask get other answers."""

    since: float
    before: Answers
    """What they held then."""
    after: Answers
    """What they get now."""
    settled: float = field(init=False)
    """From when on nobody holds an old answer."""

    @settled.default
    def _settle(self) -> float:
        return self.since + max((answer.ttl for answer in self.before), default=0.0)

    def held(self, renewed: Callable[[float], float]) -> Answers:
        """What clients hold when a share of `renewed(ttl)` of the old answers has expired."""
        held: dict[Answer, float] = {}
        again = 0.0
        for answer, share in self.before.items():
            part = renewed(answer.ttl)
            again += share * part
            if part < 1.0:
                held[answer] = share * (1.0 - part)
        for answer, share in self.after.items():
            held[answer] = held.get(answer, 0.0) + again * share
        return held


class Cache:
    """All that clients of one name hold."""

    def __init__(self, now: float, answers: Answers) -> None:
        self._turns = [Turn(now, {}, answers)]

    @property
    def answers(self) -> Answers:
        """What who asks now gets."""
        return self._turns[-1].after

    def turn(self, now: float, answers: Answers) -> None:
        """From now on the answers are these."""
        if answers == self.answers:
            return
        before = self.at(now)
        if self._turns[-1].since == now:  # nobody saw what was to be answered between
            self._turns.pop()
        self._turns.append(Turn(now, before, answers))
        while len(self._turns) > 1 and self._turns[1].since < now - REMEMBERED:
            del self._turns[0]

    def turning(self, now: float) -> bool:
        """Whether old answers are still about."""
        return now < self._turns[-1].settled

    def at(self, time: float) -> Answers:
        """What clients hold at an instant not before the last change."""
        last = self._turns[-1]
        if time >= last.settled:
            return last.after
        return last.held(lambda ttl: min((time - last.since) / ttl, 1.0) if ttl > 0 else 1.0)

    def between(self, start: float, end: float) -> Answers:
        """What they held on average from `start` to `end`, not long ago."""
        last = self._turns[-1]
        if start >= last.settled:
            return last.after
        if start >= last.since:
            return _mean(last, start, end)
        start = max(start, self._turns[0].since)
        mean: dict[Answer, float] = {}
        ends = [turn.since for turn in self._turns[1:]] + [end]
        for turn, until in zip(self._turns, ends, strict=True):
            low, high = max(start, turn.since), min(end, until)
            if low < high:
                for answer, share in _mean(turn, low, high).items():
                    part = share * (high - low) / (end - start)
                    mean[answer] = mean.get(answer, 0.0) + part
        return mean


def _mean(turn: Turn, start: float, end: float) -> Answers:
    if start >= turn.settled:
        return turn.after
    first, last = start - turn.since, end - turn.since

    def renewed(ttl: float) -> float:
        if first >= ttl:
            return 1.0
        # the share rises on a straight line until the TTL is over, and is 1 from there on
        until = min(last, ttl)
        rising = (until - first) * (first + until) / 2 / ttl
        return (rising + last - until) / (last - first)

    return turn.held(renewed)
