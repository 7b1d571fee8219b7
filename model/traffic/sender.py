"""A source of traffic at work: its own rate, and what faults make of it."""

from __future__ import annotations

from attrs import define, field

from model.traffic.source import Source


@define(eq=False)
class Sender:
    """A source that sends to one resource."""

    source: Source
    begins: float
    """Seconds since start."""
    extra: dict[str, float] = field(factory=dict)
    """Requests per second that faults add, by the fault's id."""
    factors: dict[str, float] = field(factory=dict)
    """What faults multiply the source's rate by, by the fault's id."""

    def requests(self, start: float, end: float) -> float:
        """How many requests it sends in an interval in which no fault begins or ends."""
        sent = self.source.shape.requests(start - self.begins, end - self.begins)
        if self.factors or self.extra:
            for factor in self.factors.values():
                sent *= factor
            sent += sum(self.extra.values()) * (end - start)
        return sent

    def rate(self, time: float) -> float:
        """Requests per second at an instant."""
        sent = self.source.shape.rate(time - self.begins)
        if self.factors or self.extra:
            for factor in self.factors.values():
                sent *= factor
            sent += sum(self.extra.values())
        return sent

    def next_break(self, time: float) -> float:
        """When after an instant its rate jumps or turns sharply; infinity: never again."""
        return self.source.shape.next_break(time - self.begins) + self.begins
