"""What becomes of requests at one station."""

from __future__ import annotations

import math

import pytest

from model.flow.capability import REFUSING, SILENT, Capability
from model.flow.formulas import blocking
from model.flow.mixture import Mixture
from model.flow.station import CONNECT_TIMEOUT
from model.flow.waiting import Discipline
from tests.model.flow.samples import CAPACITY, IDLE_TIMEOUT, Line, serving, station


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        (serving(workers=4, wait_time=0.05), 80.0),  # four workers, twenty requests a second each
        (serving(workers=64, cpu_time=0.02, wait_time=0.03, vcpus=2), 100.0),  # two vCPUs, 20 ms
        (serving(workers=4, cpu_time=0.02, wait_time=0.03, vcpus=2), 80.0),  # the smaller one
    ],
)
def test_capacity_is_what_workers_or_cpus_allow(capability: Capability, expected: float) -> None:
    assert capability.capacity == pytest.approx(expected)


def test_in_the_long_run_littles_law_holds() -> None:
    line = Line(station())
    line.run(600, 0.7 * CAPACITY)
    held = line.station.in_flight
    assert held == pytest.approx(0.7 * CAPACITY * line.station.response_time, rel=1e-6)


def test_cpu_time_is_used_by_what_starts() -> None:
    line = Line(station(cpu_time=0.02, wait_time=0.03, workers=64))
    line.run(100, 50.0)
    assert line.station.busy == pytest.approx(100 * 50 * 0.02)


def test_the_error_rate_is_the_share_of_answers_that_are_errors() -> None:
    line = Line(station(error_rate=0.25))
    line.run(60, 40.0)
    answered = line.totals.succeeded + line.totals.errors
    assert line.totals.errors == pytest.approx(0.25 * answered)


def test_network_latency_is_part_of_every_response_time() -> None:
    near, far = Line(station()), Line(station(latency=0.2))
    for line in (near, far):
        line.run(60, 40.0)
    assert far.station.response_time - near.station.response_time == pytest.approx(0.2)


def test_a_full_backlog_refuses_what_is_too_much() -> None:
    line = Line(station(backlog=100))
    line.run(60, 1.5 * CAPACITY)
    assert line.station.backlog == pytest.approx(100.0)
    assert line.totals.refused == pytest.approx(0.5 * CAPACITY * 60 - 100)
    assert line.station.refusing == pytest.approx(1 / 3)


@pytest.mark.parametrize("load", [0.5, 0.9, 1.25, 3.0])
def test_without_a_backlog_erlangs_loss_formula_holds(load: float) -> None:
    line = Line(station(backlog=0))
    line.run(60, load * CAPACITY)
    lost = blocking(4, load, 0)
    assert line.totals.refused == pytest.approx(lost * load * CAPACITY * 60)


def test_a_short_line_overflows_by_chance_below_capacity() -> None:
    line = Line(station(backlog=4))
    line.run(600, 0.9 * CAPACITY)
    assert line.totals.refused == pytest.approx(blocking(4, 0.9, 4) * 0.9 * CAPACITY * 600)
    assert 0.05 < line.totals.refused / line.totals.arrived < 0.15


@pytest.mark.parametrize(("variation", "lost"), [(0.0, 0.0), (1.0, math.exp(-1.5))])
def test_what_is_in_service_ends_by_the_lives_that_services_have_left(
    variation: float, lost: float
) -> None:
    """Of services that all take two seconds none is left after three."""
    line = Line(station(wait_time=2.0, cpu_time=0.0, workers=1000, variation=variation))
    line.run(60, 10.0)
    held = line.station.in_service
    line.run(3, 0.0)
    assert line.station.in_service == pytest.approx(held * lost, abs=1e-6)


def test_where_nothing_listens_connections_are_refused_at_once() -> None:
    line = Line(station())
    line.station.change(0.0, REFUSING)
    line.run(10, 30.0)
    assert line.totals.refused == pytest.approx(300.0)
    assert line.station.in_flight == 0.0


def test_where_no_packet_comes_back_connecting_times_out() -> None:
    line = Line(station())
    line.station.change(0.0, SILENT)
    line.run(CONNECT_TIMEOUT, 30.0)
    assert line.totals.connect_timeouts == 0.0
    assert line.station.in_flight == pytest.approx(30.0 * CONNECT_TIMEOUT)
    line.run(5, 30.0)
    assert line.totals.connect_timeouts == pytest.approx(5 * 30.0)
    assert line.station.in_flight == pytest.approx(30.0 * CONNECT_TIMEOUT)


def test_killing_a_service_breaks_what_is_inside() -> None:
    line = Line(station())
    line.run(60, 1.2 * CAPACITY)
    inside = line.station.in_flight
    assert inside > 0.2 * CAPACITY * 60
    line.station.change(line.now, REFUSING)
    assert line.totals.broken == pytest.approx(inside)
    assert line.station.in_flight == 0.0


def test_what_is_inside_when_the_network_goes_dark_waits_for_the_idle_timeout() -> None:
    line = Line(station())
    line.run(60, 1.2 * CAPACITY)
    inside = line.station.in_flight
    line.station.change(line.now, SILENT)
    line.run(IDLE_TIMEOUT - 1, 0.0)
    assert line.totals.late == 0.0
    line.run(1, 0.0)
    assert line.totals.late == pytest.approx(inside)


def test_a_capability_that_changes_while_serving_keeps_what_is_inside() -> None:
    line = Line(station())
    line.run(60, 1.2 * CAPACITY)
    before = line.station.in_flight
    line.station.change(line.now, serving(error_rate=0.5))
    assert line.station.in_flight == before
    assert line.totals.broken == 0.0


def test_the_end_of_draining_cuts_off_all_that_is_inside() -> None:
    line = Line(station())
    line.run(60, 1.2 * CAPACITY)
    inside = line.station.in_flight
    line.station.cut_off()
    assert line.totals.cut == pytest.approx(inside)
    assert line.station.in_flight == 0.0


def test_answers_slower_than_the_idle_timeout_are_504s() -> None:
    line = Line(station(wait_time=40.0, workers=1000))
    line.run(6000, 10.0, step=5.0)
    slower = math.exp(-IDLE_TIMEOUT / 40.0)
    assert line.totals.late / line.totals.finished == pytest.approx(slower, rel=0.03)


def test_requests_that_waited_longer_than_the_idle_timeout_are_504s() -> None:
    line = Line(station(variation=0.0))
    line.run(300, 1.5 * CAPACITY)  # what starts after t seconds came after t / 1.5
    first = IDLE_TIMEOUT / (1 - 1 / 1.5)
    assert line.totals.late == pytest.approx((300 - first) * CAPACITY, rel=0.05)


@pytest.mark.parametrize("discipline", list(Discipline))
def test_a_steady_load_is_settled_and_a_heavy_one_is_not(discipline: Discipline) -> None:
    calm, heavy, mixture = station(), station(), Mixture()
    calm.step(0.0, 1.0, 0.7 * CAPACITY, discipline, 2, mixture)
    heavy.step(0.0, 1.0, 1.1 * CAPACITY, discipline, 2, mixture)
    assert (calm.unsettled, heavy.unsettled) == (False, True)
    assert calm.utilisation == pytest.approx(0.7)


def test_after_a_restart_the_queue_is_young_again() -> None:
    fresh, restarted = Line(station()), Line(station())
    restarted.run(600, 0.95 * CAPACITY)
    restarted.station.change(restarted.now, REFUSING)
    restarted.station.change(restarted.now, serving())
    for line in (fresh, restarted):
        line.run(5, 0.95 * CAPACITY)
    assert restarted.station.chance.wait == fresh.station.chance.wait
