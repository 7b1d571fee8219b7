"""Worlds to measure: the shipped template with so many targets at a steady or a daily rate."""

from __future__ import annotations

from attrs import evolve

from model.ec2.effects import Effect
from model.services import Service
from model.traffic.shapes import Constant, Pattern
from model.traffic.source import Source
from model.world import World
from scenarios.library import find
from scenarios.loader import load
from scenarios.scenario import Scenario

HOUR = 3600.0
DAY = 24 * HOUR


def scenario(
    targets: int,
    rate: float,
    duration: float,
    *,
    utilisation: float = 0.7,
    servers: int = 4,
    daily: bool = False,
) -> Scenario:
    """A fleet of `targets` with `servers` workers each, at so many requests per second in all.

    Everything of the template is at work: health checks, metrics, alarms, target tracking. With
    `daily` the rate swings around its mean, by half of it.
    """
    sizes = {"parameters.MinSize": str(targets), "parameters.MaxSize": str(targets)}
    large = {"parameters.InstanceType": "m5.xlarge", "parameters.CpuTarget": "90"}
    base = load(find("calm-day"), overrides=sizes | large).scenario
    service_time = utilisation * targets * servers / rate
    service = Service(
        name="web",
        runs_on=("WebGroup",),
        cpu_time=service_time / 50,
        wait_time=service_time * 49 / 50,
        workers=servers,
        backlog=1000,
        boot_time=10.0,
    )
    shape = Pattern(rate / 2, rate * 3 / 2) if daily else Constant(rate)
    source = Source(name="load", to="LoadBalancer", shape=shape)
    return evolve(
        base,
        history=600.0,
        duration=duration,
        services=(service,),
        traffic=(source,),
        expect=(),
    )


def tell_apart(world: World) -> None:
    """Make every instance a bit slower than the one before, so that each is computed by itself."""
    instances = world.ec2.instances.values()
    for number, instance in enumerate(instances):
        effect = Effect(slowdown=1 + 0.1 * number / len(instances))
        instance.set_effect(world.now, "own", effect)
