"""Which instances of a group end first: balance of the zones, then its termination policies.

Sources: "Configure termination policies for Amazon EC2 Auto Scaling" and "Create a custom
termination policy with Lambda". Of a group with mixed instances it is decided first whether an
On-Demand or a Spot Instance goes, then the zone, then the policies take their turn from left to
right; what is left after them is drawn. Unhealthy instances go without any of this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import define, field, frozen

from model.autoscaling.members import Member
from model.autoscaling.resources import TERMINATION_POLICIES, AutoScalingGroup
from model.clock import HOUR, Schedule, Streams

ASK_AGAIN = 30.0
"""Seconds until a function that let nothing go is asked again; "a short time", says AWS."""

Narrow = Callable[[Sequence[Member]], Sequence[Member]]
"""Some of these members: those that come first (never none of them)."""
Share = Callable[[Sequence[Member], Sequence[Member]], Sequence[Member]]
"""Some of the first members, while the second ones are as good as gone."""
ANSWER_WITHIN = 2.0
"""Seconds that a function has."""
Ask = Callable[[str, Any, float], Any]
"""Invokes a function (by logical id) with a payload, and waits so many seconds for its answer
(None: nothing is known of it). Raises `ValueError` if it fails."""


def everyone(members: Sequence[Member]) -> Sequence[Member]:
    """Nobody comes first."""
    return members


def anyone(members: Sequence[Member], gone: Sequence[Member]) -> Sequence[Member]:
    """No purchase option has more than its share."""
    return members


@frozen
class Circumstances:
    """What policies go by beside the members themselves."""

    now: float = 0.0
    template: str | None = None
    """The launch template (by logical id) that the group uses now."""
    configuration: str | None = None
    """Or the launch configuration."""
    purchase: Share = anyone
    """Those of the purchase option that has more than its share."""
    aligning: Narrow = everyone
    """Those without whom the rest follows the allocation strategy better."""


def first_zones(members: Sequence[Member]) -> list[Member]:
    """Those that may end in the zones with the most members (of zones where one may end)."""
    counts = Counter(member.instance.zone for member in members)
    free = [member for member in members if not member.protected]
    most = max((counts[member.instance.zone] for member in free), default=0)
    return [member for member in free if counts[member.instance.zone] == most]


def narrowed(
    members: Sequence[Member], policies: Iterable[str], circumstances: Circumstances
) -> Sequence[Member]:
    """The members that come first by the policies, each applied to what the one before left."""
    for policy in policies:
        members = _apply(policy, members, circumstances)
    return members


def _apply(policy: str, members: Sequence[Member], around: Circumstances) -> Sequence[Member]:
    match policy:
        case "OldestInstance":
            return _lowest(members, lambda member: member.instance.launched)
        case "NewestInstance":
            return _lowest(members, lambda member: -member.instance.launched)
        case "ClosestToNextInstanceHour":
            return _lowest(members, lambda member: _to_next_hour(member, around.now))
        case "OldestLaunchTemplate":
            return _oldest_template(members, around)
        case "OldestLaunchConfiguration":
            return _oldest_configuration(members, around)
        case "AllocationStrategy":
            return around.aligning(members)
        case _:
            default = (_oldest_configuration, _oldest_template)
            members = around.aligning(members)
            for narrow in default:
                members = narrow(members, around)
            return _apply("ClosestToNextInstanceHour", members, around)


def _lowest(members: Sequence[Member], key: Callable[[Member], Any]) -> Sequence[Member]:
    keys = [key(member) for member in members]
    best = min(keys)
    return [member for member, own in zip(members, keys, strict=True) if own == best]


def _to_next_hour(member: Member, now: float) -> float:
    return HOUR - (now - member.instance.launched) % HOUR


def _oldest_configuration(members: Sequence[Member], around: Circumstances) -> Sequence[Member]:
    """Those from a launch configuration (if there are any): from one that the group does not use
    any more, the one that it used first."""
    first: dict[str, float] = {}
    for member in members:
        name, launched = member.instance.launch_configuration, member.instance.launched
        if name is not None:
            first[name] = min(launched, first.get(name, launched))
    if not first:
        return members
    oldest = min(first, key=lambda name: (name == around.configuration, first[name]))
    return [member for member in members if member.instance.launch_configuration == oldest]


def _oldest_template(members: Sequence[Member], around: Circumstances) -> Sequence[Member]:
    """Those from a template that the group does not use any more, or else of the oldest version."""
    if any(member.instance.template is None for member in members):
        return members  # from a launch configuration, or started by hand
    others = [member for member in members if member.instance.template != around.template]
    return others or _lowest(members, lambda member: member.instance.template_version)


@define(eq=False)
class Termination:
    """The choice that one group makes, with what it has learned from its function."""

    schedule: Schedule
    streams: Streams
    resource: AutoScalingGroup
    circumstances: Callable[[], Circumstances]
    """As they are now."""
    ask: Ask | None = None
    _asked_again_at: float = field(default=0.0)

    def select(
        self, members: Sequence[Member], number: int = 1, cause: str = "SCALE_IN"
    ) -> list[Member]:
        """So many of these members (fewer where others are protected, or where the group's function
        lets nothing go), in the order in which they end.

        `cause` is what the function is told: SCALE_IN, INSTANCE_REFRESH, MAX_INSTANCE_LIFETIME or
        REBALANCE.
        """
        custom = [name for name in self.resource.termination_policies if is_function(name)]
        rest = [name for name in self.resource.termination_policies if name not in custom]
        policies = rest or ["Default"]
        if not custom:
            return self._take(members, number, policies)
        if self.schedule.now < self._asked_again_at:
            return []
        suggested = self._take(members, number, policies)
        allowed = self._asked(custom[0], members, suggested, cause) if suggested else set()
        free = [m for m in members if m.instance.id in allowed and not m.protected]
        if not free:
            self._asked_again_at = self.schedule.now + ASK_AGAIN
        if len(free) <= number:
            return free
        return self._take(free, number, policies)

    def _take(
        self, members: Sequence[Member], number: int, policies: Sequence[str]
    ) -> list[Member]:
        """The next ones, each in view of what those before it leave."""
        around, left, taken = self.circumstances(), list(members), list[Member]()
        while len(taken) < number:
            eligible = first_zones(around.purchase(left, taken) if left else left)
            if not eligible:
                break
            first = narrowed(eligible, policies, around)
            taken.append(first[0] if len(first) == 1 else first[self._draw(len(first))])
            left.remove(taken[-1])
        return taken

    def _draw(self, number: int) -> int:
        stream = self.streams[f"autoscaling/{self.resource.logical_id}/termination"]
        return int(stream.integers(number))

    def _asked(
        self, function: str, members: Sequence[Member], suggested: Sequence[Member], cause: str
    ) -> set[str]:
        """The instances that the function lets go: none, if it fails."""
        if self.ask is None:
            return set()
        places = Counter(_place(member) for member in suggested)
        zones = {member.instance.zone for member in suggested}
        candidates = [m for m in members if m.instance.zone in zones and not m.protected]
        payload = {
            "AutoScalingGroupARN": self.resource.arn,
            "AutoScalingGroupName": self.resource.name,
            "CapacityToTerminate": [
                {"AvailabilityZone": zone, "Capacity": number, "InstanceMarketOption": option}
                for (zone, option), number in places.items()
            ],
            "Instances": [
                {
                    "AvailabilityZone": member.instance.zone,
                    "InstanceId": member.instance.id,
                    "InstanceType": member.instance.type.name,
                    "InstanceMarketOption": _place(member)[1],
                }
                for member in candidates
            ],
            "Cause": cause,
        }
        try:
            answer = self.ask(function, payload, ANSWER_WITHIN)
        except ValueError:
            return set()
        if answer is None:
            return {member.instance.id for member in suggested}
        ids = answer.get("InstanceIDs") if isinstance(answer, dict) else None
        return set(map(str, ids)) if isinstance(ids, list) else set()


def is_function(policy: str) -> bool:
    """Whether a termination policy is a function of the customer's own."""
    return policy not in TERMINATION_POLICIES


def _place(member: Member) -> tuple[str, str]:
    return member.instance.zone, "spot" if member.instance.spot else "on-demand"
