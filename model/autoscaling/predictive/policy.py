"""Predictive scaling policies: what they learn by the hour, forecast and do to a group.

Sources: "Predictive scaling for Amazon EC2 Auto Scaling", "Evaluate your predictive scaling
policies", "Override forecast values using scheduled actions", "Available metrics and dimensions"
(predictive scaling), API GetPredictiveScalingForecast.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from attrs import frozen

from model.autoscaling.group import Group
from model.autoscaling.predictive import relation
from model.autoscaling.predictive.candidates import Floats
from model.autoscaling.predictive.forecast import HISTORY, HORIZON, forecast
from model.autoscaling.predictive.pairs import Pair, Queries
from model.autoscaling.predictive.resources import PredictiveScalingConfiguration
from model.autoscaling.predictive.text import forecasted
from model.clock import HOUR, Phase, Schedule
from model.cloudwatch.math.series import Series
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.requests import Request
from model.cloudwatch.statistics import Datapoint

NAMESPACE = "AWS/AutoScaling"
RENEWED = 6 * HOUR
"""How often a forecast is made anew (s)."""
Learned = tuple[float, float, float]
"""Of an hour: load, scaling metric, capacity; nan where there was none."""


@frozen
class HourView:
    """One hour of GetPredictiveScalingForecast, and what came of it."""

    start: float
    """Seconds since the scenario's start."""
    load: float
    capacity: int
    came: float | None
    """The load that there was, once the hour is over."""


@frozen
class ForecastView:
    """What GetPredictiveScalingForecast shows of a policy."""

    policy: str
    mode: str
    updated: float | None
    """When the last forecast was made, seconds since start (UpdateTime); None: not yet."""
    hours: tuple[HourView, ...]
    wape: float | None
    """The sum of absolute errors of the finished hours, as a share of the load there was."""
    holds: int = 0
    """The capacity that it holds for needed now; 0 if it only forecasts."""
    raises: float | None = None
    """When it raises the group to the next hour's capacity, if that is more."""
    target: float = 0.0
    """Of the scaling metric."""


class PredictivePolicy:
    """One predictive scaling policy of one group."""

    def __init__(
        self,
        name: str,
        configuration: PredictiveScalingConfiguration,
        group: Group,
        pair: Pair,
        schedule: Schedule,
        metrics: MetricStore,
        in_service: Callable[[str, float, float], float],
    ) -> None:
        self.name = name
        self.configuration = configuration
        self.group = group
        self._schedule = schedule
        self._metrics = metrics
        self._pair = pair
        self._in_service = in_service
        self._began = schedule.now
        self._learned: dict[float, Learned] = {}
        """By the start of each hour that is over."""
        self._forecast: dict[float, tuple[float, int]] = {}
        """Load and capacity by the start of the hour: what was last said of it before it came."""
        self._updated: float | None = None
        self._correlation: float | None = None
        schedule.at(schedule.boundary(HOUR), Phase.CONTROL, self._hour)

    # -- by the hour --------------------------------------------------------------------------

    def _hour(self) -> None:
        """An hour is over and another begins."""
        now = self._schedule.now
        if now - HOUR >= self._began:
            self._learn(now - HOUR)
        if self._updated is None or now - self._updated >= RENEWED:
            self._renew()
        self._publish()
        self._scale(now)
        ahead = now + HOUR - self.configuration.scheduling_buffer_time
        if ahead > now and ahead < now + HOUR:
            self._schedule.at(ahead, Phase.CONTROL, self._scale, now + HOUR)
        self._schedule.at(now + HOUR, Phase.CONTROL, self._hour)

    def _learn(self, start: float) -> None:
        pair, end = self._pair, start + HOUR
        capacity = self._in_service(self.group.id, start, end)
        if pair.capacity is not None:
            capacity = self._read(pair.capacity, start)
        self._learned[start] = (
            self._read(pair.load, start),
            self._read(pair.scaling, start),
            capacity,
        )

    def _read(self, queries: Queries, start: float) -> float:
        request = Request(self._metrics, queries, self._schedule.utc)
        given = next(query.id for query in queries if query.return_data)
        series = request.over(start, start + HOUR)[given]
        assert isinstance(series, Series)
        return series.points.get(start, math.nan)

    def _history(self, now: float) -> Floats:
        """A row for each of the last hours: load, scaling metric, capacity."""
        starts = [now - HOUR * back for back in range(HISTORY, 0, -1)]
        unknown = (math.nan,) * 3
        return np.array([self._learned.get(start, unknown) for start in starts])

    def _renew(self) -> None:
        """Make the forecast of the next 48 hours, if enough is known by now."""
        now = self._schedule.now
        load, scaling, capacity = self._history(now).T
        hour = round(self._schedule.utc(now).timestamp() / HOUR)
        loads = forecast(load, hour)
        if loads is None:
            return
        by, target = (
            relation.factor(load, scaling, capacity),
            self.configuration.metrics.target_value,
        )
        for ahead in range(HORIZON):
            expected = float(loads[ahead])
            instances = max(relation.needed(expected, by, target), self.group.min)
            self._forecast[now + HOUR * ahead] = (expected, instances)
        self._correlation = relation.correlation(load, scaling, capacity)
        self._updated = now

    def _publish(self) -> None:
        """What is forecast for the hour that begins, as metrics."""
        now = self._schedule.now
        if self._updated is None:
            return
        load, capacity = self._forecast[now]
        own = {"AutoScalingGroupName": self.group.name, "PolicyName": self.name}
        paired = own | {"PairIndex": "0"}
        self._put("PredictiveScalingLoadForecast", paired, load)
        self._put("PredictiveScalingCapacityForecast", own, capacity)
        if self._correlation is not None:
            self._put("PredictiveScalingMetricPairCorrelation", paired, self._correlation)

    def _put(self, name: str, dimensions: dict[str, str], value: float) -> None:
        key = MetricKey.of(NAMESPACE, name, dimensions)
        self._metrics.put(key, "None", self._schedule.now, Datapoint.single(float(value)))

    # -- scaling ------------------------------------------------------------------------------

    @property
    def scales(self) -> bool:
        """Whether it may do something about its forecast."""
        return self.configuration.mode == "ForecastAndScale"

    @property
    def floor(self) -> int:
        """The capacity that it holds for needed now: of the hour, and of the next one when that is
        closer than the buffer. 0 if it only forecasts."""
        if not self.scales:
            return 0
        now = self._schedule.now
        next_hour = self._schedule.boundary(HOUR)
        hours = [next_hour - HOUR]
        if next_hour - now <= self.configuration.scheduling_buffer_time:
            hours.append(next_hour)
        return max(self._forecast.get(hour, (0.0, 0))[1] for hour in hours)

    def _scale(self, hour: float) -> None:
        """Have no fewer instances than are forecast for the hour."""
        if not self.scales or hour not in self._forecast:
            return
        group, wanted = self.group, self._forecast[hour][1]
        buffer = self.configuration.max_capacity_buffer
        if buffer is not None:
            group.raise_max(relation.raised(group.max, wanted, buffer))
        wanted = min(wanted, group.max)
        if wanted > group.desired:
            cause = forecasted(self._schedule.utc(), self.name, group.desired, wanted)
            group.set_desired(wanted, cause)

    # -- views --------------------------------------------------------------------------------

    def view(self, start: float, end: float) -> ForecastView:
        """GetPredictiveScalingForecast, for the hours that begin in [start, end)."""
        hours = []
        for hour in sorted(self._forecast):
            if start <= hour < end:
                load, capacity = self._forecast[hour]
                came = self._learned.get(hour, (math.nan,))[0]
                hours.append(HourView(hour, load, capacity, None if math.isnan(came) else came))
        return ForecastView(
            self.name,
            self.configuration.mode,
            self._updated,
            tuple(hours),
            _wape(hours),
            self.floor,
            self._raises(),
            self.configuration.metrics.target_value,
        )

    def _raises(self) -> float | None:
        """When the next hour's capacity is launched, where it is more than is held now."""
        hour = self._schedule.boundary(HOUR)
        ahead = hour - self.configuration.scheduling_buffer_time
        if not self.scales or hour not in self._forecast or ahead <= self._schedule.now:
            return None
        return ahead if self._forecast[hour][1] > self.floor else None


def _wape(hours: list[HourView]) -> float | None:
    finished = [(hour.load, hour.came) for hour in hours if hour.came is not None]
    whole = sum(abs(came) for _, came in finished)
    return sum(abs(load - came) for load, came in finished) / whole if whole else None
