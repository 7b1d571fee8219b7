"""What holds simple scaling back: an activity under way, or the cooldown after one.

Source: "Scaling cooldowns for Amazon EC2 Auto Scaling". A cooldown begins when the last instance of
an activity is in service or has ended; behind a load balancer an end counts from when the instance
has drained. Step scaling, target tracking, scheduled actions, the replacement of unhealthy
instances and (unless told to) operators do not wait for it.
"""

from __future__ import annotations

from model.autoscaling.activity import Activity
from model.autoscaling.group import Group


def in_the_way(group: Group, now: float) -> Activity | None:
    """The newest activity that is under way or whose cooldown runs; None: there is none."""
    return next((a for a in reversed(group.activities) if _holds(a, group, now)), None)


def until(activity: Activity, group: Group) -> float | None:
    """When the cooldown after an activity is over (seconds since start); None: the activity itself
    is not."""
    if activity.settled is None:
        return None
    own = activity.cooldown
    return activity.settled + (group.resource.cooldown if own is None else own)


def _holds(activity: Activity, group: Group, now: float) -> bool:
    end = until(activity, group)
    return end is None or (activity.counts and now < end)
