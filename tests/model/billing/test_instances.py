"""What instances and load balancers cost.

Sources: "Amazon EC2 instance state changes" (which states are billed), Amazon EC2 On-Demand pricing
(by the second, a minute at least) and Elastic Load Balancing pricing (by the hour or partial hour).
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.billing import cost
from tests.model.autoscaling.samples import in_service, make_world, set_desired
from tests.model.ec2.samples import Region


def test_billed_while_it_runs_not_while_it_is_pending() -> None:
    region = Region()
    instance = region.launch()
    region.run(10)
    assert instance.billed_seconds(region.schedule.now) == 0
    region = Region()
    instance = region.running()
    region.run(1000)
    assert instance.billed_seconds(region.schedule.now) == pytest.approx(1000)


def test_a_minute_at_least_for_each_start() -> None:
    region = Region()
    instance = region.running()
    region.run(5)
    region.ec2.stop_instances(instance.id)
    region.run(600)
    assert instance.billed_seconds(region.schedule.now) == 60
    region.ec2.start_instances(instance.id)
    region.run(25)
    assert instance.billed_seconds(region.schedule.now) == 120


def test_stopping_stopped_and_shutting_down_are_free() -> None:
    region = Region()
    instance = region.running()
    region.run(300)
    region.ec2.stop_instances(instance.id)
    region.run(1000)
    region.ec2.terminate_instances(instance.id)
    region.run(1000)
    assert instance.billed_seconds(region.schedule.now) == pytest.approx(300)


def test_what_never_ran_costs_nothing() -> None:
    region = Region()
    instance = region.launch()
    region.ec2.terminate_instances(instance.id)
    region.run(600)
    assert instance.billed_seconds(region.schedule.now) == 0


def test_a_reboot_does_not_begin_a_new_minute() -> None:
    region = Region()
    instance = region.running()
    region.run(100)
    region.ec2.reboot_instances(instance.id)
    region.run(10)
    assert instance.billed_seconds(region.schedule.now) == pytest.approx(110)


def test_a_group_costs_what_its_instances_cost() -> None:
    world = make_world(desired_capacity=2)
    world.run(3600)
    hours = sum(3600 - (member.in_service_at or 0) for member in in_service(world)) / 3600
    assert cost(world)["Group"] == pytest.approx(hours * 0.096)


@pytest.mark.parametrize(("seconds", "hours"), [(1, 1), (3600, 1), (3601, 2), (7200, 2), (9000, 3)])
def test_a_load_balancer_costs_whole_hours(seconds: float, hours: int) -> None:
    world = make_world(targets={})
    world.run(seconds)
    assert cost(world)["Balancer"] == pytest.approx(hours * 0.0225)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 5), max_size=6))
def test_cost_never_falls(capacities: list[int]) -> None:
    world = make_world()
    spent = 0.0
    for capacity in capacities:
        set_desired(world, capacity)
        world.run(world.now + 45)
        total = sum(cost(world).values())
        assert total >= spent
        spent = total
