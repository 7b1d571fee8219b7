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
    comes: bool = True
    """Whether an instance comes by it, into service or into the warm pool; else it goes."""


@define(eq=False)
class Activity:
    """One launch or termination, from its decision to its end (seconds since start)."""

    id: str
    group: str
    description: str
    cause: str
    start: float
    zone: str = ""
    subnet: str = ""
    end: float | None = None
    status: str = "InProgress"
    message: str = ""
    instance: str | None = None
    drained: float | None = None
    """When an instance that ends behind a load balancer had drained."""
    cooldown: int | None = None
    """Seconds that simple scaling waits after it; None: as the group says."""

    @property
    def settled(self) -> float | None:
        """When the capacity showed what it did; None: not yet."""
        return self.end if self.drained is None else self.drained

    @property
    def counts(self) -> bool:
        """Whether it launched or ended an instance."""
        return self.status not in ("Cancelled", "Failed")

    @property
    def comes(self) -> bool:
        """Whether an instance comes by it, into service or into the warm pool; else it goes."""
        coming = ("Launching", "Attaching", "Moving EC2 instance out of Standby")
        return self.description.startswith(coming)

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
            self.comes,
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


def executed(time: datetime, policy: str, before: int, after: int) -> str:
    """ExecutePolicy changed the desired capacity."""
    return f"{at(time)} a user request executed policy {policy} {changing(before, after)}"


def resized(time: datetime, who: str, sizes: tuple[int, int, int], before: int) -> str:
    """An update of the sizes (min, max, desired) by `a user request` or `a scheduled action`."""
    least, most, desired = sizes
    constraints = f"constraints to min: {least}, max: {most}, desired: {desired}"
    return f"{at(time)} {who} update of AutoScalingGroup {constraints} {changing(before, desired)}"


def triggered(time: datetime, name: str) -> str:
    """A scheduled action is due."""
    return f"{at(time)} the scheduled action {name} was due."


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


def share_launch(time: datetime) -> str:
    """A launch to bring On-Demand and Spot to the shares that a policy asks for."""
    return (
        f"{at(time)} an instance was launched to align the group with the purchase options of its "
        "mixed instances policy."
    )


def share_termination(time: datetime) -> str:
    """The end of one that is bought in the other way."""
    return (
        f"{at(time)} an instance was taken out of service to align the group with the purchase "
        "options of its mixed instances policy."
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


def taken_out(time: datetime, instance: str, change: tuple[int, int] | None = None) -> str:
    """TerminateInstanceInAutoScalingGroup; `change` is that of the capacity if it shrinks."""
    shrinking = f", shrinking the capacity from {change[0]} to {change[1]}" if change else ""
    reason = "was taken out of service in response to a user request"
    return f"{at(time)} instance {instance} {reason}{shrinking}."


def failed_status_check(time: datetime) -> str:
    """An instance whose EC2 status checks went on failing."""
    return (
        f"{at(time)} an instance was taken out of service in response to an EC2 instance status "
        "check failure."
    )


def failed_volume_check(time: datetime) -> str:
    """An instance whose EBS volumes are impaired."""
    return (
        f"{at(time)} an instance was taken out of service in response to an EBS volume health "
        "check failure."
    )


def marked_by_user(time: datetime) -> str:
    """SetInstanceHealth."""
    return f"{at(time)} an instance was taken out of service in response to a user health-check."


def refreshed(time: datetime, instance: str) -> str:
    """A termination because an instance refresh replaces the instance."""
    reason = "an instance was taken out of service in response to an instance refresh."
    return sentences(f"{at(time)} {reason}", selected(time, instance))


def started_by_refresh(time: datetime) -> str:
    """A launch because of an instance refresh."""
    return f"{at(time)} an instance was launched in response to an instance refresh."


def outlived(time: datetime) -> str:
    """A termination because the instance is as old as it may become."""
    return (
        f"{at(time)} an instance was taken out of service in response to its maximum instance "
        "lifetime."
    )


def started_for_outlived(time: datetime) -> str:
    """The launch of its successor."""
    return (
        f"{at(time)} an instance was launched to replace one that has reached its maximum instance "
        "lifetime."
    )


def found_gone(time: datetime) -> str:
    """An instance that no longer runs."""
    return (
        f"{at(time)} an instance was taken out of service in response to an EC2 health check that "
        "indicated it had been terminated or stopped."
    )


def warmed(time: datetime, before: int, after: int) -> str:
    """A launch because there are fewer instances in the warm pool than there should be."""
    return (
        f"{at(time)} an instance was started in response to a difference between desired and "
        f"actual warm pool capacity, increasing the warm pool capacity from {before} to {after}."
    )


def cooled(time: datetime, before: int, after: int) -> str:
    """A termination because there are more of them."""
    return (
        f"{at(time)} an instance was taken out of the warm pool in response to a difference "
        f"between desired and actual warm pool capacity, shrinking the warm pool capacity from "
        f"{before} to {after}."
    )


def moved(time: datetime, instance: str, done: str, change: tuple[int, int]) -> str:
    """An operator moved an instance; the desired capacity changed, or stayed."""
    before, after = change
    verb = "shrinking" if after < before else "increasing"
    tail = "" if before == after else f", {verb} the capacity from {before} to {after}"
    return f"{at(time)} instance {instance} was {done} in response to a user request{tail}."


def added(time: datetime, capacity: int) -> str:
    """An operator attached an instance."""
    return (
        f"{at(time)} an instance was added in response to user request. Keeping the capacity at "
        f"the new {capacity}."
    )


ALL_PROTECTED = (
    "Could not scale to desired capacity because all remaining instances are protected from "
    "scale-in."
)


def launch_failed(time: datetime) -> str:
    """A termination because a lifecycle hook abandoned the launch."""
    return f"{at(time)} an instance was taken out of service in response to a launch failure."


def sentences(*parts: str) -> str:
    """A whole cause."""
    return "  ".join(part for part in parts if part)
