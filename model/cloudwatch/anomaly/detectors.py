"""Anomaly detectors: a model for each metric and statistic, trained again as time goes on.

"CloudWatch continually updates the model" ("Using CloudWatch anomaly detection"); how often is not
published. A detector reads a metric's past through a function, so it knows no store of metrics.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo

import numpy as np
from attrs import define, field, frozen

from model.clock import HOUR, MINUTE
from model.cloudwatch.anomaly.fit import HISTORY, Band, Model, fit
from model.cloudwatch.anomaly.robust import Floats
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.subjects import Statistic, Subject

RETRAINED = HOUR
"""How often a model is trained again (s)."""
TRAINED_AFTER = 3 * HOUR
"""Seconds of history it takes to have a band: AWS has new ones "up to three hours" later."""
LATEST = 48 * HOUR
"""Seconds within which whatever is reported late has come."""
FEWEST = 12
"""Datapoints it takes to have a band."""
PERCENT = (0.0, 100.0)

Reader = Callable[[Subject, float, float, float], tuple[Sequence[float], Sequence[float]]]
"""Reads what is learned by period (s) from one moment to another: starts of the periods that have a
datapoint, ascending, and values."""


@frozen
class Configuration:
    """How a detector is to be trained."""

    excluded: tuple[tuple[float, float], ...] = ()
    """Ranges [start, end) that are not learned from, s since the scenario's start."""
    zone: tzinfo = UTC
    """In which days begin."""
    spikes: bool = False
    """Whether spikes that come back are usual (PeriodicSpikes)."""


@frozen(eq=False)
class _Past:
    """What was read for the last training."""

    end: float
    times: Floats
    values: Floats


@frozen
class _Trained:
    """A model and when it was trained."""

    at: float
    model: Model | None
    bands: dict[float, dict[float, tuple[float, float]]] = field(factory=dict, eq=False)
    """By deviations and start of the period: the band where it was asked for, and at the minutes
    after."""


def limits_of(subject: Subject, unit: Callable[[MetricKey], str]) -> tuple[float, float] | None:
    """Between which values something can be; None: its values must tell.

    AWS's own metrics are never negative, and percentages at most 100.
    """
    if not isinstance(subject, Statistic) or not subject.metric.namespace.startswith("AWS/"):
        return None
    return PERCENT if unit(subject.metric) == "Percent" else (0.0, math.inf)


@define(eq=False)
class Detectors:
    """All anomaly detectors of the account."""

    read: Reader
    unit: Callable[[MetricKey], str]
    """The unit of a metric."""
    epoch: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    """The moment of time 0."""
    _configured: dict[Subject, Configuration] = field(factory=dict)
    _trained: dict[tuple[Subject, float], _Trained] = field(factory=dict)
    _pasts: dict[tuple[Subject, float], _Past] = field(factory=dict)

    def put(self, subject: Subject, configuration: Configuration) -> None:
        """PutAnomalyDetector: train as configured from now on."""
        self._configured[subject] = configuration
        self._forget(subject)

    def delete(self, subject: Subject) -> None:
        """DeleteAnomalyDetector. An alarm that still asks for its band makes it again, plain."""
        self._configured.pop(subject, None)
        self._forget(subject)

    def band(
        self,
        subject: Subject,
        period: float,
        times: Iterable[float],
        deviations: float = 2.0,
        *,
        now: float,
    ) -> Band | None:
        """The band for the periods that begin at `times` (s), as it is known at `now`.

        None while there is too little to train on.
        """
        model = self._latest(subject, period, now).model
        starts: Floats = np.fromiter(times, dtype=np.float64)
        return None if model is None else model.band(starts, deviations)

    def limits(
        self,
        subject: Subject,
        period: float,
        times: Sequence[float],
        deviations: float = 2.0,
        *,
        now: float,
    ) -> tuple[list[float], list[float]] | None:
        """Its lower and its upper limits, for an alarm, which looks at a window every minute: all
        minutes until the next training are computed together, as a model gives each moment a band
        of its own, whatever else is asked."""
        trained = self._latest(subject, period, now)
        if trained.model is None:
            return None
        known = trained.bands.setdefault(deviations, {})
        new = [time for time in times if time not in known]
        if new:
            minutes = np.arange(0.0, RETRAINED, MINUTE)
            starts = np.unique(np.add.outer(np.array(new), minutes))
            band = trained.model.band(starts, deviations)
            limits = zip(band.lower.tolist(), band.upper.tolist(), strict=True)
            known.update(zip(starts.tolist(), limits, strict=True))
        return [known[time][0] for time in times], [known[time][1] for time in times]

    def state(self, subject: Subject, period: float) -> str:
        """StateValue of DescribeAnomalyDetectors, of the last training."""
        trained = self._trained.get((subject, period))
        if trained is None:
            return "PENDING_TRAINING"
        return "TRAINED" if trained.model is not None else "TRAINED_INSUFFICIENT_DATA"

    def _latest(self, subject: Subject, period: float, now: float) -> _Trained:
        """The model trained last on the data up to a full `RETRAINED`, whoever asks and when.

        So a band does not depend on how often it is looked at.
        """
        at = math.floor(now / RETRAINED) * RETRAINED
        trained = self._trained.get((subject, period))
        if trained is None or trained.at != at:
            trained = _Trained(at, self._train(subject, period, at))
            self._trained[subject, period] = trained
        return trained

    def _train(self, subject: Subject, period: float, at: float) -> Model | None:
        configuration = self._configured.get(subject, Configuration())
        # Periods are aligned to their own length, and the last must be over.
        end = math.floor(at / period) * period
        start = end - math.floor(HISTORY / period) * period
        times, values = self._read(subject, period, start, end)
        if len(times) < FEWEST or times[-1] + period - times[0] < TRAINED_AFTER:
            return None
        try:
            return fit(
                times,
                values,
                period,
                excluded=configuration.excluded,
                epoch=self.epoch,
                zone=configuration.zone,
                limits=limits_of(subject, self.unit),
                spikes=configuration.spikes,
            )
        except ValueError:
            return None

    def _read(
        self, subject: Subject, period: float, start: float, end: float
    ) -> tuple[Floats, Floats]:
        """The history of a training. What is older than `LATEST` is as it was an hour ago; what an
        expression gives may depend on where it begins, so that is read again."""
        past, begin = self._pasts.get((subject, period)), start
        if past is not None and isinstance(subject, Statistic):
            behind = math.ceil(LATEST / period) * period
            begin = min(max(start, past.end - behind), end)
        fresh = [
            np.array(part, dtype=np.float64) for part in self.read(subject, period, begin, end)
        ]
        times, values = fresh
        if past is not None and begin > start:
            kept = (past.times >= start) & (past.times < begin)
            times = np.concatenate((past.times[kept], times))
            values = np.concatenate((past.values[kept], values))
        self._pasts[subject, period] = _Past(end, times, values)
        return times, values

    def _forget(self, subject: Subject) -> None:
        for known in [known for known in self._trained if known[0] == subject]:
            del self._trained[known]
