"""The metric EstimatedCharges of the namespace AWS/Billing.

Source: "Create a billing alarm to monitor your estimated AWS charges": several times a day, for the
month so far, in US East (N. Virginia) alone, in all and for each service; alarms take its Maximum.
Billing alerts are taken to be enabled. AWS does not say how often exactly: every six hours of the
calendar (UTC), which is the period that the console suggests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from attrs import define, field

from model.clock import HOUR, MINUTE
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint

NAMESPACE = "AWS/Billing"
NAME = "EstimatedCharges"
EVERY = 6 * HOUR
TOTAL = ""
"""Stands for all services together."""
CURRENCY = ("Currency", "USD")


@define(eq=False)
class EstimatedCharges:
    """Reads the bill a few times a day. It begins with the scenario."""

    bill: Callable[[], Mapping[str, float]]
    """What each service cost since the scenario's start, US dollars."""
    epoch: datetime
    """The date of time 0."""
    metrics: MetricStore
    _ledger: Ledger[Mapping[str, float]] = field(factory=Ledger)
    _before: Mapping[str, float] = field(factory=dict)
    """The bill at the end of the last month."""
    _known: set[str] = field(factory=set)
    _offset: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._offset = self.epoch.timestamp()

    def publish(self, end: float) -> None:
        """The minute until `end` is over."""
        if end <= 0.0 or round(end + self._offset) % EVERY:
            return
        bill = dict(self.bill())
        bill[TOTAL] = sum(bill.values())
        month = {name: own - self._before.get(name, 0.0) for name, own in bill.items()}
        self._ledger.enter(end - MINUTE, month)
        for service in month:
            if service not in self._known:
                self._known.add(service)
                self._add(service)
        date = self.epoch + timedelta(seconds=end)
        if date.day == 1 and date.hour == 0:
            self._before = bill

    def _add(self, service: str) -> None:
        own = (CURRENCY, ("ServiceName", service)) if service else (CURRENCY,)
        metric = self.metrics.metric(MetricKey(NAMESPACE, NAME, own), "None")
        metric.add_column(self._ledger, partial(_charge, service))


def _charge(service: str, month: Mapping[str, float]) -> Datapoint | None:
    amount = month.get(service)
    return None if amount is None else Datapoint.single(round(amount, 2))
