"""AWS Lambda: the functions of a template, what runs in them, their metrics and their cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import define, evolve, field

from model.clock import Streams
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricStore
from model.ec2.instance_types import InstanceType
from model.ec2.instances import Instance, InstanceState, Roster
from model.ec2.machines import ANYWHERE
from model.flow.capability import Capability
from model.flow.station import Station
from model.functions.concurrency import Environments, FunctionStation
from model.functions.durations import draw
from model.functions.metrics import Minute, Reading, Together, report_to, whole
from model.functions.resources import Function
from model.services import Service
from model.stack import Stack

ACCOUNT_CONCURRENCY = 1000
"""Requests that all functions of an account serve at once; AWS raises it on request."""
UNTOLD = 0.1
"""Seconds that an invocation by an event takes where no service says it."""
UNRESERVED = 100
"""Of those, what must be left for functions that nothing is reserved for."""
REQUEST_PRICE = 0.20 / 1e6
GIGABYTE_SECOND = 0.0000166667
"""US dollars (us-east-1, x86)."""
NO_WORRY = 1_000_000_000
"""vCPUs of all environments together: nobody has to share."""


class Functions:
    """The functions of one region."""

    def __init__(self, streams: Streams, stack: Stack, services: Iterable[Service]) -> None:
        self._streams = streams
        self.resources = {item.arn: item for item in stack.of(Function)}
        """By ARN."""
        software: dict[str, tuple[Service, ...]] = {}
        for service in services:
            for runner in service.runs_on:
                software[runner] = (*software.get(runner, ()), service)
        self.roster = Roster()
        self.reserved = {
            item.name: item.reserved_concurrent_executions for item in self.resources.values()
        }
        """Concurrent executions that are kept for a function, by its name; None: it shares."""
        limits = _limits(self.reserved)
        self.hosts = {
            item.name: _host(
                item, software.get(item.logical_id, ()), limits[item.name], self.roster
            )
            for item in self.resources.values()
        }
        """What runs each function, by the function's name."""
        self.ledgers: dict[str, Ledger[Minute]] = {name: Ledger() for name in self.hosts}
        self.together: Ledger[Together] = Ledger()
        """What all of them did."""
        self._checks: Counter[str] = Counter()
        """Health checks of each function so far."""
        self._checking = dict.fromkeys(self.hosts, 0.0)
        """Seconds that they took."""
        self._by_events: dict[str, Reading] = {name: Reading() for name in self.hosts}
        """What events asked of each function, beside the requests that it serves."""
        self._before: dict[str, Reading] = {name: Reading() for name in self.hosts}
        self._opening: dict[str, Reading] = dict(self._before)

    def name_of(self, text: str) -> str:
        """The name of a function that a template or a scenario names (or the text itself)."""
        found = (f.name for f in self.resources.values() if text in f.identity.names)
        return next(found, text)

    def reserve(self, name: str, number: int) -> None:
        """PutFunctionConcurrency; `ValueError` if too few are left for the others."""
        reserved = {**self.reserved, name: number}
        check_reserved(reserved.values())
        self.reserved = reserved
        for other, limit in _limits(reserved).items():
            host = self.hosts[other]
            host.pool.limit = float(limit)
            host.services = tuple(evolve(item, workers=max(limit, 1)) for item in host.services)
            host.changed()

    def count(
        self, name: str, *, invocations: int = 0, errors: int = 0, throttles: int = 0
    ) -> None:
        """Count invocations by events, each with the mean time of the services on the function."""
        services = self.hosts[name].services
        times = [service.cpu_time + service.wait_time for service in services]
        seconds = invocations * (sum(times) / len(times) if times else UNTOLD)
        self._by_events[name] += Reading(invocations, errors, throttles, seconds)

    def report_to(self, metrics: MetricStore) -> None:
        """Have CloudWatch read the functions' metrics from their ledgers."""
        if self.hosts:
            report_to(metrics, self.ledgers, self.together)

    def publish_metrics(self, start: float, checks: Mapping[str, int]) -> None:
        """Enter what the minute from `start` brought, so many health checks of each function among
        it."""
        highest = {}
        for name, host in self.hosts.items():
            stations, number = _stations(host), checks.get(name, 0)
            seconds = stations[0].can.cpu_time + stations[0].can.latency if number else 0.0
            self._checks[name] += number
            self._checking[name] += number * seconds
            before, now = self._before[name], self._reading(name)
            highest[name] = host.pool.read_highest()
            invocations = now.invocations - before.invocations - number
            took = now.seconds - before.seconds - number * seconds
            durations = draw(
                stations,
                whole(before, now, "invocations") - number,
                took / invocations if invocations > 0.0 else 0.0,
                self._streams[f"functions/{name}/durations"],
            )
            durations = evolve(durations, checks=number, check_time=seconds)
            self.ledgers[name].enter(start, Minute(before, now, highest[name], durations))
            self._before[name] = now
        free = sum(number for name, number in highest.items() if self.reserved[name] is None)
        self.together.enter(start, Together(sum(highest.values()), free))

    def _reading(self, name: str) -> Reading:
        stations = _stations(self.hosts[name])
        own = Reading.of(stations, self._checks[name], self._checking[name])
        return own + self._by_events[name]

    def open_books(self) -> None:
        """From here on it is billed."""
        self._opening = {name: self._reading(name) for name in self.hosts}

    def cost(self) -> Mapping[str, float]:
        """What each function cost since the books were opened (US dollars), by logical id."""
        costs = {}
        for function in self.resources.values():
            name = function.name
            now, then = self._reading(name), self._opening[name]
            gigabytes = function.memory_size / 1024
            seconds = now.seconds - then.seconds + now.starting - then.starting
            requests = now.invocations - then.invocations
            price = REQUEST_PRICE * requests + GIGABYTE_SECOND * gigabytes * seconds
            costs[function.logical_id] = price
        return costs


def check_reserved(numbers: Iterable[int | None]) -> None:
    """Whether so much can be reserved for functions together (None: nothing); `ValueError` if too
    few concurrent executions are left for the others."""
    if sum(value for value in numbers if value is not None) > ACCOUNT_CONCURRENCY - UNRESERVED:
        raise ValueError(
            f"this would leave fewer than {UNRESERVED} unreserved concurrent executions of "
            f"the account's {ACCOUNT_CONCURRENCY}"
        )


def _stations(host: Host) -> list[FunctionStation]:
    """Those of all target groups that invoke a function, or did."""
    present = [station for station in host.stations if isinstance(station, FunctionStation)]
    return [*present, *host.gone]


def _limits(reserved: Mapping[str, int | None]) -> dict[str, int]:
    """How many requests each function serves at once: what is reserved for it, or what others leave
    of the account's."""
    left = ACCOUNT_CONCURRENCY - sum(value for value in reserved.values() if value is not None)
    return {name: max(left, 0) if value is None else value for name, value in reserved.items()}


@define(eq=False, kw_only=True)
class Host(Instance):
    """A function as something that a target group can send requests to."""

    function: Function

    pool: Environments
    gone: list[FunctionStation] = field(factory=list)
    """Stations of target groups that it was taken out of: what they counted still counts."""

    def detach_station(self, station: Station) -> None:
        super().detach_station(station)
        if isinstance(station, FunctionStation):
            self.gone.append(station)

    def station(
        self, capability: Capability, idle_timeout: float, *, patient: bool, overflowing: bool
    ) -> FunctionStation:
        return FunctionStation(
            capability,
            idle_timeout,
            patient=patient,
            overflowing=overflowing,
            pool=self.pool,
            timeout=float(self.function.timeout),
            cold_start=max((service.cold_start for service in self.services), default=0.0),
        )


def _host(function: Function, services: tuple[Service, ...], limit: int, roster: Roster) -> Host:
    return Host(
        function=function,
        pool=Environments(float(limit)),
        id=function.name,
        type=InstanceType("function", NO_WORRY, function.memory_size / 1024, 0),
        zone=ANYWHERE,
        private_ip="0.0.0.0",
        services=tuple(_adapted(service, function.slowness, limit) for service in services),
        state=InstanceState.RUNNING,
        listening={service.name for service in services},
        roster=roster,
    )


def _adapted(service: Service, slowness: float, limit: int) -> Service:
    """A service in environments of so much less than a vCPU; nothing waits for one."""
    return evolve(
        service,
        cpu_time=service.cpu_time * slowness,
        works=tuple(evolve(work, cpu_time=work.cpu_time * slowness) for work in service.works),
        port=None,
        workers=max(limit, 1),
        backlog=0,
    )
