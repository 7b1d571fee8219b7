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
from collections.abc import Callable, Iterable, Iterator

from model.clock import Phase, Schedule, Streams
from model.elb.resources.shapes import Pool
from model.elb.targets import AILING, FAILING_STATUS, Reason, Target, TargetState
from model.flow.capability import Answering
from model.flow.latency import tail
from model.flow.station import Station

CERTAIN = 1e-6
"""A chance of a time-out below this counts as none."""


class HealthChecker:
    """Checks the targets of one group on their own grids of time."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        group: Pool,
        enter: Callable[[Target, TargetState, Reason], None],
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._group = group
        self._enter = enter
        self._stream = f"elb/{group.logical_id}/checks"

    def modify(self, group: Pool, targets: Iterable[Target]) -> None:
        """The group is configured otherwise: checks go on, on a new grid if the interval is new."""
        interval = self._group.health_check_interval_seconds
        self._group = group
        for target in targets:
            if target.first_check is None:
                continue
            if group.health_check_interval_seconds != interval:
                target.first_check = self._schedule.now
                if target.next_check is not None:
                    target.next_check.cancel()
                    target.next_check = None
            self.wake(target)

    def begin(self, target: Target) -> None:
        """A target was registered (perhaps anew): its checks begin when that is through."""
        self.end(target)
        target.passes = target.failures = 0
        seconds = self._group.registration_seconds
        target.next_check = self._schedule.after(seconds, Phase.CHANGE, self._start, target)

    def end(self, target: Target) -> None:
        """Nothing more to come (the target is deregistered, or its instance is off)."""
        if target.next_check is not None:
            target.next_check.cancel()
            target.next_check = None
        target.first_check = None

    def wake(self, target: Target, since: float | None = None) -> None:
        """Something about the target changed (now, or at `since`): it is checked again."""
        if target.first_check is None or target.next_check is not None:
            return
        interval = self._group.health_check_interval_seconds
        changed = self._schedule.now if since is None else since
        after = max(changed, target.last_check + interval / 2)
        steps = math.ceil((after - target.first_check) / interval - 1e-9)
        when = target.first_check + steps * interval
        if when <= self._schedule.now and self._schedule.phase > Phase.PROBE:
            when += interval  # the checks of this instant are over
        target.next_check = self._schedule.at(when, Phase.PROBE, self._check, target)

    def number(self, target: Target, start: float, end: float) -> int:
        """How many checks of a target there were from `start` until `end`."""
        first, interval = target.first_check, self._group.health_check_interval_seconds
        if first is None:
            return 0
        began, ended = (
            max(math.ceil((time - first) / interval - 1e-9), 0) for time in (start, end)
        )
        return ended - began

    def port(self, target: Target) -> int:
        """Where a target is checked."""
        own = self._group.health_check_port
        return target.port if own == "traffic-port" else int(own)

    def _answering(self, target: Target) -> Answering:
        """What happens to a connection to the port that is checked."""
        if target.checks_blocked:
            return Answering.SILENT
        port = self.port(target)
        if port != target.port or target.blocked:
            return target.instance.capability(port).answering
        return target.station.capability.answering

    def at_risk(self, station: Station) -> bool:
        """Whether load alone could make a check time out (a quick over-estimate)."""
        can = station.capability
        chance, limit = station.chance, self._group.health_check_timeout_seconds
        longest = 20 * (can.cpu_time * max(can.variation, 1.0) + chance.wait.mean)
        return station.delay + chance.shift + 2 * chance.sway + can.latency + longest > limit

    def _start(self, target: Target) -> None:
        target.first_check = self._schedule.now
        self._enter(target, TargetState.INITIAL, Reason.INITIAL_HEALTH_CHECKING)
        now = self._schedule.now
        target.next_check = self._schedule.at(now, Phase.PROBE, self._check, target)

    def _check(self, target: Target) -> None:
        now = self._schedule.now
        target.last_check = now
        failure, certain = self._draw(target)
        failed = failure is not Reason.NONE
        if failure is Reason.TIMEOUT:
            self._schedule.after(
                self._group.health_check_timeout_seconds,
                Phase.PROBE,
                self._conclude,
                target,
                failure,
                now,
            )
        else:
            self._conclude(target, failure, now)
        if certain and not self.loaded(target.station) and self._settled(target, failed):
            target.next_check = None
        else:
            when = now + self._group.health_check_interval_seconds
            target.next_check = self._schedule.at(when, Phase.PROBE, self._check, target)

    def _settled(self, target: Target, failed: bool) -> bool:
        """Whether more results like this one would change nothing."""
        if failed:
            enough = self._group.unhealthy_threshold_count
            return target.state is TargetState.UNHEALTHY and target.failures >= enough
        return target.state is TargetState.HEALTHY and target.failures == 0

    def loaded(self, station: Station) -> bool:
        """Whether the outcome of checks hangs on the load, which changes by itself."""
        serving = station.capability.serving
        return serving and (station.refusing > CERTAIN or self.at_risk(station))

    def _draw(self, target: Target) -> tuple[Reason, bool]:
        """How a check fails now (if it does), and whether that was certain before."""
        certain = True
        for failure, chance in self._dangers(target):
            if chance >= 1.0:
                return failure, certain
            certain = False
            if float(self._streams[self._stream].random()) < chance:
                return failure, certain
        return Reason.NONE, certain

    def _dangers(self, target: Target) -> Iterator[tuple[Reason, float]]:
        """What a check may fail by now, in the order in which it meets them, with the chances."""
        station = target.station
        match self._answering(target):
            case Answering.SILENT:
                yield Reason.TIMEOUT, 1.0
            case Answering.REFUSING:
                yield Reason.FAILED_HEALTH_CHECKS, 1.0
        if station.refusing > CERTAIN:
            yield Reason.FAILED_HEALTH_CHECKS, station.refusing
        late = self._late(target)
        if late > CERTAIN:
            yield Reason.TIMEOUT, 1.0 if late > 1 - CERTAIN else late
        if self._group.health_check_protocol == "TCP":
            return  # a connection is all that is asked for
        failing = target.instance.ailing_of(self.port(target)).failing_checks
        if failing and not self._group.matches(FAILING_STATUS):
            yield Reason.RESPONSE_CODE_MISMATCH, 1.0

    def _late(self, target: Target) -> float:
        """The chance that the answer to a check comes after its time-out."""
        if not self.at_risk(target.station):
            return 0.0
        station = target.station
        can = station.capability
        limit = float(self._group.health_check_timeout_seconds)
        # a check asks nothing of a database: it takes CPU time and its turn, not `wait_time`
        kind = (round(can.cpu_time, 6), can.variation)
        return sum(
            share * tail(*kind, round(mean, 3), round(can.latency + fixed, 2), limit)
            for share, mean, fixed in station.chance.parts(station.delay)
            if share > 0.0
        )

    def _conclude(self, target: Target, failure: Reason, checked: float) -> None:
        """The result of the check that was sent at `checked` is known."""
        if target.first_check is None or checked < target.first_check:
            return  # deregistered, or registered anew, since the check was sent
        if failure is Reason.NONE:
            target.passes += 1
            target.failures = 0
            enough = self._group.healthy_threshold_count
            first = target.state is TargetState.INITIAL
            if first or (target.state in AILING and target.passes >= enough):
                self._enter(target, TargetState.HEALTHY, Reason.NONE)
        else:
            if self._group.network:
                failure = Reason.FAILED_HEALTH_CHECKS  # it gives no other reason
            target.failures += 1
            target.passes = 0
            enough = self._group.unhealthy_threshold_count
            if target.failures >= enough:
                self._enter(target, TargetState.UNHEALTHY, failure)
