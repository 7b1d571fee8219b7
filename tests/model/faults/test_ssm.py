"""Documents that AWS FIS runs on instances: CPU stress, network latency, a killed process.

Source: "Use Systems Manager SSM documents with AWS FIS".
"""

from __future__ import annotations

from typing import Any

import pytest

from model.faults.ssm import SendCommand
from model.world import World
from tests.model.faults.samples import calm, condition, do, lift, metric, view
from tests.model.samples import instances

BOOT = 20.0
"""Seconds that the sample's service takes to start."""


def send(
    world: World, document: str, duration: float | None = None, count: int = 1, **given: Any
) -> None:
    do(
        world,
        "aws:ssm:send-command",
        duration,
        services=("web",),
        count=count,
        document_arn=f"arn:aws:ssm:us-east-1::document/{document}",
        document_parameters=given,
    )


@pytest.mark.parametrize(("given", "percent"), [({}, 100.0), ({"LoadPercent": "70"}, 70.0)])
def test_cpu_stress_uses_so_much_of_the_cpu(given: dict[str, Any], percent: float) -> None:
    world = calm(1, rate=0.0)
    send(world, "AWSFIS-Run-CPU-Stress", **given)
    world.run(300.0)
    (one,) = instances(world)
    assert metric(world, "CPUUtilization", 120, 240, InstanceId=one.id) == pytest.approx(
        [percent, percent]
    )


def test_a_service_beside_full_cpu_stress_keeps_its_fair_half() -> None:
    world = calm(1)
    (one,) = instances(world)
    before = one.capability().capacity
    send(world, "AWSFIS-Run-CPU-Stress")
    assert one.capability().capacity == pytest.approx(before / 2)
    lift(world)
    send(world, "AWSFIS-Run-CPU-Stress", LoadPercent=30)
    assert one.capability().capacity == pytest.approx(before * 0.7)


@pytest.mark.parametrize(("given", "delay"), [({}, 0.2), ({"DelayMilliseconds": 750}, 0.75)])
def test_network_latency_delays_every_answer(given: dict[str, Any], delay: float) -> None:
    world = calm(1, rate=10.0)
    world.run(180.0)
    send(world, "AWSFIS-Run-Network-Latency", **given)
    world.run(300.0)
    before, _, after = metric(world, "TargetResponseTime", 120, 300)
    assert after - before == pytest.approx(delay, rel=0.1)


def test_a_killed_process_refuses_connections_until_the_end_and_its_start() -> None:
    world = calm(1, rate=10.0)
    before = condition(world)
    send(world, "AWSFIS-Run-Kill-Process", 60.0, ProcessName="web")
    assert [item.state.value for item in instances(world)] == ["running"]
    world.run(120.0 + BOOT - 0.1)
    assert not instances(world)[0].service_up
    assert view(world, instances(world)[0]).reason == "Target.FailedHealthChecks"
    world.run(120.0 + BOOT)
    assert condition(world) == before
    world.run(240.0)
    whole, part = metric(world, "HTTPCode_ELB_502_Count", 60, 240)
    assert whole == pytest.approx(600, abs=1)
    assert part == pytest.approx(200, abs=40)  # drawn from 20 of 60 seconds


def test_a_process_killed_twice_starts_when_the_second_fault_ends() -> None:
    world = calm(1)
    send(world, "AWSFIS-Run-Kill-Process", 60.0)
    world.run(90.0)
    send(world, "AWSFIS-Run-Kill-Process", 60.0)
    world.run(150.0 + BOOT - 0.1)
    assert not instances(world)[0].service_up
    world.run(150.0 + BOOT)
    assert instances(world)[0].service_up


def test_document_parameters_may_be_json_text_as_fis_takes_it() -> None:
    command = SendCommand(
        document_arn="AWSFIS-Run-CPU-Stress", document_parameters='{"LoadPercent": "90"}'
    )
    assert command.document_parameters == {"LoadPercent": "90"}


@pytest.mark.parametrize(
    ("document", "parameters", "message"),
    [
        ("AWSFIS-Run-Disk-Fill", {}, "AWSFIS-Run-Disk-Fill is not simulated"),
        ("AWSFIS-Run-CPU-Stress", "LoadPercent=90", "not JSON"),
        ("AWSFIS-Run-CPU-Stress", "[1]", "JSON object"),
        ("AWSFIS-Run-CPU-Stress", {"LoadPercent": "much"}, "must be a number, not 'much'"),
        ("AWSFIS-Run-CPU-Stress", {"LoadPercent": 101}, "from 0 to 100"),
        ("AWSFIS-Run-Network-Latency", {"DelayMilliseconds": -1}, "at least 0"),
    ],
)
def test_what_cannot_be_run_is_told(document: str, parameters: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SendCommand(document_arn=document, document_parameters=parameters)


def test_a_document_ends_after_its_own_duration() -> None:
    world = calm(1, rate=0.0)
    send(world, "AWSFIS-Run-Network-Latency", DelayMilliseconds=100, DurationSeconds=30)
    began = world.now
    world.run(began + 29.0)
    assert world.faults.active
    world.run(began + 31.0)
    assert not world.faults.active
