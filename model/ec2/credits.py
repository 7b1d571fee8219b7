"""CPU credits of burstable instances: earned, spent, and what happens when none are left.

Sources: "Key concepts for burstable performance instances", "Standard mode" and "Unlimited mode for
burstable performance instances" in the EC2 user guide. A credit is one vCPU used for a minute.
"""

from __future__ import annotations

from attrs import define, frozen

from model.clock import HOUR, MINUTE
from model.ec2.instance_types import InstanceType

LOW = 5.0
"""Minutes of full use: with credits for less an instance in standard mode gets slower by and by, as
the guide says; it does not say where that begins."""
STEPS = 20
"""In how many steps it gets slower."""
LAUNCH_CREDITS = 30.0
"""Per vCPU, for T2 in standard mode, at every start; they do not count towards the limit."""
KEPT = 7 * 24 * HOUR
"""Seconds that T3 and T4g keep their credits while stopped; T2 keeps none."""

_EARNED = """
t2.nano 3    t3.nano 6       t4g.nano 6
t2.micro 6   t3.micro 12     t4g.micro 12
t2.small 12  t3.small 24     t4g.small 24
t2.medium 24 t3.medium 24    t4g.medium 24
t2.large 36  t3.large 36     t4g.large 36
t2.xlarge 54 t3.xlarge 96    t4g.xlarge 96
t2.2xlarge 81.6 t3.2xlarge 192 t4g.2xlarge 192
"""
EARNED = dict(zip(_EARNED.split()[::2], map(float, _EARNED.split()[1::2]), strict=True))
"""Credits that each burstable type earns in an hour."""
SURPLUS_PRICE = {"t2": 0.05, "t3": 0.05, "t4g": 0.04}
"""US dollars for a vCPU-hour of surplus credits (Linux, us-east-1), by family."""


@frozen
class CreditStatus:
    """What CloudWatch is told every five minutes, in credits."""

    usage: float
    balance: float
    surplus: float
    charged: float


@define(eq=False)
class Credits:
    """The credit account of one instance."""

    type: InstanceType
    unlimited: bool
    balance: float = 0.0
    launch: float = 0.0
    """Launch credits left; they are spent first."""
    surplus: float = 0.0
    """Spent without having been earned, and not paid back yet."""
    charged: float = 0.0
    """Surplus credits that are billed."""
    stopped_at: float | None = None
    _usage: float = 0.0
    _charged_before: float = 0.0
    _as_of: float = 0.0
    _reading: float = 0.0

    @classmethod
    def of(cls, kind: InstanceType, mode: str | None) -> Credits | None:
        """The account of a new instance; None for types that need none.

        `mode` is CpuCredits; by default T2 is `standard`, the others are `unlimited`.
        """
        if kind.name not in EARNED:
            return None
        default = "standard" if kind.family == "t2" else "unlimited"
        return cls(kind, (mode or default) == "unlimited")

    @property
    def earned(self) -> float:
        """Credits an hour."""
        return EARNED[self.type.name]

    @property
    def limit(self) -> float:
        """The most that can be saved up: what is earned in 24 hours."""
        return 24 * self.earned

    @property
    def baseline(self) -> float:
        """The share of its vCPUs that what it earns pays for."""
        return self.earned * MINUTE / HOUR / self.type.vcpus

    def start(self, now: float, reading: float) -> None:
        """The instance begins to run; `reading` is that of its CPU meter."""
        if self.type.family == "t2":
            self.balance = 0.0
            self.launch = 0.0 if self.unlimited else LAUNCH_CREDITS * self.type.vcpus
        elif self.stopped_at is not None and now - self.stopped_at > KEPT:
            self.balance = 0.0
        self.stopped_at, self._as_of, self._reading = None, now, reading
        self._usage, self._charged_before = 0.0, self.charged

    def stop(self, now: float, reading: float) -> None:
        """The instance stops or ends: what it owes is charged at once."""
        self.settle(now, reading)
        self.charged += self.surplus
        self.surplus, self.stopped_at = 0.0, now

    def settle(self, now: float, reading: float) -> None:
        """Account for what was earned and spent until now."""
        if self.stopped_at is not None:
            return
        spent = (reading - self._reading) / MINUTE
        earned = (now - self._as_of) / HOUR * self.earned
        self._as_of, self._reading = now, reading
        self._usage += spent
        from_launch = min(self.launch, spent)
        self.launch -= from_launch
        change = earned - (spent - from_launch)
        if self.unlimited and change > 0.0:
            paid = min(change, self.surplus)
            self.surplus, change = self.surplus - paid, change - paid
        self.balance = min(self.balance + change, self.limit)
        if self.balance < 0.0:
            if self.unlimited:
                self.surplus -= self.balance
            self.balance = 0.0
        if self.surplus > self.limit:
            self.charged += self.surplus - self.limit
            self.surplus = self.limit

    @property
    def speed(self) -> float:
        """The share of its vCPUs that it may use."""
        if self.unlimited:
            return 1.0
        full = min((self.balance + self.launch) / (LOW * self.type.vcpus), 1.0)
        return self.baseline + (1 - self.baseline) * round(full * STEPS) / STEPS

    def report(self) -> CreditStatus:
        """The datapoint of the five minutes that are over; usage and charges begin anew."""
        charged = self.charged - self._charged_before
        status = CreditStatus(self._usage, self.balance + self.launch, self.surplus, charged)
        self._usage, self._charged_before = 0.0, self.charged
        return status

    @property
    def cost(self) -> float:
        """US dollars for surplus credits."""
        return self.charged * MINUTE / HOUR * SURPLUS_PRICE[self.type.family]
