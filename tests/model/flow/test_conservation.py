"""What arrived at a station was answered, failed, or is still inside: always, exactly."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.flow.capability import REFUSING, SILENT, Answering, Capability
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline

CAPABILITIES = st.one_of(
    st.just(REFUSING),
    st.just(SILENT),
    st.builds(
        Capability,
        st.just(Answering.SERVING),
        cpu_time=st.sampled_from([0.0, 0.02, 0.5]),
        wait_time=st.sampled_from([0.0, 0.03, 4.0]),
        variation=st.sampled_from([0.0, 1.0, 2.0]),
        workers=st.sampled_from([1, 4, 64]),
        vcpus=st.sampled_from([0.5, 2]),
        backlog=st.sampled_from([0, 10, 1000]),
        latency=st.sampled_from([0.0, 0.2, 20.0]),
        error_rate=st.sampled_from([0.0, 0.3, 1.0]),
    ),
)
STEPS = st.tuples(
    st.sampled_from([0.25, 1.0, 5.0, 30.0]),
    st.sampled_from([0.0, 0.5, 40.0, 300.0]),
    st.sampled_from(list(Discipline)),
    st.sampled_from([1, 3]),
)
DEEDS = st.lists(st.one_of(CAPABILITIES, STEPS, st.just("cut off")), min_size=1, max_size=25)


@settings(max_examples=80, deadline=None)
@given(CAPABILITIES, DEEDS)
def test_arrived_is_finished_and_in_flight(first: Capability, deeds: list[object]) -> None:
    station, mixture, now = Station(first, idle_timeout=20.0), Mixture(), 0.0
    answered = 0.0
    for deed in deeds:
        before = attrs.astuple(station.totals)
        match deed:
            case Capability():
                station.change(now, deed)
            case (float(dt), float(rate), Discipline() as discipline, int(peers)):
                station.step(now, dt, rate * dt, discipline, peers, mixture)
                now += dt
            case "cut off":
                station.cut_off()
                assert station.in_flight == 0.0
        totals = station.totals
        assert totals.finished + station.in_flight == pytest.approx(
            totals.arrived, rel=1e-9, abs=1e-9
        )
        assert all(old <= new for old, new in zip(before, attrs.astuple(totals), strict=True))
        assert min(station.backlog, station.in_service, station.in_flight) >= 0.0
        answered = totals.succeeded + totals.errors
    assert mixture.histogram().sum() >= answered * (1 - 1e-9) - 1e-9


@settings(max_examples=30, deadline=None)
@given(DEEDS)
def test_after_long_silence_nothing_is_inside(deeds: list[object]) -> None:
    station, mixture, now = Station(REFUSING, idle_timeout=20.0), Mixture(), 0.0
    for deed in deeds:
        if isinstance(deed, Capability):
            station.change(now, deed)
        elif isinstance(deed, tuple):
            dt, rate, discipline, peers = deed
            station.step(now, dt, rate * dt, discipline, peers, mixture)
            now += dt
    for _ in range(100):
        station.step(now, 300.0, 0.0, Discipline.ROUND_ROBIN, 1, mixture)
        now += 300.0
    assert station.in_flight == pytest.approx(0.0, abs=1e-6)
    assert not station.unsettled
