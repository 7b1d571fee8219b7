"""Random small worlds for the laws that hold in all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from model.cloudwatch.alarms import AlarmState
from model.traffic.shapes import Stage, Stages
from model.traffic.source import Request, Source
from scenarios.scenario import Scenario, TimelineEntry
from tests.model.samples import CAPACITY, A, B, action, scenario

MINUTES = (5, 8, 12)
GROUP = {"auto_scaling_group_name": "Group"}

DEEDS: list[tuple[str, dict[str, Any]]] = [
    ("aws:ec2:stop-instances", {"auto_scaling_groups": ("Group",), "count": 1}),
    ("aws:ec2:terminate-instances", {"services": ("web",), "percent": 50.0}),
    ("aws:ec2:reboot-instances", {"zones": (B,)}),
    ("aws:network:disrupt-connectivity", {"zones": (A,)}),
    ("aws:network:disrupt-connectivity", {"subnets": ("SubnetB",)}),
    (
        "aws:ssm:send-command",
        {"services": ("web",), "document_arn": "AWSFIS-Run-CPU-Stress"},
    ),
    (
        "aws:ssm:send-command",
        {"services": ("web",), "count": 1, "document_arn": "AWSFIS-Run-Kill-Process"},
    ),
    ("spillover:fail-health-checks", {"target_groups": ("Targets",)}),
    ("spillover:error-rate", {"services": ("web",), "percent": 30.0}),
    ("spillover:slow-responses", {"zones": (A,), "factor": 40.0}),
    ("spillover:memory-leak", {"services": ("web",), "time_to_exhaust": 100.0}),
    ("spillover:traffic-spike", {"requests_per_second": 2 * CAPACITY}),
    ("spillover:traffic-factor", {"factor": 0.0}),
    ("autoscaling:SetDesiredCapacity", {**GROUP, "desired_capacity": 1}),
    ("autoscaling:SetDesiredCapacity", {**GROUP, "desired_capacity": 4}),
    ("autoscaling:SetDesiredCapacity", {**GROUP, "desired_capacity": 9}),  # refused: above max
    ("autoscaling:SuspendProcesses", {**GROUP, "scaling_processes": ("Launch", "HealthCheck")}),
    ("autoscaling:ResumeProcesses", GROUP),
    ("cloudwatch:SetAlarmState", {"alarm_name": "Slow", "state_value": AlarmState.ALARM}),
    ("fis:StopExperiment", {}),
]
"""Faults and moves, each with its targets and parameters."""

TIMES = st.integers(0, 600).map(float) | st.floats(0.0, 600.0).map(lambda time: round(time, 3))


@st.composite
def entries(draw: st.DrawFn) -> TimelineEntry:
    """A line of a timeline; faults may end by themselves."""
    name, given = draw(st.sampled_from(DEEDS))
    lasting = name.startswith(("aws:", "spillover:"))
    duration = draw(st.sampled_from([None, 10.0, 90.0])) if lasting else None
    return TimelineEntry(draw(TIMES), action(name, duration=duration, **given))


STAGES = st.builds(
    Stages,
    st.floats(0, 2 * CAPACITY),
    st.lists(
        st.builds(Stage, st.sampled_from([0.0, 45.0, 150.0]), st.floats(0, 3 * CAPACITY)),
        max_size=3,
    ).map(tuple),
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A web tier of one to three instances, its traffic, and what happens to it."""
    sources = [Source(name="shoppers", to="Balancer", shape=draw(STAGES))]
    if draw(st.booleans()):
        lost = Request(port=draw(st.sampled_from([80, 81])))  # nothing listens on port 81
        shape = draw(STAGES)
        sources.append(Source(name="more", to="Balancer", shape=shape, request=lost, begins=100.0))
    return scenario(
        draw(st.integers(1, 3)),
        replaces=draw(st.booleans()),
        seed=draw(st.integers(0, 1000)),
        history=draw(st.sampled_from([0.0, 90.0])),
        duration=60.0 * draw(st.sampled_from(MINUTES)),
        traffic=tuple(sources),
        timeline=tuple(draw(st.lists(entries(), max_size=4))),
    )
