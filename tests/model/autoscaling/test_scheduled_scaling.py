"""Scheduled scaling: sizes that change at times that are known beforehand.

Sources: "Scheduled scaling for Amazon EC2 Auto Scaling", API PutScheduledUpdateGroupAction, API
DescribeScheduledActions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from model.actions import ActionError
from model.autoscaling.recurrence import Recurrence, check_expression, read_zone
from model.world import World
from tests.model.autoscaling.samples import (
    START,
    activities,
    alarm,
    api,
    desired,
    feed,
    group_of,
    in_service,
    make_world,
    resume,
    scheduled,
    set_desired,
    simple,
    step,
    stepping,
    suspend,
)

HOUR = 3600.0
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def sizes(world: World) -> tuple[int, int, int]:
    group = group_of(world)
    return group.min, group.desired, group.max


def put(world: World, name: str, **parameters: Any) -> None:
    api(
        world,
        "autoscaling:PutScheduledUpdateGroupAction",
        auto_scaling_group_name="Group",
        scheduled_action_name=name,
        **parameters,
    )


# -- when ---------------------------------------------------------------------------------------


def runs(expression: str, zone: str, after: datetime, count: int) -> list[str]:
    recurrence = Recurrence(expression, read_zone(zone))
    found = []
    for _ in range(count):
        moment = recurrence.next(after)
        assert moment is not None
        after = moment
        found.append(f"{moment:%a %m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("30 6 * * 2", ["Tue 11-24 06:30", "Tue 12-01 06:30"]),
        ("0 9 * * *", ["Mon 11-23 09:00", "Tue 11-24 09:00"]),
        ("0 18 * * 1-5", ["Mon 11-23 18:00", "Tue 11-24 18:00"]),
        ("30 0 1 1,6,12 *", ["Tue 12-01 00:30", "Fri 01-01 00:30"]),
        ("0 0 * * 0", ["Sun 11-29 00:00", "Sun 12-06 00:00"]),
        ("0 0 * * 7", ["Sun 11-29 00:00", "Sun 12-06 00:00"]),
        ("0 0 * * SUN", ["Sun 11-29 00:00", "Sun 12-06 00:00"]),
        ("*/20 8-9 * * *", ["Mon 11-23 08:00", "Mon 11-23 08:20"]),
        ("0 0 25 * 5", ["Wed 11-25 00:00", "Fri 11-27 00:00"]),  # either of the two days
        ("0 0 29 2 *", ["Tue 02-29 00:00", "Sun 02-29 00:00"]),
    ],
)
def test_recurrences_are_those_of_unix_cron(expression: str, wanted: list[str]) -> None:
    check_expression(expression)
    assert runs(expression, "UTC", MONDAY, 2) == wanted


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("0 9 * *", "five fields"),
        ("0 0 9 * * *", "five fields"),
        ("@daily", "five fields"),
        ("60 9 * * *", "the minute of"),
        ("0 24 * * *", "the hour of"),
        ("0 9 0 * *", "the day of month of"),
        ("0 9 * 13 *", "the month of"),
        ("0 9 * * 8", "the day of week of"),
        ("0 9 ? * 1", "its day of month is '\\?'"),
        ("0 9 L * *", "its day of month is 'L'"),
        ("0 9 * * 2#1", "its day of week is '2#1'"),
        ("0 9 31 2 *", "the day of month of"),
    ],
)
def test_expressions_that_aws_refuses(expression: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_expression(expression)


def test_a_schedule_follows_the_clocks_of_its_time_zone() -> None:
    """ "The first action starts at 8:00 AM UTC-5 in local time, the second at 8:00 AM UTC-4"."""
    spring = datetime(2026, 3, 6, 20, tzinfo=UTC)  # clocks go forward on Sunday the 8th
    assert runs("0 8 * * *", "America/New_York", spring, 2) == [
        "Sat 03-07 13:00",
        "Sun 03-08 12:00",
    ]
    autumn = datetime(2026, 10, 31, 0, tzinfo=UTC)  # and back on Sunday, November 1st
    assert runs("0 8 * * *", "America/New_York", autumn, 2) == [
        "Sat 10-31 12:00",
        "Sun 11-01 13:00",
    ]
    assert runs("0 8 * * *", "UTC", spring, 2) == ["Sat 03-07 08:00", "Sun 03-08 08:00"]


def test_a_time_that_clocks_skip_comes_right_after_and_one_they_repeat_comes_once() -> None:
    spring = datetime(2026, 3, 28, 12, tzinfo=UTC)  # on the 29th 2:00 is followed by 3:00 in Berlin
    assert runs("30 2 * * *", "Europe/Berlin", spring, 2) == ["Sun 03-29 01:00", "Mon 03-30 00:30"]
    autumn = datetime(2026, 10, 24, 12, tzinfo=UTC)  # on the 25th 3:00 is followed by 2:00
    assert runs("30 2 * * *", "Europe/Berlin", autumn, 2) == ["Sun 10-25 00:30", "Mon 10-26 01:30"]


# -- what ---------------------------------------------------------------------------------------


def test_a_wednesday_that_peaks_and_a_sunday_that_sleeps() -> None:
    """The week of the documentation: more from Wednesday, less from Friday; nothing on Sunday."""
    world = make_world(
        scheduled("Peak", recurrence="0 6 * * 3", min_size=6, max_size=12, desired_capacity=8),
        scheduled("Ebb", recurrence="0 18 * * 5", min_size=2, max_size=6, desired_capacity=3),
        scheduled("Sleep", recurrence="0 0 * * 0", min_size=0, max_size=0, desired_capacity=0),
        scheduled("Wake", recurrence="30 5 * * 1", min_size=2, max_size=6),
        start=MONDAY,
        min_size=2,
        max_size=6,
        desired_capacity=3,
    )
    seen = {}
    for day, name in enumerate(["mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday"]):
        world.run((24 * day + 20) * HOUR)
        seen[name] = len(in_service(world)), sizes(world)
    assert seen == {
        "mon": (3, (2, 3, 6)),
        "tue": (3, (2, 3, 6)),
        "wed": (8, (6, 8, 12)),
        "thu": (8, (6, 8, 12)),
        "fri": (3, (2, 3, 6)),
        "sat": (3, (2, 3, 6)),
        "sun": (0, (0, 0, 0)),
        "monday": (2, (2, 2, 6)),
    }


def test_the_activity_says_that_a_schedule_did_it() -> None:
    world = make_world(scheduled("Out", start_time="2026-11-25T10:00:00Z", desired_capacity=3))
    world.run(2 * HOUR)
    launches = activities(world, "Launching")[1:]
    assert [launch.start for launch in launches] == [HOUR, HOUR]
    assert launches[0].cause == (
        "At 2026-11-25T10:00:00Z a scheduled action update of AutoScalingGroup constraints to min: "
        "1, max: 10, desired: 3 changing the desired capacity from 1 to 3.  At "
        "2026-11-25T10:00:00Z an instance was started in response to a difference between desired "
        "and actual capacity, increasing the capacity from 1 to 3."
    )


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"desired_capacity": 3}, (2, 3, 8)),  # scales in, too: "it scales in to 3 instances"
        ({"desired_capacity": 7}, (2, 7, 8)),
        ({"min_size": 4}, (4, 5, 8)),
        ({"min_size": 7}, (7, 7, 8)),  # a minimum above the desired capacity raises it
        ({"max_size": 6}, (2, 5, 6)),
        ({"max_size": 3}, (2, 3, 3)),
        ({"min_size": 0, "max_size": 0, "desired_capacity": 0}, (0, 0, 0)),
        ({"desired_capacity": 9}, (2, 5, 8)),  # outside the limits that it does not change
        ({"min_size": 9}, (2, 5, 8)),
    ],
)
def test_it_sets_what_it_names(given: dict[str, int], wanted: tuple[int, int, int]) -> None:
    action = scheduled("Action", start_time="2026-11-25T10:00:00Z", **given)
    world = make_world(action, min_size=2, max_size=8, desired_capacity=5)
    world.run(HOUR)
    assert sizes(world) == wanted
    set_desired(world, wanted[2])
    world.run(5 * HOUR)
    assert desired(world) == wanted[2], "it runs once, and nothing is taken back or done again"


def test_one_that_cannot_be_carried_out_is_a_failed_activity() -> None:
    action = scheduled("Action", start_time="2026-11-25T10:00:00Z", desired_capacity=12)
    world = make_world(action)
    world.run(2 * HOUR)
    failed = group_of(world).activities[-1]
    assert (failed.status, failed.start, failed.end) == ("Failed", HOUR, HOUR)
    assert failed.description == "Executing scheduled action Action"
    assert failed.message == (
        "Desired capacity:12 must be between the specified min size:1 and max size:10"
    )


def test_policies_go_on_from_there_within_the_new_limits() -> None:
    world = make_world(
        scheduled("Up", start_time="2026-11-25T10:00:00Z", min_size=3, max_size=4),
        stepping("Out", step(5, 0)),
        alarm("High", "Out", "GreaterThanThreshold", 50),
        feeds=[feed(*[30.0] * 70, *[90.0] * 10)],
        default_instance_warmup=0,
    )
    world.run(HOUR)
    assert desired(world) == 3
    world.run(2 * HOUR)
    assert desired(world) == 4


def test_start_time_comes_first_and_then_the_recurrence() -> None:
    action = scheduled(
        "Action",
        start_time="2026-11-25T10:15:00Z",
        end_time="2026-11-25T13:00:00Z",
        recurrence="0 * * * *",
        desired_capacity=3,
    )
    world = make_world(action)
    ran = []
    for minute in range(0, 6 * 60, 15):
        world.run(60.0 * minute)
        if desired(world) == 3:
            ran.append(f"{world.schedule.utc():%H:%M}")
            set_desired(world, 1)
    assert ran == ["10:15", "11:00", "12:00"], "a run at the end time is none"
    assert world.autoscaling.describe_scheduled_actions("Group") == ()


def test_actions_of_one_instant_run_in_the_order_in_which_they_are_specified() -> None:
    first = scheduled("First", recurrence="0 10 * * *", desired_capacity=4)
    second = scheduled("Second", recurrence="0 * * * *", desired_capacity=2)
    for order, wanted in (((first, second), 2), ((second, first), 4)):
        world = make_world(*order)
        world.run(HOUR)
        assert desired(world) == wanted


def test_what_is_missed_while_suspended_is_skipped_for_good() -> None:
    world = make_world(
        scheduled("Once", start_time="2026-11-25T10:00:00Z", desired_capacity=4),
        scheduled("Hourly", recurrence="30 * * * *", desired_capacity=2),
    )
    suspend(world, "ScheduledActions")
    world.run(1.6 * HOUR)
    assert desired(world) == 1
    resume(world, "ScheduledActions")
    world.run(2.4 * HOUR)
    assert desired(world) == 1
    world.run(2.5 * HOUR)
    assert desired(world) == 2


def test_without_launch_a_schedule_still_sets_what_is_desired() -> None:
    world = make_world(scheduled("Out", start_time="2026-11-25T10:00:00Z", desired_capacity=4))
    world.run(60)
    suspend(world, "Launch")
    world.run(2 * HOUR)
    assert (desired(world), len(in_service(world))) == (4, 1)
    resume(world, "Launch")
    world.run(2 * HOUR + 60)
    assert len(in_service(world)) == 4


def test_it_waits_for_no_cooldown() -> None:
    world = make_world(
        scheduled("Out", start_time="2026-11-25T09:10:00Z", desired_capacity=6),
        simple("Policy", 1),
        alarm("High", "Policy", "GreaterThanThreshold", 50),
        feeds=[feed(*[10.0] * 8, *[90.0] * 3)],
        cooldown=3600,
    )
    world.run(600)
    assert desired(world) == 6


def test_a_restored_world_keeps_its_schedule() -> None:
    world = make_world(scheduled("Out", recurrence="0 10 * * *", desired_capacity=3))
    world.run(60)
    copy = World.restore(world.snapshot())
    copy.run(HOUR)
    assert desired(copy) == 3


# -- the API ------------------------------------------------------------------------------------


def test_actions_are_described_with_their_next_time() -> None:
    world = make_world(
        scheduled("Late", recurrence="0 18 * * *", time_zone="Europe/Berlin", min_size=1),
        scheduled("Early", start_time="2026-11-25T10:00:00Z", desired_capacity=2),
    )
    early, late = world.autoscaling.describe_scheduled_actions("Group")
    assert (early.name, early.next, early.desired, early.min) == ("Early", HOUR, 2, None)
    assert (late.name, late.next, late.time_zone) == ("Late", 8 * HOUR, "Europe/Berlin")
    world.run(9 * HOUR)
    (left,) = world.autoscaling.describe_scheduled_actions("Group")
    assert (left.name, left.next) == ("Late", 32 * HOUR)


def test_what_was_over_before_the_world_began_is_gone() -> None:
    world = make_world(
        scheduled("Past", start_time="2026-11-25T08:00:00Z", desired_capacity=5),
        scheduled("Since", start_time="2026-11-01T08:00:00Z", recurrence="0 12 * * *", min_size=2),
        scheduled("Now", start_time="2026-11-25T09:00:00Z", desired_capacity=4),
    )
    names = [view.name for view in world.autoscaling.describe_scheduled_actions("Group")]
    assert names == ["Now", "Since"]
    world.run(0)
    assert desired(world) == 4


def test_actions_are_put_replaced_and_deleted_by_calls() -> None:
    world = make_world(scheduled("Template", recurrence="0 12 * * *", desired_capacity=2))
    put(world, "Mine", start_time="2026-11-25T10:00:00Z", desired_capacity=3)
    put(world, "Template", recurrence="30 9 * * *", desired_capacity=4)
    world.run(0.5 * HOUR)
    assert desired(world) == 4
    world.run(HOUR)
    assert desired(world) == 3
    where = {"auto_scaling_group_name": "Group", "scheduled_action_name": "Template"}
    api(world, "autoscaling:DeleteScheduledAction", **where)
    assert world.autoscaling.describe_scheduled_actions("Group") == ()
    world.run(30 * HOUR)
    assert desired(world) == 3
    with pytest.raises(ActionError, match="Scheduled action name not found: Template"):
        api(world, "autoscaling:DeleteScheduledAction", **where)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"start_time": "2026-11-25T08:59:00Z"}, "Given start time is in the past"),
        ({"start_time": "2026-11-25T10:00:00Z"}, "scheduled start time already exists"),
        ({"start_time": "2026-11-25T12:00:00Z"}, "scheduled start time already exists"),
        ({"recurrence": "0 12 * * *", "end_time": "2026-11-25T11:00:00Z"}, "never run"),
    ],
)
def test_calls_that_are_refused(given: dict[str, str], message: str) -> None:
    world = make_world(
        scheduled("Other", start_time="2026-11-25T10:00:00Z", desired_capacity=3),
        scheduled("Noon", recurrence="0 12 * * *", desired_capacity=3),
    )
    with pytest.raises(ActionError, match=message):
        put(world, "Mine", desired_capacity=2, **given)


def test_a_group_has_125_actions_at_most() -> None:
    world = make_world()
    for number in range(125):
        moment = START + timedelta(minutes=number + 1)
        put(world, f"A{number}", start_time=moment.isoformat(), desired_capacity=2)
    with pytest.raises(ActionError, match="125"):
        put(world, "More", start_time="2027-01-01T00:00:00Z", desired_capacity=2)
    put(world, "A7", start_time="2027-01-01T00:00:00Z", desired_capacity=2)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"recurrence": "0 9 * * *"}, "at least one of MinSize, MaxSize and DesiredCapacity"),
        ({"desired_capacity": 1}, "give a StartTime, or a Recurrence, or both"),
        ({"recurrence": "0 9 * * *", "min_size": -1}, "at least 0"),
        ({"recurrence": "0 9 * * *", "min_size": 3, "max_size": 2}, "must not be above MaxSize"),
        ({"recurrence": "0 9 * * *", "min_size": 3, "desired_capacity": 2}, "must be from 3 to 2"),
        ({"recurrence": "0 9 * * *", "max_size": 3, "desired_capacity": 4}, "must be from 0 to 3"),
        ({"start_time": "tomorrow", "min_size": 1}, "must be a time in UTC such as"),
        ({"recurrence": "9 AM", "min_size": 1}, "must have five fields"),
        (
            {"recurrence": "0 9 * * *", "time_zone": "Mars/Base", "min_size": 1},
            "a time zone of the IANA database such as America/New_York, not 'Mars/Base'",
        ),
        (
            {
                "start_time": "2026-11-25T10:00:00Z",
                "end_time": "2026-11-25T10:00:00Z",
                "min_size": 1,
            },
            "must be before EndTime",
        ),
    ],
)
def test_actions_that_are_refused(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scheduled("Action", **properties)


# -- ahead ------------------------------------------------------------------------------------


def test_runs_ahead_come_with_what_they_lead_to() -> None:
    world = make_world(
        scheduled("Open", recurrence="0 10 * * *", min_size=2, max_size=8, desired_capacity=4),
        scheduled("Wide", recurrence="0 11 * * *", max_size=3),
        scheduled("Close", recurrence="0 18 * * *", min_size=0, desired_capacity=0),
        desired_capacity=1,
    )
    runs = world.autoscaling.scheduled_ahead("Group", 4)
    assert [(run.time / HOUR, run.action.name) for run in runs] == [
        (1.0, "Open"),
        (2.0, "Wide"),
        (9.0, "Close"),
        (25.0, "Open"),
    ]
    assert [run.sizes for run in runs] == [(2, 8, 4), (2, 3, 3), (0, 3, 0), (2, 8, 4)]
    assert all(not run.problem and not run.beside for run in runs)


def test_runs_that_will_fail_or_come_together_say_so() -> None:
    world = make_world(
        scheduled("Low", recurrence="0 10 * * *", max_size=2),
        scheduled("High", recurrence="0 10 * * *", min_size=5),
        desired_capacity=1,
    )
    low, high = world.autoscaling.scheduled_ahead("Group", 2)
    assert (low.action.name, low.sizes, low.beside) == ("Low", (1, 2, 1), ("High",))
    assert (high.sizes, high.beside) == (None, ("Low",))
    assert high.problem == "Max bound, 2, must be greater than or equal to min bound, 5"
    world.run(HOUR + 1)
    assert sizes(world) == (1, 1, 2)
    (failed,) = activities(world, "Executing scheduled action High")
    assert failed.message == high.problem
