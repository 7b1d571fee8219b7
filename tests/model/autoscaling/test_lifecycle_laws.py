"""Laws of an instance's way through a group, whatever hooks, pools and operators do to it.

Sources: "Amazon EC2 Auto Scaling instance lifecycle", "Lifecycle state transitions for instances in
a warm pool".
"""

from __future__ import annotations

import contextlib
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import ActionError
from model.autoscaling.lifecycle_resources import (
    LAUNCHING,
    TERMINATING,
    InstanceReusePolicy,
)
from model.autoscaling.members import ACTIVE
from model.resources import Resource
from model.world import World
from tests.model.autoscaling.samples import (
    api,
    desired,
    group_of,
    in_service,
    kill,
    make_world,
    resume,
    set_desired,
    suspend,
)
from tests.model.autoscaling.test_hooks import hook, states
from tests.model.autoscaling.test_warm_pool import pool

HORIZON = 900
QUIET = 3000.0

NEXT = {
    "Pending": "Pending:Wait Pending:Proceed InService Terminating",
    "Pending:Wait": "Pending:Proceed Terminating InService",
    "Pending:Proceed": "InService Terminating",
    "InService": "Terminating EnteringStandby Standby Detaching Detached Warmed:Pending",
    "EnteringStandby": "Standby",
    "Standby": "Pending Detaching Detached",
    "Detaching": "Detached",
    "Detached": "Pending",
    "Terminating": "Terminating:Wait Terminating:Proceed Terminated",
    "Terminating:Wait": "Terminating:Proceed Terminated",
    "Terminating:Proceed": "Terminated",
    "Warmed:Pending": "Warmed:Pending:Wait Warmed:Pending:Proceed READY Warmed:Terminating",
    "Warmed:Pending:Wait": "Warmed:Pending:Proceed READY Warmed:Terminating",
    "Warmed:Pending:Proceed": "READY Warmed:Terminating",
    "Warmed:Terminating": "Warmed:Terminating:Wait Warmed:Terminating:Proceed Warmed:Terminated",
    "Warmed:Terminating:Wait": "Warmed:Terminating:Proceed Warmed:Terminated",
    "Warmed:Terminating:Proceed": "Warmed:Terminated",
}
"""The states that may follow on each; of several at one instant only the last is seen, so that a
state that is passed at once may be left out."""
READY = ("Warmed:Stopped", "Warmed:Running", "Warmed:Hibernated")


SHORT = {
    "Pending",
    "InService",
    "Terminating",
    "EnteringStandby",
    "Detaching",
    "Warmed:Pending",
    "Warmed:Terminating",
    *READY,
}
"""States that an instance may enter and leave at one instant."""


def followers(state: str) -> set[str]:
    """What may be seen next."""
    seen: set[str] = set()
    left = [state]
    while left:
        now = left.pop()
        after = {"Pending", "Warmed:Terminating"} if now in READY else set(NEXT[now].split())
        after |= set(READY) if "READY" in after else set()
        left += (after - seen) & SHORT
        seen |= after
    return seen


moves = st.lists(
    st.tuples(
        st.integers(0, HORIZON),
        st.sampled_from(
            [
                "desired",
                "suspend",
                "resume",
                "kill",
                "enter",
                "exit",
                "detach",
                "protect",
                "continue",
                "abandon",
                "beat",
            ]
        ),
        st.integers(0, 6),
    ),
    max_size=10,
).map(sorted)


def carry_out(world: World, kind: str, number: int) -> None:
    """A move that AWS may refuse."""
    group = group_of(world)
    members = list(group.members.values())
    process = ("Launch", "Terminate", "AZRebalance", "ReplaceUnhealthy")[number % 4]
    if kind == "desired":
        with contextlib.suppress(ActionError):
            set_desired(world, number)
    elif kind in ("suspend", "resume"):
        (suspend if kind == "suspend" else resume)(world, process)
    elif members:
        member = members[number % len(members)]
        given: dict[str, Any] = {"auto_scaling_group_name": "Group"}
        one = given | {"instance_ids": (member.instance.id,)}
        decrement = {"should_decrement_desired_capacity": number % 2 == 0}
        action = given | {"lifecycle_hook_name": "In", "instance_id": member.instance.id}
        with contextlib.suppress(ActionError):
            match kind:
                case "kill":
                    kill(world, member)
                case "enter":
                    api(world, "autoscaling:EnterStandby", **one, **decrement)
                case "exit":
                    api(world, "autoscaling:ExitStandby", **one)
                case "detach":
                    api(world, "autoscaling:DetachInstances", **one, **decrement)
                case "protect":
                    protected = {"protected_from_scale_in": number % 2 == 0}
                    api(world, "autoscaling:SetInstanceProtection", **one, **protected)
                case "beat":
                    api(world, "autoscaling:RecordLifecycleActionHeartbeat", **action)
                case _:
                    result = {"lifecycle_action_result": kind.upper()}
                    api(world, "autoscaling:CompleteLifecycleAction", **action, **result)


def check(world: World, launches: int) -> int:
    """What holds at any moment; returns how many launches there were."""
    group = group_of(world)
    assert group.min <= group.desired <= group.max
    ids = list(group.members)
    assert len(ids) == len(set(ids))
    (view,) = world.autoscaling.describe_auto_scaling_groups()
    for shown in view.members:
        assert shown.lifecycle == world.journal.last(shown.id, "lifecycle")
    for member in group.members.values():
        assert bool(member.actions) == member.lifecycle.endswith(":Wait")
        assert (member.activity.end is None) == (
            member.lifecycle not in ("InService", "Standby", *READY)
        ), (member.lifecycle, member.activity)
    capacity = group.members.capacity
    assert world.journal.last("Group", "capacity") == capacity
    came = sum(group.record.group == i.launched_by for i in world.ec2.instances.values())
    gone = sum(
        states(world, i.id)[-1] in ("Terminated", "Warmed:Terminated", "Detached")
        for i in world.ec2.instances.values()
    )
    assert came - gone == len(group.members)
    if "Launch" in group.suspended:
        assert came == launches
    return came


@settings(max_examples=25, deadline=None)
@given(
    moves,
    st.sampled_from([None, "Stopped", "Running", "Hibernated"]),
    st.booleans(),
    st.lists(st.sampled_from([LAUNCHING, TERMINATING]), unique=True),
    st.sampled_from(["CONTINUE", "ABANDON"]),
)
def test_an_instance_goes_its_way_and_the_group_comes_to_rest(
    plan: list[tuple[int, str, int]],
    state: str | None,
    reuse: bool,
    transitions: list[str],
    result: str,
) -> None:
    extra: list[Resource] = [
        hook("In" if way == LAUNCHING else "Out", way, heartbeat_timeout=60, default_result=result)
        for way in transitions
    ]
    if state is not None:
        policy = InstanceReusePolicy(reuse_on_scale_in=reuse)
        extra.append(pool(pool_state=state, instance_reuse_policy=policy))
    world = make_world(*extra, min_size=0, max_size=5, desired_capacity=2, targets={})
    launches = check(world, 0)
    for time, kind, number in plan:
        world.run(max(time, world.now))
        launches = check(world, launches)
        carry_out(world, kind, number)
        launches = check(world, launches)
    resume(world)
    for _ in range(10):
        world.run(world.now + QUIET / 10)
        check(world, 0)
    for instance in world.ec2.instances.values():
        way = states(world, instance.id)
        for before, after in pairwise(way):
            assert after in followers(before), way
    if LAUNCHING in transitions and result == "ABANDON":
        return  # it goes on failing, ever more slowly
    unprotected = [m for m in group_of(world).active() if not m.protected]
    assert len(in_service(world)) == desired(world) or not unprotected
    left = group_of(world).members
    assert all(m.lifecycle in {*ACTIVE, "Standby", *READY} for m in left.values())
    wanted = left.warm_desired
    assert sum(m.lifecycle in READY for m in left.values()) == wanted
