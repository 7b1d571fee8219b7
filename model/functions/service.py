"""AWS Lambda: the functions of a template, what runs in them, their metrics and their cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import define, evolve

from model.cloudwatch.metrics import Ledger, MetricStore
from model.ec2.instance_types import InstanceType
from model.ec2.instances import Instance, InstanceState, Roster
from model.ec2.machines import ANYWHERE
from model.flow.capability import Capability
from model.functions.concurrency import FunctionStation
from model.functions.metrics import Minute, Reading, report_to
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

    def __init__(self, stack: Stack, services: Iterable[Service]) -> None:
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
        taken = sum(value for value in reserved.values() if value is not None)
        if taken > ACCOUNT_CONCURRENCY - UNRESERVED:
            raise ValueError(
                f"this would leave fewer than {UNRESERVED} unreserved concurrent executions of "
                f"the account's {ACCOUNT_CONCURRENCY}"
            )
        self.reserved = reserved
        for other, limit in _limits(reserved).items():
            host = self.hosts[other]
            host.limit = limit
            host.services = tuple(evolve(item, workers=max(limit, 1)) for item in host.services)
            for station in _stations(host):
                station.limit = limit
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
        for name, ledger in self.ledgers.items():
            report_to(metrics, name, ledger)

    def publish_metrics(self, start: float) -> None:
        """Enter what the minute from `start` brought."""
        for name, host in self.hosts.items():
            now = self._reading(name)
            highest = sum(station.read_highest() for station in _stations(host))
            self.ledgers[name].enter(start, Minute(self._before[name], now, highest))
            self._before[name] = now

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
            seconds = (now.seconds - then.seconds) * gigabytes
            costs[function.logical_id] = (
                now.invocations - then.invocations
            ) * REQUEST_PRICE + seconds * GIGABYTE_SECOND
        return costs

    def _reading(self, name: str) -> Reading:
        """All that a function did since it was made."""
        return Reading.of(_stations(self.hosts[name])) + self._by_events[name]


def _stations(host: Instance) -> list[FunctionStation]:
    return [station for station in host.stations if isinstance(station, FunctionStation)]


def _limits(reserved: Mapping[str, int | None]) -> dict[str, int]:
    """How many requests each function serves at once: what is reserved for it, or what others leave
    of the account's."""
    left = ACCOUNT_CONCURRENCY - sum(value for value in reserved.values() if value is not None)
    return {name: max(left, 0) if value is None else value for name, value in reserved.items()}


@define(eq=False, kw_only=True)
class Host(Instance):
    """A function as something that a target group can send requests to."""

    function: Function

    limit: int
    """Requests that it serves at once."""

    def station(
        self, capability: Capability, idle_timeout: float, *, patient: bool, overflowing: bool
    ) -> FunctionStation:
        return FunctionStation(
            capability,
            idle_timeout,
            patient=patient,
            overflowing=overflowing,
            limit=self.limit,
            timeout=float(self.function.timeout),
            cold_start=max((service.cold_start for service in self.services), default=0.0),
        )


def _host(function: Function, services: tuple[Service, ...], limit: int, roster: Roster) -> Host:
    return Host(
        function=function,
        limit=limit,
        id=function.name,
        type=InstanceType("function", NO_WORRY, function.memory_size / 1024, 0),
        zone=ANYWHERE,
        subnet="",
        private_ip="0.0.0.0",
        image="",
        monitoring=False,
        launched=0.0,
        group=None,
        template=None,
        template_version=0,
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
