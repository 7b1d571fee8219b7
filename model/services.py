"""The software on the targets: what a CloudFormation template cannot say."""

from __future__ import annotations

from attrs import field, frozen

from model.fields import above, at_least


@frozen(kw_only=True)
class Service:
    """How one service spends a request, and how many it can hold.

    Times are seconds. A request takes one of `workers`, waits `wait_time` on something that is
    not this machine's CPU (a database, a disk), and uses one vCPU for `cpu_time`.
    """

    name: str
    runs_on: tuple[str, ...]
    """Logical ids of the groups (or target groups, for ip targets) whose instances run it."""
    cpu_time: float = field(default=0.010, validator=at_least(0))
    """Mean vCPU seconds that a request takes."""
    wait_time: float = field(default=0.0, validator=at_least(0))
    """Mean seconds that a request waits on something else than this CPU."""
    variation: float = field(default=1.0, validator=at_least(0))
    """Coefficient of variation of the whole service time; 1 is exponential."""
    workers: int = field(default=64, validator=above(0))
    """Requests that one target serves at once."""
    backlog: int = field(default=256, validator=at_least(0))
    """Requests that may wait for a worker; one more is refused."""
    boot_time: float = field(default=30.0, validator=at_least(0))
    """Seconds from the instance running until the service answers."""
