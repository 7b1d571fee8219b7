"""The software on the targets: what a CloudFormation template cannot say."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, field, frozen

from model.fields import above, at_least, between
from model.flow.capability import Work
from model.patterns import wildcard
from model.traffic.source import Request

RESTART_SECONDS = 10.0
"""How long a service takes to start where it has been before, unless it says otherwise."""


@frozen(kw_only=True)
class RequestWork:
    """Requests that take something else than most: the first that fits a request counts.

    Patterns know `*` (any characters) and `?` (one), as those of listener rules do. What is not
    given is as for all other requests.
    """

    path: str = "*"
    method: str | None = None
    host: str | None = None
    cpu_time: float | None = field(default=None, validator=at_least(0))
    wait_time: float | None = field(default=None, validator=at_least(0))
    variation: float | None = field(default=None, validator=at_least(0))

    def fits(self, request: Request) -> bool:
        """Whether it tells of such a request."""
        if self.method is not None and self.method != request.method:
            return False
        if self.host is not None and not wildcard(self.host.lower()).fullmatch(
            request.host.lower()
        ):
            return False
        return bool(wildcard(self.path).fullmatch(request.path))


@frozen(kw_only=True)
class Service:
    """How one service spends a request, and how many it can hold.

    Times are seconds. A request takes one of `workers`, waits `wait_time` on something that is
    not this machine's CPU (a database, a disk), and uses one vCPU for `cpu_time`.
    """

    name: str
    runs_on: tuple[str, ...]
    """Logical ids of the groups (or target groups, for ip targets) whose instances run it, of
    functions, of ECS services or of single task definitions."""
    port: int | None = field(default=None, validator=between(1, 65_535))
    """Where it listens; None: on every port that no other service of its instance has."""
    cpu_time: float = field(default=0.010, validator=at_least(0))
    """Mean vCPU seconds that a request takes."""
    wait_time: float = field(default=0.0, validator=at_least(0))
    """Mean seconds that a request waits on something else than this CPU."""
    variation: float = field(default=1.0, validator=at_least(0))
    """Coefficient of variation of the whole service time; 1 is exponential."""
    requests: tuple[RequestWork, ...] = ()
    """Requests that take something else."""
    workers: int = field(default=64, validator=above(0))
    """Requests that one target serves at once."""
    backlog: int = field(default=256, validator=at_least(0))
    """Requests that may wait for a worker; one more is refused."""
    vcpus: int = field(default=2, validator=above(0))
    """vCPUs of a machine that is no EC2 instance (behind an ip target)."""
    boot_time: float = field(default=30.0, validator=at_least(0))
    """Seconds from the instance running until the service answers."""
    restart_time: float | None = field(default=None, validator=at_least(0))
    """The same of an instance that was stopped after the service had been there (from a warm pool):
    what is left when all is installed. None: `RESTART_SECONDS`, or the boot time if that is
    shorter."""
    stop_time: float = field(default=1.0, validator=at_least(0))
    """Seconds that a task of Amazon ECS takes to end once it is told to, its stop timeout at
    most."""
    cold_start: float = field(default=0.4, validator=at_least(0))
    """Seconds until a new environment of a Lambda function is ready for its first request."""
    works: tuple[Work, ...] = ()
    """What each kind of request in this world takes, where they differ (see `told`)."""

    @property
    def again(self) -> float:
        """Seconds from a stopped instance running again until the service answers."""
        if self.restart_time is not None:
            return self.restart_time
        return min(self.boot_time, RESTART_SECONDS)

    def told(self, kinds: Sequence[Request]) -> Service:
        """The service in a world in which these kinds of requests are sent."""
        works = tuple([self.work(request) for request in kinds])
        if len(set(works)) > 1:
            return evolve(self, works=works)
        if works:  # all are alike, whatever the others would take
            only = works[0]
            return evolve(
                self, cpu_time=only.cpu_time, wait_time=only.wait_time, variation=only.variation
            )
        return self

    def work(self, request: Request) -> Work:
        """What a request takes."""
        own = next((item for item in self.requests if item.fits(request)), RequestWork())
        return Work(
            self.cpu_time if own.cpu_time is None else own.cpu_time,
            self.wait_time if own.wait_time is None else own.wait_time,
            self.variation if own.variation is None else own.variation,
        )
