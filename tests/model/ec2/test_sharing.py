"""Ports of one instance share its vCPUs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ec2.sharing import Host, fair_share
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline
from tests.model.flow.samples import serving


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ([], 4.0),
        ([1.0], 3.0),
        ([1.0, 0.5], 2.5),
        ([4.0], 2.0),
        ([9.0, 9.0], 4 / 3),
        ([1.0, 9.0], 1.5),
    ],
)
def test_what_one_more_gets(wanted: list[float], left: float) -> None:
    assert fair_share(4.0, wanted) == pytest.approx(left)


@given(st.lists(st.floats(0, 20), max_size=6), st.floats(0.1, 64))
def test_shares_are_fair_and_all_is_used(wanted: list[float], capacity: float) -> None:
    greedy = fair_share(capacity, wanted)
    others = [min(own, greedy) for own in wanted]
    assert greedy >= capacity / (len(wanted) + 1) * (1 - 1e-9)
    assert greedy + sum(others) == pytest.approx(capacity)


def test_two_like_ports_wait_as_one_queue_would() -> None:
    """Pollaczek and Khinchine for one vCPU: the wait is that of both together."""
    ports = [
        Station(serving(cpu_time=0.05, wait_time=0.0, workers=500, vcpus=1), 60.0) for _ in "ab"
    ]
    host = Host(1.0, tuple(ports))
    for port in ports:
        port.expect(7.0, ())
    for place, port in enumerate(ports):
        port.share_cpu(host.others(place))
        port.step(0.0, 60.0, 420.0, Discipline.RANDOM, 1, Mixture())
    for port in ports:
        assert port.response_time == pytest.approx(0.05 / (1 - 0.7), rel=1e-3)
        assert port.utilisation == pytest.approx(0.35 / 0.65, rel=1e-3)


def test_a_greedy_port_takes_no_more_than_half() -> None:
    ports = [
        Station(serving(cpu_time=0.05, wait_time=0.0, workers=500, vcpus=1), 60.0) for _ in "ab"
    ]
    host = Host(1.0, tuple(ports))
    rates = 8.0, 100.0
    for port, rate in zip(ports, rates, strict=True):
        port.expect(rate, ())
    for place, port in enumerate(ports):
        port.share_cpu(host.others(place))
    assert [port.can.capacity for port in ports] == pytest.approx([10.0, 12.0])
