"""The states of an instance, and the service that runs on it.

Source: "Amazon EC2 instance state changes" (the instance lifecycle).
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.ec2.launch_templates import LaunchTemplateData
from model.ec2.service import (
    PENDING_SECONDS,
    REBOOT_SECONDS,
    SHUTTING_DOWN_SECONDS,
    STOPPING_SECONDS,
)
from tests.model.ec2.samples import Region, make_subnet, make_template

NEXT = {
    "pending": {"running", "shutting-down"},
    "running": {"stopping", "shutting-down"},
    "stopping": {"stopped", "shutting-down"},
    "stopped": {"pending", "shutting-down"},
    "shutting-down": {"terminated"},
    "terminated": set(),
}
"""Which state may follow which."""


def test_from_pending_to_running_to_the_service_answering() -> None:
    region = Region()
    instance = region.launch()
    assert instance.state == "pending"
    region.run(PENDING_SECONDS[0] - 0.001)
    assert instance.state == "pending"
    region.run(PENDING_SECONDS[1] - PENDING_SECONDS[0])
    assert instance.state == "running"
    assert instance.running_since is not None
    region.run(instance.running_since + 20 - region.schedule.now - 0.001)
    assert not instance.service_up
    region.run(0.001)
    assert instance.service_up
    assert region.states(instance) == ["pending", "running"]


def test_an_instance_without_a_service_answers_nothing() -> None:
    region = Region(services=())
    instance = region.running()
    region.run(600)
    assert not instance.service_up


def test_terminated_by_way_of_shutting_down_and_only_once() -> None:
    region = Region()
    instance = region.running()
    region.ec2.terminate_instances(instance.id)
    assert instance.state == "shutting-down"
    region.run(SHUTTING_DOWN_SECONDS[1])
    region.ec2.terminate_instances(instance.id)
    region.run(600)
    assert region.states(instance) == ["pending", "running", "shutting-down", "terminated"]


def test_a_pending_instance_that_is_terminated_never_runs() -> None:
    region = Region()
    instance = region.launch()
    region.ec2.terminate_instances(instance.id)
    region.run(600)
    assert region.states(instance) == ["pending", "shutting-down", "terminated"]


def test_stop_and_start_again() -> None:
    region = Region()
    instance = region.running()
    region.run(60)
    region.ec2.stop_instances(instance.id)
    assert instance.state == "stopping"
    assert not instance.service_up
    region.ec2.start_instances(instance.id)  # too early: only what is stopped can be started
    region.run(STOPPING_SECONDS)
    assert instance.state == "stopped"
    region.run(600)
    assert instance.state == "stopped"
    region.ec2.start_instances(instance.id)
    assert instance.state == "pending"
    region.run(PENDING_SECONDS[1] + 20)
    assert instance.state == "running"
    assert instance.service_up


def test_only_a_running_instance_can_be_stopped() -> None:
    region = Region()
    instance = region.launch()
    region.ec2.stop_instances(instance.id)
    assert instance.state == "pending"


def test_a_reboot_keeps_the_state_and_takes_the_service_away_for_a_while() -> None:
    region = Region()
    instance = region.running()
    region.run(60)
    region.ec2.reboot_instances(instance.id)
    assert (instance.state, instance.service_up) == ("running", False)
    region.run(REBOOT_SECONDS + 20 - 0.001)
    assert not instance.service_up
    region.run(0.001)
    assert instance.service_up
    assert region.states(instance) == ["pending", "running"]


def test_a_second_reboot_overtakes_the_first() -> None:
    region = Region()
    instance = region.running()
    region.run(60)
    region.ec2.reboot_instances(instance.id)
    region.run(50)
    region.ec2.reboot_instances(instance.id)
    region.run(REBOOT_SECONDS + 20 - 1)
    assert not instance.service_up
    region.run(1)
    assert instance.service_up


def test_addresses_are_the_subnets_without_the_five_that_aws_keeps() -> None:
    region = Region(subnet=make_subnet(block="10.0.0.0/28"))
    addresses = [ip_address(region.launch().private_ip) for _ in range(11)]
    network = ip_network("10.0.0.0/28")
    assert sorted(set(addresses)) == [network[host] for host in range(4, 15)]


def test_a_launch_template_asks_for_basic_monitoring_unless_told_otherwise() -> None:
    region = Region()
    plain = region.ec2.run_instance(make_template().launch_template_data, "Subnet")
    assert not plain.monitoring
    assert region.launch(detailed=True).monitoring


def test_an_unknown_instance_type_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'m5.huge' is no instance type .*c5, c6g, c6i, m5, .*t3"):
        LaunchTemplateData(instance_type="m5.huge")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["stop", "start", "reboot", "terminate"]), st.integers(0, 50)),
        max_size=12,
    )
)
def test_states_follow_each_other_as_in_the_life_cycle_whatever_is_asked(
    calls: list[tuple[str, int]],
) -> None:
    region = Region()
    instance = region.launch()
    for call, seconds in calls:
        getattr(region.ec2, f"{call}_instances")(instance.id)
        region.run(seconds)
        assert instance.state == "running" or not instance.service_up
    region.run(600)
    states = region.states(instance)
    assert all(after in NEXT[before] for before, after in pairwise(states))
    assert states[-1] in {"running", "stopped", "terminated"}
    assert instance.service_up == (states[-1] == "running")
