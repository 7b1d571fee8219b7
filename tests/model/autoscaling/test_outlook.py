"""What policies would do now: the answer of the code that does it, with its reason."""

from __future__ import annotations

import pytest

from model.autoscaling.outlook import PolicyView
from model.world import World
from tests.model.autoscaling.samples import (
    alarm,
    api,
    desired,
    feed,
    make_world,
    set_desired,
    simple,
    step,
    stepping,
    suspend,
    tracking,
)

HIGH = alarm("High", "Out", "GreaterThanThreshold", 50)
STEPS = stepping("Out", step(1, 0, 10), step(3, 10))


def policies(world: World) -> dict[str, PolicyView]:
    return {view.id: view for view in world.autoscaling.describe_policies("Group")}


def coming(world: World) -> tuple[int, str] | None:
    return world.autoscaling.dynamic.next_capacity("Group")


def test_what_is_foretold_is_what_happens_at_the_next_minute() -> None:
    world = make_world(
        STEPS, HIGH, feeds=[feed(*[55.0] * 9)], desired_capacity=2, default_instance_warmup=0
    )
    world.run(90)
    assert desired(world) == 3
    set_desired(world, 2)  # taken back by hand; the alarm will ask again
    (outlook,) = policies(world)["Out"].alarms
    assert (outlook.alarm, outlook.state, outlook.speaks) == ("High", "ALARM", True)
    assert outlook.why == "5 above 50: +1"
    world.run(100)
    (outlook,) = policies(world)["Out"].alarms
    foretold = coming(world)
    assert foretold == (outlook.capacity, "Out")
    world.run(120)
    assert (desired(world), "Out") == foretold


def test_an_alarm_that_is_silent_tells_what_it_would_ask_for() -> None:
    world = make_world(STEPS, HIGH, feeds=[feed(*[40.0] * 9)], desired_capacity=2)
    world.run(120)
    (outlook,) = policies(world)["Out"].alarms
    assert (outlook.state, outlook.speaks, outlook.capacity) == ("OK", False, None)
    assert outlook.why == "10 below 50: in no step"
    assert coming(world) is None


def test_a_quiet_alarm_is_asked_with_its_newest_datapoint() -> None:
    world = make_world(STEPS, HIGH, feeds=[feed(40.0, 30.0, 20.0, 45.0)], desired_capacity=2)
    told = []
    for minute in range(1, 5):
        world.run(60.0 * minute)
        (outlook,) = policies(world)["Out"].alarms
        told.append(outlook.why.partition(":")[0])
    assert told == ["10 below 50", "20 below 50", "30 below 50", "5 below 50"]


def test_a_policy_says_what_holds_it_back() -> None:
    world = make_world(
        STEPS,
        HIGH,
        feeds=[feed(*[75.0] * 9)],
        desired_capacity=2,
        max_size=3,
        default_instance_warmup=0,
    )
    world.run(30)
    (outlook,) = policies(world)["Out"].alarms
    assert outlook.why == "its alarm judged no datapoint"
    suspend(world, "AlarmNotification")
    world.run(61)
    (outlook,) = policies(world)["Out"].alarms
    assert (outlook.capacity, outlook.why) == (None, "AlarmNotification is suspended")
    api(
        world,
        "autoscaling:ResumeProcesses",
        auto_scaling_group_name="Group",
        scaling_processes=("AlarmNotification",),
    )
    world.run(100)
    (outlook,) = policies(world)["Out"].alarms
    assert (outlook.capacity, outlook.why) == (3, "25 above 50: +3, held at the maximum")
    assert coming(world) == (3, "Out")


def test_simple_scaling_tells_of_its_cooldown() -> None:
    world = make_world(
        simple("Out", 1, cooldown=200), HIGH, feeds=[feed(*[60.0] * 12)], desired_capacity=1
    )
    world.run(61)
    (outlook,) = policies(world)["Out"].alarms
    assert outlook.speaks
    assert outlook.why.startswith("in a cooldown until 09:05:"), "after its first launch"
    world.run(361)
    (outlook,) = policies(world)["Out"].alarms
    assert outlook.why == "a scaling activity is under way"
    world.run(410)
    (outlook,) = policies(world)["Out"].alarms
    assert outlook.capacity is None
    assert outlook.why.startswith("in a cooldown until 09:09:")
    assert coming(world) is None
    world.run(590)
    assert policies(world)["Out"].alarms[0].why == "+1"
    assert coming(world) == (3, "Out")


def test_target_tracking_shows_its_proportion_and_why_it_keeps_what_it_has() -> None:
    world = make_world(
        tracking("Track", 50, disable_scale_in=False),
        feeds=[feed(*[80.0] * 9)],
        desired_capacity=2,
        default_instance_warmup=0,
    )
    world.run(150)
    high, low = policies(world)["Track"].alarms
    assert high.why == "2 warm x 80 / 50 = 4"
    assert high.capacity == 4
    assert not high.speaks, "three datapoints have to lie above it"
    assert low.why == "not all low alarms of the group's policies are in ALARM"
    assert coming(world) is None
    world.run(180)
    assert desired(world) == 4


@pytest.mark.parametrize(
    ("policy", "goal"),
    [
        (STEPS, "+1 from +0, +3 from +10"),
        (stepping("Out", step(-1, None, 0)), "-1 to +0"),
        (simple("Out", -10, "PercentChangeInCapacity", min_adjustment_magnitude=2),
         "-10 % (2 at least)"),
        (simple("Out", 4, "ExactCapacity"), "exactly 4"),
        (tracking("Out", 50, disable_scale_in=True), "Load at 50, never in"),
        (tracking("Out", 50, "ASGAverageCPUUtilization"), "ASGAverageCPUUtilization at 50"),
    ],
)  # fmt: skip
def test_what_a_policy_is_for(policy: object, goal: str) -> None:
    assert policies(make_world(policy))["Out"].goal == goal  # type: ignore[arg-type]


def test_a_policy_that_no_alarm_invokes_has_nothing_to_say() -> None:
    assert policies(make_world(simple("Out", 1)))["Out"].alarms == ()
