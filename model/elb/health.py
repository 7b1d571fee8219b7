"""Health checks of a target group.

Source: "Health checks for Application Load Balancer target groups". One check per target and
interval; the first that passes makes an initial target healthy; after that it takes the healthy
or the unhealthy threshold of equal results in a row.

A check whose outcome is certain and would change nothing is not played: a healthy target that
surely passes sleeps until something about it changes, and so does an unhealthy one that surely
fails. What an operator sees is the same as if every check were played.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from model.clock import Phase, Schedule, Streams
from model.elb.resources import TargetGroup
from model.elb.targets import Reason, Target, TargetState
from model.flow.latency import tail
from model.flow.station import Answering

REGISTRATION_SECONDS = 4.0
"""From RegisterTargets to the first health check; AWS promises nothing."""
CERTAIN = 1e-6
"""A chance of a time-out below this counts as none."""
FAILING_STATUS = 503
"""What a service answers to health checks while it is made to fail them."""


class HealthChecker:
    """Checks the targets of one group on their own grids of time."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        group: TargetGroup,
        enter: Callable[[Target, TargetState, Reason], None],
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._group = group
        self._enter = enter
        self._stream = f"elb/{group.logical_id}/checks"

    def begin(self, target: Target) -> None:
        """A target was registered: its checks begin when registration is through."""
        target.passes = target.failures = 0
        target.first_check = None
        target.next_check = self._schedule.after(
            REGISTRATION_SECONDS, Phase.CHANGE, self._start, target
        )

    def end(self, target: Target) -> None:
        """No more checks (the target is deregistered, or its instance is off)."""
        if target.next_check is not None:
            target.next_check.cancel()
            target.next_check = None
        target.first_check = None

    def wake(self, target: Target) -> None:
        """Something about the target changed: its next check is played again."""
        if target.first_check is None or target.next_check is not None:
            return
        interval = self._group.health_check_interval_seconds
        after = max(self._schedule.now, target.last_check + interval / 2)
        steps = math.ceil((after - target.first_check) / interval - 1e-9)
        when = target.first_check + steps * interval
        target.next_check = self._schedule.at(when, Phase.PROBE, self._check, target)

    def at_risk(self, target: Target) -> bool:
        """Whether load alone could make a check time out (a quick over-estimate)."""
        station = target.station
        can = station.capability
        longest = 20 * (can.service_time * max(can.variation, 1.0) + station.wait.mean)
        limit = self._group.health_check_timeout_seconds
        return station.delay + can.latency + longest > limit

    def _start(self, target: Target) -> None:
        target.first_check = self._schedule.now
        self._enter(target, TargetState.INITIAL, Reason.INITIAL_HEALTH_CHECKING)
        self._check(target)

    def _check(self, target: Target) -> None:
        now = self._schedule.now
        target.last_check = now
        failure, chance = self._outlook(target)
        certain = chance in (0.0, 1.0)
        failed = chance == 1.0 or (
            not certain and float(self._streams[self._stream].random()) < chance
        )
        if failed and failure is Reason.TIMEOUT:
            self._schedule.after(
                self._group.health_check_timeout_seconds,
                Phase.PROBE,
                self._conclude,
                target,
                failure,
                now,
            )
        else:
            self._conclude(target, failure if failed else Reason.NONE, now)
        interval = self._group.health_check_interval_seconds
        asleep = (
            certain
            and not self._loaded(target)
            and (
                (not failed and target.state is TargetState.HEALTHY and target.failures == 0)
                or (failed and target.state is TargetState.UNHEALTHY and target.passes == 0)
            )
        )
        target.next_check = (
            None if asleep else self._schedule.at(now + interval, Phase.PROBE, self._check, target)
        )

    def _loaded(self, target: Target) -> bool:
        """Whether the outcome of checks hangs on the load, which changes by itself."""
        station = target.station
        serving = station.capability.answering is Answering.SERVING
        return serving and (station.refusing > CERTAIN or self.at_risk(target))

    def _outlook(self, target: Target) -> tuple[Reason, float]:
        """How a check would fail now, and with what chance."""
        station = target.station
        can = station.capability
        match can.answering:
            case Answering.SILENT:
                return Reason.TIMEOUT, 1.0
            case Answering.REFUSING:
                return Reason.FAILED_HEALTH_CHECKS, 1.0
        if station.refusing > CERTAIN:
            return Reason.FAILED_HEALTH_CHECKS, min(station.refusing, 1.0)
        limit = float(self._group.health_check_timeout_seconds)
        late = 0.0
        if self.at_risk(target):
            fixed = can.latency + station.delay
            kind = (round(can.service_time, 6), can.variation)
            waited = tail(*kind, round(station.wait.mean, 3), round(fixed, 2), limit)
            straight = tail(*kind, 0.0, round(fixed, 2), limit)
            late = station.wait.chance * waited + (1 - station.wait.chance) * straight
        if late > CERTAIN:
            return Reason.TIMEOUT, 1.0 if late > 1 - CERTAIN else late
        failing = target.instance.ailing.failing_checks
        if failing and not self._group.matches(FAILING_STATUS):
            return Reason.RESPONSE_CODE_MISMATCH, 1.0
        return Reason.NONE, 0.0

    def _conclude(self, target: Target, failure: Reason, checked: float) -> None:
        """The result of the check that was sent at `checked` is known."""
        if target.first_check is None or checked < target.first_check:
            return  # deregistered, or registered anew, since the check was sent
        if failure is Reason.NONE:
            target.passes += 1
            target.failures = 0
            enough = self._group.healthy_threshold_count
            first = target.state is TargetState.INITIAL
            if first or (target.state is TargetState.UNHEALTHY and target.passes >= enough):
                self._enter(target, TargetState.HEALTHY, Reason.NONE)
        else:
            target.failures += 1
            target.passes = 0
            enough = self._group.unhealthy_threshold_count
            if target.failures >= enough:
                self._enter(target, TargetState.UNHEALTHY, failure)
