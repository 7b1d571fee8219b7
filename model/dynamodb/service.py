"""Amazon DynamoDB: the tables of a template, their traffic, metrics and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from model.books import THROTTLED, Books
from model.clock import Phase, Schedule, Streams
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricStore
from model.dynamodb.counting import Minute, RequestCounter, Tally
from model.dynamodb.metrics import FIVE_MINUTES, Gauges, report_to
from model.dynamodb.requests import Side, TableSource
from model.dynamodb.resources import Table
from model.dynamodb.table import Demand, TableState, TableStatus
from model.dynamodb.updates import Update, carry_out, check
from model.journal import Journal
from model.stack import Stack
from model.traffic.sender import Sender

UPDATING = 120.0
"""Seconds until new throughput is there: "minutes"."""
SWITCHING = 300.0
"""Seconds until a table has another capacity mode: "several minutes"."""


@frozen
class Usage:
    """What is paid for until an instant."""

    provisioned: Mapping[Side, float]
    """Units times seconds."""
    requested: Mapping[Side, float]
    """Units on demand."""


class DynamoDb:
    """The tables of one region."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        journal: Journal,
        stack: Stack,
        sources: Iterable[TableSource],
    ) -> None:
        self._schedule = schedule
        self._journal = journal
        self._flowed = schedule.now
        self.tables = {item.logical_id: TableState.of(item) for item in stack.of(Table)}
        """By logical id."""
        self.books: dict[str, Books] = {name: Books() for name in self.tables}
        self.ledgers: dict[str, Ledger[Minute]] = {name: Ledger() for name in self.tables}
        """What each table counted minute by minute: what its metrics are read from."""
        self._counters: dict[str, list[RequestCounter]] = {name: [] for name in self.tables}
        self._pending: dict[str, list[Tally]] = {name: [] for name in self.tables}
        self._gauges = Gauges()
        self._opening = {name: _usage(state) for name, state in self.tables.items()}
        for source in sources:
            begins = schedule.now if source.begins is None else source.begins
            state = self.tables[source.to]
            units = source.item.units(state.resource)
            demand = Demand(Sender(source, begins), source.item, units)
            state.demands.append(demand)
            stream = streams[f"dynamodb/{source.to}/{source.name}"]
            self._counters[source.to].append(RequestCounter(demand, stream))
        for name, state in self.tables.items():
            journal.write(schedule.now, name, "table", state.view)

    # -- the API ------------------------------------------------------------------------------

    def update_table(self, name: str, update: Update) -> None:
        """UpdateTable. Raises `ActionError` where DynamoDB refuses it."""
        state = self.tables[name]
        changed = check(state, update, self._schedule.utc())
        state.status = TableStatus.UPDATING
        if changed.billing_mode != state.resource.billing_mode:
            if changed.on_demand:
                state.switched.append(self._schedule.utc().timestamp())
            delay = SWITCHING
        else:
            delay = UPDATING
        self._schedule.after(delay, Phase.CHANGE, self._updated, name, changed)
        self._journal.write(self._schedule.now, name, "table", state.view)

    def _updated(self, name: str, changed: Table) -> None:
        state = self.tables[name]
        carry_out(state, changed)
        state.status = TableStatus.ACTIVE
        self._journal.write(self._schedule.now, name, "table", state.view)

    # -- time ---------------------------------------------------------------------------------

    @property
    def senders(self) -> list[Sender]:
        """All that send requests to tables."""
        return [demand.sender for state in self.tables.values() for demand in state.demands]

    def flow(self, until: float) -> None:
        """Let traffic flow until an instant at which something may change."""
        if until > self._flowed:
            for state in self.tables.values():
                state.pass_time(self._flowed, until)
            self._flowed = until

    def settle(self) -> None:
        """Count the requests that ended until now."""
        for name, counters in self._counters.items():
            books = self.books[name]
            for counter in counters:
                tally = counter.count()
                self._pending[name].append(tally)
                books.count("200", tally.succeeded)
                books.count(THROTTLED, tally.failed)
                tally.latencies.add_to(books.latencies)

    def open_books(self) -> None:
        """Forget what ended before now: from here on it is judged, reported and billed."""
        self.settle()
        for name, state in self.tables.items():
            self.books[name] = Books(sent_at_opening=_whole(state))
        self._opening = {name: _usage(state) for name, state in self.tables.items()}

    def sent(self, name: str) -> float:
        """Requests that clients sent to a table since the books were opened."""
        return _whole(self.tables[name]) - self.books[name].sent_at_opening

    def report_to(self, metrics: MetricStore) -> None:
        """Have CloudWatch read the tables' metrics from their ledgers."""
        self._gauges.metrics = metrics
        for name, state in self.tables.items():
            report_to(metrics, state, self.ledgers[name])

    def publish_metrics(self, start: float, end: float) -> None:
        """Settle, and enter what the minute from `start` to `end` brought."""
        if not self.tables:
            return
        self.settle()
        for name, state in self.tables.items():
            self.ledgers[name].enter(start, Minute.of(self._pending[name]))
            self._pending[name] = []
            for throughput in state.throughputs.values():
                throughput.close_minute(end, end - start)
        self._gauges.sample(list(self.tables.values()))
        if self._schedule.boundary(FIVE_MINUTES, end - 1.0) == end:
            self._gauges.publish(end)

    def usage(self, name: str) -> Usage:
        """What is to be paid for a table since the books were opened."""
        now, then = _usage(self.tables[name]), self._opening[name]
        return Usage(
            {side: now.provisioned[side] - then.provisioned[side] for side in Side},
            {side: now.requested[side] - then.requested[side] for side in Side},
        )


def _usage(state: TableState) -> Usage:
    return Usage(dict(state.provisioned), dict(state.requested))


def _whole(state: TableState) -> int:
    """Whole requests that were sent to a table."""
    return sum(int(demand.sent + 1e-6) for demand in state.demands)
