"""Scaling activities, and the sentences in which AWS explains them.

Source: "Verify a scaling activity for an Auto Scaling group" and the samples across the EC2 Auto
Scaling user guide. A cause is one to three sentences, each with its time, two blanks between.
"""

from __future__ import annotations

from datetime import datetime

from attrs import define, frozen


@frozen
class ActivityView:
    """What DescribeScalingActivities shows of an activity (times in seconds since start)."""

    id: str
    description: str
    cause: str
    start: float
    end: float | None
    status: str
    instance: str | None


@define(eq=False)
class Activity:
    """One launch or termination, from its decision to its end (seconds since start)."""

    id: str
    group: str
    description: str
    cause: str
    start: float
    zone: str
    subnet: str
    end: float | None = None
    status: str = "InProgress"
    message: str = ""
    instance: str | None = None

    @property
    def view(self) -> ActivityView:
        """The activity as it is now."""
        return ActivityView(
            self.id,
            self.description,
            self.cause,
            self.start,
            self.end,
            self.status,
            self.instance,
        )


def at(time: datetime) -> str:
    """`At T`, as every sentence begins."""
    return f"At {time:%Y-%m-%dT%H:%M:%SZ}"


def changing(before: int, after: int) -> str:
    return f"changing the desired capacity from {before} to {after}."


def created(time: datetime, capacity: int) -> str:
    """A new group with a desired capacity."""
    return f"{at(time)} a user request created an AutoScalingGroup {changing(0, capacity)}"


def alarmed(time: datetime, alarm: str, state: str, policy: str, before: int, after: int) -> str:
    """A policy changed the desired capacity for an alarm."""
    return (
        f"{at(time)} a monitor alarm {alarm} in state {state} triggered policy {policy} "
        f"{changing(before, after)}"
    )


def set_by_user(time: datetime, before: int, after: int) -> str:
    """SetDesiredCapacity."""
    explicitly = "a user request explicitly set group desired capacity"
    return f"{at(time)} {explicitly} {changing(before, after)}"


def started(time: datetime, before: int, after: int) -> str:
    """A launch because there are fewer instances than desired."""
    return (
        f"{at(time)} an instance was started in response to a difference between desired and "
        f"actual capacity, increasing the capacity from {before} to {after}."
    )


def replaced(time: datetime) -> str:
    """A launch for an instance that was unhealthy."""
    return (
        f"{at(time)} an instance was launched in response to an unhealthy instance needing to be "
        "replaced."
    )


def balanced(time: datetime, zone: str, others: list[str]) -> str:
    """A launch to even out the zones."""
    return (
        f"{at(time)} an instance was launched to balance instances in zone(s) {zone} with other "
        f"zones {' '.join(others)}."
    )


def rebalanced(time: datetime, zone: str, others: list[str]) -> str:
    """A termination to even out the zones."""
    return (
        f"{at(time)} an instance was taken out of service to balance instances in zone(s) {zone} "
        f"with other zones {' '.join(others)}."
    )


def rebalance_launch(time: datetime, instance: str) -> str:
    """A launch for a Spot instance that may soon be interrupted."""
    return (
        f"{at(time)} an instance was launched to replace the Spot instance {instance} in response "
        "to an EC2 instance rebalance recommendation."
    )


def rebalance_termination(time: datetime) -> str:
    """The end of a Spot instance that has been replaced."""
    return (
        f"{at(time)} an instance was taken out of service in response to an EC2 instance rebalance "
        "recommendation."
    )


def shrunk(time: datetime, before: int, after: int) -> str:
    """A termination because there are more instances than desired."""
    return (
        f"{at(time)} an instance was taken out of service in response to a difference between "
        f"desired and actual capacity, shrinking the capacity from {before} to {after}."
    )


def selected(time: datetime, instance: str) -> str:
    return f"{at(time)} instance {instance} was selected for termination."


def failed_elb_check(time: datetime) -> str:
    """An instance that its load balancer calls unhealthy."""
    return (
        f"{at(time)} an instance was taken out of service in response to an ELB system health "
        "check failure."
    )


def found_gone(time: datetime) -> str:
    """An instance that no longer runs."""
    return (
        f"{at(time)} an instance was taken out of service in response to an EC2 health check that "
        "indicated it had been terminated or stopped."
    )


def sentences(*parts: str) -> str:
    """A whole cause."""
    return "  ".join(part for part in parts if part)
