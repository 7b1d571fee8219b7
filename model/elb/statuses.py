"""What clients see of what became of their requests at a target.

Sources: "Troubleshoot your Application Load Balancers", "Use Lambda functions as targets of an
Application Load Balancer".
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from model.flow.station import OUTCOMES

ANSWERED = OUTCOMES[:2]
FAILED = OUTCOMES[2:]
STATUS = {
    "succeeded": "200",
    "errors": "500",
    "refused": "502",
    "broken": "502",
    "cut": "502",
    "connect_timeouts": "504",
    "late": "504",
}
"""The HTTP status a client sees for each outcome at a target."""
FLOW_STATUS = {
    "succeeded": "completed",
    "errors": "completed",
    "refused": "connection_refused",
    "broken": "connection_reset",
    "cut": "connection_reset",
    "connect_timeouts": "connection_timeout",
    "late": "connection_reset",
}
"""How a flow through a Network Load Balancer ends; what its answers say, nobody there reads."""


CAUSES = {
    "errors": ("500", "answered by the targets"),
    "refused": ("502", "connection refused by a target"),
    "broken": ("502", "broken off by a target"),
    "cut": ("502", "cut off when the deregistration delay was over"),
    "connect_timeouts": ("504", "no connection to a target in 10 s"),
    "late": ("504", "no answer within the idle time-out"),
}
"""The failures at a target: the status that clients see, and why, for a person."""
FLOW_CAUSES = {
    "refused": ("refused", "reset by a target at once"),
    "broken": ("reset", "by a target"),
    "cut": ("reset", "by the load balancer: target unhealthy or deregistered"),
    "connect_timeouts": ("timed out", "no answer from a target"),
    "late": ("reset", "by the load balancer: idle"),
}
"""The same of flows through a Network Load Balancer."""
FUNCTION_CAUSES = {
    "errors": ("502", "the function failed"),
    "refused": ("502", "throttled: the function may have no more environments"),
    "late": ("502", "the function ran out of time"),
}
"""The same of Lambda functions."""


@frozen(eq=False)
class Statuses:
    """What clients see of each outcome at a target."""

    of: Mapping[str, str]
    told: Mapping[str, tuple[str, str]]
    """The failures, for a person: the status and why."""
    own: tuple[str, ...] = FAILED
    """Outcomes that the load balancer itself answers."""

    def number(self, outcomes: Mapping[str, int], begins: str) -> int:
        """How many of the load balancer's own answers have a status that begins so."""
        return sum([outcomes[name] for name in self.own if self.of[name].startswith(begins)])


OF_REQUESTS = Statuses(STATUS, CAUSES)
OF_FLOWS = Statuses(FLOW_STATUS, FLOW_CAUSES)
OF_FUNCTIONS = Statuses(
    {name: "200" if name == "succeeded" else "502" for name in OUTCOMES},
    FUNCTION_CAUSES,
    ("errors", *FAILED),
)
"""Of Lambda functions: failed, throttled, out of time."""
OF_SLOW_FUNCTIONS = Statuses(
    {**OF_FUNCTIONS.of, "late": "504"},
    {**FUNCTION_CAUSES, "late": CAUSES["late"]},
    OF_FUNCTIONS.own,
)
"""Of those that may take longer than the load balancer waits."""
