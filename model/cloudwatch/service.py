"""Amazon CloudWatch: takes datapoints, judges alarms as time goes on, and runs their actions."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import evolve

from model.clock import HOUR, MINUTE, Phase, Schedule
from model.cloudwatch.acting import Actions, Invocation
from model.cloudwatch.alarms import SHORT, AlarmState, MetricAlarm, Slot, Verdict, evaluate
from model.cloudwatch.announcing import Announcer, invocation_of
from model.cloudwatch.anomaly.detectors import LATEST, RETRAINED, Detectors
from model.cloudwatch.anomaly.resources import AnomalyDetector
from model.cloudwatch.anomaly.robust import Floats
from model.cloudwatch.composites import Child, Composites, Reach
from model.cloudwatch.feeds import Feeds
from model.cloudwatch.history import AlarmHistory, HistoryItem
from model.cloudwatch.math.syntax import Name
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.queries import MetricStat
from model.cloudwatch.readers import MetricReader, Reader, reader_of
from model.cloudwatch.reasons import UNCHECKED, state_reason, state_reason_data
from model.cloudwatch.records import AlarmRecord, AlarmView
from model.cloudwatch.requests import Request, read_subject
from model.cloudwatch.resources import Alarm
from model.cloudwatch.standing import Support, agrees
from model.cloudwatch.statistics import Datapoint
from model.cloudwatch.subjects import Statistic, Subject
from model.cloudwatch.windows import period_end
from model.events.bus import EventBus
from model.events.sns import Sns
from model.journal import Journal
from model.resources import ACCOUNT, REGION

Publisher = Callable[[float, float], None]
"""Called at each full minute with the start and end of the minute that is over."""


class CloudWatch:
    """The metrics and alarms of one region."""

    def __init__(
        self,
        schedule: Schedule,
        bus: EventBus,
        journal: Journal,
        sns: Sns,
        arns: Mapping[str, str] | None = None,
        functions: Iterable[str] = (),
    ) -> None:
        """`arns` are those of what alarms may act on, by logical id; `functions` are the ids of
        those that are functions."""
        self._schedule = schedule
        self.metrics = MetricStore(schedule.epoch.timestamp() % HOUR)
        self.feeds = Feeds(schedule, self.put)
        self.detectors = Detectors(self._learned, self._unit, schedule.epoch)
        self._recently: dict[tuple[Subject, float], MetricReader] = {}
        self.alarms: dict[str, AlarmRecord] = {}
        """Every alarm by id (see `AlarmRecord.id`), in order of creation."""
        self.history = AlarmHistory()
        self.actions = Actions(schedule, sns, self.history, arns or {}, functions)
        self._announcer = Announcer(schedule, bus, journal, self.history, self.actions)
        self.publishers: list[Publisher] = []
        reach = Reach(
            self._children,
            self._announcer.composite_entered,
            self._announcer.composite_stands,
            self._announcer.composite_acts,
        )
        self.composites = Composites(schedule, reach)
        first = schedule.boundary(MINUTE)
        schedule.at(first, Phase.DATAPOINT, self._publish)
        schedule.at(first, Phase.ALARM, self._evaluate)

    # -- metrics ------------------------------------------------------------------------------

    def put(
        self, key: MetricKey, unit: str, time: float, point: Datapoint, resolution: float = MINUTE
    ) -> None:
        """PutMetricData: store samples in the minute (or the second, by `resolution`) that `time`
        lies in; they can be read at once."""
        start = self._schedule.boundary(resolution, time) - resolution
        over, now = start + resolution, self._schedule.now
        late = over < now or (over == now and self._schedule.phase >= Phase.ALARM)
        self.metrics.put(key, unit, start, point, period=resolution, late=late)

    def _publish(self) -> None:
        now = self._schedule.now
        for publish in self.publishers:
            publish(now - MINUTE, now)
        self._schedule.after(MINUTE, Phase.DATAPOINT, self._publish)

    def bands(
        self, subject: Subject, period: float, times: Sequence[float], deviations: float
    ) -> tuple[Floats, Floats] | None:
        """The band of what an anomaly detector learned, as it is known now (see `Bands`)."""
        now = self._schedule.now
        band = self.detectors.band(subject, period, times, deviations, now=now)
        return None if band is None else (band.lower, band.upper)

    def _limits(
        self, subject: Subject, period: float, times: Sequence[float], deviations: float
    ) -> tuple[list[float], list[float]] | None:
        """The same for alarms."""
        now = self._schedule.now
        return self.detectors.limits(subject, period, times, deviations, now=now)

    def put_anomaly_detector(self, resource: AnomalyDetector) -> None:
        """PutAnomalyDetector."""
        subject: Subject
        if resource.queries:
            watched = next(query for query in resource.queries if query.return_data)
            request = Request(self.metrics, resource.queries, self._schedule.utc)
            subject = request.subject(Name(column=1, id=watched.id))
        else:
            subject = resource.statistic
        self.detectors.put(subject, resource.trained(self._schedule.epoch))

    def _learned(
        self, subject: Subject, period: float, start: float, end: float
    ) -> tuple[Sequence[float], Sequence[float]]:
        """What an anomaly detector asks for: the whole past once, and what may be new each hour."""
        if isinstance(subject, Statistic) and end - start <= LATEST + RETRAINED:
            slots = reversed(self._recent(subject, period).slots(end))
            told = [(s.start, s.value) for s in slots if s.start >= start and s.value is not None]
            known = [(time, value) for time, value in told if math.isfinite(value)]
            return [time for time, _ in known], [value for _, value in known]
        series = read_subject(self.metrics, subject, period, start, end, self._schedule.utc)
        return tuple(series.points), tuple(series.points.values())

    def _recent(self, subject: Statistic, period: float) -> MetricReader:
        """Remembers what a training of the last hour read."""
        reader = self._recently.get((subject, period))
        if reader is None:
            stat = MetricStat(subject.metric, period, subject.stat)
            number = math.ceil((LATEST + RETRAINED) / period)
            reader = self._recently[subject, period] = MetricReader(self.metrics, stat, number, 2)
        return reader

    def _unit(self, key: MetricKey) -> str:
        metric = self.metrics.get(key)
        return "None" if metric is None else metric.unit

    # -- the API of alarms --------------------------------------------------------------------

    def put_alarm(self, resource: Alarm) -> None:
        """Create the alarm of a template."""
        self.put_metric_alarm(_from_template(resource), resource.logical_id)

    def put_metric_alarm(self, alarm: MetricAlarm, alarm_id: str) -> None:
        """PutMetricAlarm: a new alarm knows nothing yet."""
        now, unknown = self._schedule.now, AlarmState.INSUFFICIENT_DATA
        record = AlarmRecord(
            alarm, alarm_id, self._reader(alarm), unknown, UNCHECKED, "", since=now, updated=now
        )
        if alarm.warm_up is not None:
            record.warm_until = now + alarm.warm_up.seconds
        record.repeated = self._repeated(record)
        if alarm.high_resolution and not any(r.alarm.high_resolution for r in self.alarms.values()):
            self._schedule.at(self._schedule.boundary(SHORT), Phase.ALARM, self._evaluate_short)
        self.alarms[alarm_id] = record
        self._announcer.created(record)

    def _reader(self, alarm: MetricAlarm) -> Reader:
        return reader_of(alarm, self.metrics, self._schedule.utc, self._limits)

    def delete_alarm(self, alarm_id: str) -> None:
        """DeleteAlarms for one."""
        if alarm_id in self.composites.records:
            self.composites.delete(alarm_id)
        else:
            self._announcer.deleted(self.alarms.pop(alarm_id))

    def enable_actions(self, alarm_id: str, *, enabled: bool) -> None:
        """EnableAlarmActions, DisableAlarmActions: states go on changing."""
        if alarm_id in self.composites.records:
            self.composites.records[alarm_id].enabled = enabled
            return
        record = self.alarms[alarm_id]
        previous, record.alarm = record.alarm, evolve(record.alarm, actions_enabled=enabled)
        if record.alarm != previous:
            record.repeated, record.settled = self._repeated(record), False
            record.updated = self._schedule.now
            self._announcer.updated(record, previous)

    def drop_action(self, action: str) -> None:
        """Something that alarms act on is gone: they act on it no more, and stay."""
        for record in self.alarms.values():
            previous, record.alarm = record.alarm, record.alarm.without(action)
            if record.alarm != previous:
                record.repeated, record.settled = self._repeated(record), False
                record.updated = self._schedule.now
                self._announcer.updated(record, previous)

    def _repeated(self, record: AlarmRecord) -> tuple[str, ...]:
        """Which actions are run every minute while it stays in its state."""
        alarm = record.alarm
        actions = alarm.actions(record.state) if alarm.actions_enabled else ()
        return tuple(action for action in actions if self.actions.scales(action))

    def set_alarm_state(self, alarm_id: str, state: AlarmState, reason: str, data: str) -> None:
        """SetAlarmState: holds until the next evaluation tells the truth again."""
        record = self.alarms[alarm_id]
        values = json.loads(data).get("recentDatapoints", []) if data else []
        judged = tuple(Slot(self._schedule.now, float(value), 1.0) for value in reversed(values))
        if record.state is not state:
            record.settled = False
            self._enter(record, Verdict(state, judged), reason, data)

    def describe_alarms(self) -> tuple[AlarmView, ...]:
        """DescribeAlarms: all alarms in order of creation."""
        return tuple(record.view for record in self.alarms.values())

    def alarm_history(self, alarm_id: str) -> tuple[HistoryItem, ...]:
        """DescribeAlarmHistory of an alarm, newest first."""
        composite = self.composites.records.get(alarm_id)
        name = self.alarms[alarm_id].alarm.name if composite is None else composite.alarm.name
        return self.history.of(name)

    # -- evaluation ---------------------------------------------------------------------------

    def _evaluate(self) -> None:
        """Judge the alarms on periods of a minute and more."""
        for record in list(self.alarms.values()):
            alarm = record.alarm
            if alarm.high_resolution:
                continue
            if not alarm.hourly or self._schedule.utc().minute == 0:
                self._judge(record)
            elif record.repeated:
                self._announcer.stays(record)
        self.composites.evaluate_new()
        self._schedule.after(MINUTE, Phase.ALARM, self._evaluate)

    def _evaluate_short(self) -> None:
        """Judge the high-resolution alarms."""
        for record in list(self.alarms.values()):
            if record.alarm.high_resolution:
                self._judge(record)
        self._schedule.after(SHORT, Phase.ALARM, self._evaluate_short)

    def _judge(self, record: AlarmRecord) -> None:
        """Judge an alarm now, if there is anything to judge."""
        alarm, reader, now = record.alarm, record.reader, self._schedule.now
        end = now if alarm.zone is None else self._range_end(alarm, now)
        if record.settled and self._stands(record, end):
            return
        slots = reader.slots(end)
        if record.warm_until > -math.inf:
            if _warms_up(record, slots, now):
                return
            record.warm_until = -math.inf
        verdict = evaluate(alarm, record.state, slots)
        record.judged, record.settled = verdict.judged, True
        if alarm.stepwise:
            record.support = Support.of(alarm, verdict.state, slots)
        if verdict.state is not record.state:
            utc = self._schedule.utc
            data = state_reason_data(alarm, verdict, now, utc)
            self._enter(record, verdict, state_reason(alarm, verdict, utc), data)
        elif record.repeated:
            self._announcer.stays(record)

    def _stands(self, record: AlarmRecord, end: float) -> bool:
        """Whether an alarm's state surely stands for a range that ends then (see `standing`). Where
        it does, what happens every minute happens."""
        alarm, reader, support = record.alarm, record.reader, record.support
        if not record.repeated and end <= support.until and not reader.corrected:
            return True
        newest = None
        if not reader.unchanged(end):
            newest = reader.newest(end)
            if newest is None:
                return False
            if alarm.stepwise and alarm.speaks_for(record.state, newest):
                support.add(newest.start)
            moved_on = reader.moved_on(end)
            if end > support.until and not (moved_on and agrees(alarm, record.state, newest)):
                return False
        if record.repeated:
            if newest is not None:
                record.judged = _with_newest(record, newest)
            self._announcer.stays(record)
        return True

    def _range_end(self, alarm: MetricAlarm, time: float) -> float:
        """When the newest period ends that is judged at `time`: then, or with one of the
        calendar's."""
        if alarm.zone is None:
            return time
        end = period_end(self._schedule.utc(time), alarm.period, alarm.zone)
        return (end - self._schedule.epoch).total_seconds()

    def last_range(self, record: AlarmRecord) -> list[Slot]:
        """An alarm's evaluation range as of its last evaluation, newest first."""
        alarm = record.alarm
        every = HOUR if alarm.hourly else SHORT if alarm.high_resolution else MINUTE
        end = self._schedule.boundary(every) - every
        return self._reader(alarm).slots(self._range_end(alarm, end))

    def invocation(self, record: AlarmRecord) -> Invocation:
        """What an alarm would tell a scaling policy now, of its last evaluation. (What it judged is
        noted anew only where somebody is told of it.)"""
        verdict = evaluate(record.alarm, record.state, self.last_range(record))
        return invocation_of(record, verdict.judged)

    def _enter(self, record: AlarmRecord, verdict: Verdict, reason: str, data: str) -> None:
        old, before = record.state, self._announcer.state(record)
        record.state, record.reason, record.reason_data = verdict.state, reason, data
        record.since = self._schedule.now
        record.judged = verdict.judged
        record.repeated = self._repeated(record)
        self._announcer.entered(record, old, before)
        self.composites.changed(_child(record))

    def _children(self) -> Iterator[Child]:
        return map(_child, self.alarms.values())


def _warms_up(record: AlarmRecord, slots: Sequence[Slot], now: float) -> bool:
    """Whether a new alarm still waits: for the end of its warm-up, or for data in every period."""
    alarm = record.alarm
    if alarm.warm_up is None or now >= record.warm_until:
        return False
    filled = all(slot.value is not None for slot in slots[: alarm.evaluation_periods])
    return alarm.warm_up.only_start_evaluating_after_warm_up_period_ends or not filled


def _with_newest(record: AlarmRecord, newest: Slot) -> tuple[Slot, ...]:
    """What is judged once the range has moved on by a period that agrees with the state."""
    wanted, judged = record.alarm.evaluation_periods, record.judged
    if newest.value is not None and len(judged) == wanted:
        return (newest, *judged[:-1])
    return evaluate(
        record.alarm, record.state, record.reader.slots(newest.start + record.alarm.period)
    ).judged


def _child(record: AlarmRecord) -> Child:
    alarm = record.alarm
    return Child(record.id, alarm.name, alarm.arn, record.state, record.since)


def _from_template(resource: Alarm) -> MetricAlarm:
    name = resource.alarm_name or resource.logical_id
    return MetricAlarm(
        name=name,
        metric=resource.metric,
        statistic=resource.extended_statistic or resource.statistic or "",
        queries=resource.queries,
        period=float(resource.length),
        threshold=resource.threshold,
        threshold_metric_id=resource.threshold_metric_id,
        comparison_operator=resource.comparison_operator,
        evaluation_periods=resource.evaluation_periods,
        datapoints_to_alarm=resource.datapoints_to_alarm,
        zone=resource.zone,
        warm_up=resource.warm_up_configuration,
        treat_missing_data=resource.missing,
        ignore_low_samples=resource.evaluate_low_sample_count_percentile == "ignore",
        unit=resource.unit,
        description=resource.alarm_description or "",
        actions_enabled=resource.actions_enabled,
        ok_actions=resource.ok_actions,
        alarm_actions=resource.alarm_actions,
        insufficient_data_actions=resource.insufficient_data_actions,
        arn=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
    )
