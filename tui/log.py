"""The event pane's lines: what happened in the world, each thing in one line for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from heapq import merge
from typing import Any

from model.events.bus import CloudEvent
from model.events.rules import RuleDelivery
from model.functions.invocations import Invocation
from model.journal import Change
from model.world import World
from tui.widgets.event_log import LogKind, LogLine

REFRESH = "EC2 Auto Scaling Instance Refresh "
"""What the events of an instance refresh begin with."""


class LogReader:
    """Follows a world's events and health changes, and keeps the lines they make."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._events = 0
        self._changes = 0
        self._deliveries = 0
        self._invocations = 0
        self._lines: list[LogLine] = []

    def lines(self) -> tuple[LogLine, ...]:
        """All lines until now, oldest first."""
        events = self._world.bus.events[self._events :]
        changes = self._world.journal.changes[self._changes :]
        deliveries = self._world.rules.deliveries[self._deliveries :]
        invocations = self._world.invocations.invocations[self._invocations :]
        self._events += len(events)
        self._changes += len(changes)
        self._deliveries += len(deliveries)
        self._invocations += len(invocations)
        told = (
            ((event.time, 0, *line) for event in events for line in of_event(event)),
            ((change.time, 1, *line) for change in changes for line in of_change(change)),
            ((delivery.time, 2, *of_delivery(delivery)) for delivery in deliveries),
            ((one.time, 3, *line) for one in invocations for line in of_invocation(one)),
        )
        for time, _, kind, text in merge(*told, key=lambda item: item[:2]):
            self._lines.append(LogLine(f"{self._world.schedule.utc(time):%H:%M:%S}", kind, text))
        return tuple(self._lines)


def of_event(event: CloudEvent) -> Iterator[tuple[LogKind, str]]:
    """The line of an event, if it has one."""
    detail = event.detail
    match event.detail_type:
        case "FIS Experiment State Change":
            status = detail["new-state"]["status"]
            targets = dict(detail["targets"])
            tasks = [arn.rpartition("/")[2] for arn in targets.pop("tasks", [])]
            instances = [*targets.pop("instances"), *tasks]
            where = " ".join(name for names in targets.values() for name in names)
            where = where or " ".join(map(short_id, instances[:2]))
            began = status == "running"
            if status == "failed":
                yield "error", f"{detail['action-id']} failed: {detail['new-state']['reason']}"
                return
            name = detail["action-id"].removeprefix("aws:").removeprefix("spillover:")
            yield ("fault" if began else "success"), f"{name} {where} {status}".replace("  ", " ")
        case "AWS API Call via CloudTrail":
            given = " ".join(map(in_words, detail["requestParameters"].values()))
            error = f" refused: {detail['errorMessage']}" if "errorMessage" in detail else ""
            yield ("error" if error else "move"), f"{detail['eventName']} {given}{error}".rstrip()
        case "EC2 Instance Launch Successful":
            yield "scaling", f"launched {_short(detail)} in {_zone(detail)}"
        case "EC2 Instance Launch Unsuccessful":
            yield "error", f"launch of {_short(detail)} failed"
        case "EC2 Instance Terminate Successful":
            yield "scaling", f"terminated {_short(detail)} in {_zone(detail)}"
        case str(name) if name.startswith(REFRESH):
            what = name.removeprefix(REFRESH).lower()
            at = f" ({share} percent)" if (share := detail.get("CheckpointPercentage")) else ""
            kind_of: dict[str, LogKind] = {"succeeded": "success", "failed": "error"}
            group = detail["AutoScalingGroupName"]
            yield kind_of.get(what, "scaling"), f"instance refresh of {group} {what}{at}"
        case "ECS Task State Change":
            yield from of_task(detail)
        case "ECS Deployment State Change":
            why = _DEPLOYMENT.sub("", detail["reason"]).removeprefix("ECS ").removesuffix(".")
            yield DEPLOYED[detail["eventName"]], f"{_service(event)}: {why}"
        case "ECS Service Action" if told := ACTIONS.get(detail["eventName"]):
            yield told[0], f"{_service(event)} {told[1]}"
        case "CloudWatch Alarm State Change":
            state = detail["state"]["value"]
            kind: LogKind = "alarm" if state == "ALARM" else "success" if state == "OK" else "muted"
            yield kind, f"{alarm_name(detail['alarmName'])} is {state}"


_DEPLOYMENT = re.compile(r"( to deploymentId)? ecs-svc/\d+")
"""A deployment's id, of which nobody reads the digits."""
DEPLOYED: dict[str, LogKind] = {
    "SERVICE_DEPLOYMENT_IN_PROGRESS": "scaling",
    "SERVICE_DEPLOYMENT_COMPLETED": "success",
    "SERVICE_DEPLOYMENT_FAILED": "error",
}
"""What a deployment of a service of containers came to."""
ACTIONS: dict[str, tuple[LogKind, str]] = {
    "SERVICE_STEADY_STATE": ("success", "has reached a steady state"),
    "SERVICE_TASK_START_IMPAIRED": ("warning", "is unable to consistently start tasks"),
    "SERVICE_TASK_PLACEMENT_FAILURE": ("error", "is unable to place a task"),
    "SERVICE_REBALANCING_STARTED": ("scaling", "evens out its zones"),
    "SERVICE_REBALANCING_COMPLETED": ("success", "is balanced over its zones"),
}
"""What its scheduler did, in words."""


def of_task(detail: Mapping[str, Any]) -> Iterator[tuple[LogKind, str]]:
    """The line of a task that runs, or that begins to end."""
    task = short_id(detail["taskArn"].rpartition("/")[2])
    match detail["lastStatus"]:
        case "RUNNING":
            yield "scaling", f"task {task} runs in {detail['availabilityZone']}"
        case "DEACTIVATING":
            yield "scaling", f"task {task} ends: {detail['stoppedReason']}"
        case "DEPROVISIONING" if "startedAt" not in detail:
            yield "warning", f"task {task} did not start: {detail['stoppedReason']}"


def _service(event: CloudEvent) -> str:
    return event.resources[0].rpartition("/")[2]


def of_delivery(delivery: RuleDelivery) -> tuple[LogKind, str]:
    """The line of what a rule told a target."""
    name = re.split("[:/]", delivery.arn.removesuffix(":*"))[-1]
    text = f"rule {delivery.rule} → {name}"
    if delivery.error:
        return "error", f"{text} failed: {delivery.error}"
    return "info", text


def of_invocation(invocation: Invocation) -> Iterator[tuple[LogKind, str]]:
    """The line of a function that failed; what others did, their API calls tell."""
    if invocation.error:
        yield "error", f"{invocation.function} failed: {invocation.error}"


def of_change(change: Change) -> Iterator[tuple[LogKind, str]]:
    """The line of a change that AWS has no event for, if it has one."""
    if change.aspect == "health":
        status = change.value
        target = short_id(change.resource.split("/", 1)[1])
        match status.state:
            case "healthy":
                yield "success", f"{target} is healthy"
            case "unhealthy":
                yield "warning", f"{target} is unhealthy: {status.reason}"
            case "draining":
                yield "muted", f"{target} is draining"
            case "InService":
                yield "success", f"{target} is in service"
            case "OutOfService" if status.reason == "Instance":
                yield "warning", f"{target} is out of service"
    elif change.aspect == "in_dns":
        balancer, zone = change.resource.split("/", 1)
        yield (
            ("success", f"{balancer} is back in DNS in {zone}")
            if change.value
            else ("warning", f"{balancer} left DNS in {zone}")
        )
    elif change.aspect == "record":
        name, _, record = change.resource.partition("/")
        yield (
            ("success", f"{name} {record} is healthy")
            if change.value
            else ("warning", f"{name} {record} is unhealthy")
        )


def in_words(value: Any) -> str:
    """A parameter of an API call in a few words: an action by where it leads, an attribute as
    key=value, a target by its id, a
    record by its name and weight."""
    match value:
        case [*items]:
            return ", ".join(map(in_words, items))
        case {"type": "forward", "forwardConfig": {"targetGroups": groups}}:
            weights = [f"{g['targetGroupArn']} {g.get('weight', 0)}" for g in groups]
            return f"→ {', '.join(weights)}"
        case {"type": "forward", "targetGroupArn": group}:
            return f"→ {group}"
        case {"action": verb, "resourceRecordSet": {"name": name, **record}}:
            which = record.get("setIdentifier", record["type"])
            weight = f" weight {record['weight']}" if "weight" in record else ""
            return f"{verb} {name} {which}{weight}"
        case {"type": kind, **config}:
            return f"→ {kind} {' '.join(map(in_words, config.values()))}"
        case {"key": key, "value": given}:
            return f"{key}={given}"
        case {"id": name, **rest}:
            return short_id(name) + "".join(f":{port}" for port in rest.values())
        case {**fields}:
            return " ".join(map(in_words, fields.values()))
    return str(value)


def alarm_name(name: str) -> str:
    """An alarm's name without the tail of random digits that AWS gives its own."""
    if not name.startswith("TargetTracking-"):
        return name
    head, sep, _ = name.partition("-AlarmHigh-")
    if not sep:
        head, sep, _ = name.partition("-AlarmLow-")
    return head + sep.rstrip("-")


def short_id(name: str) -> str:
    """`i-0123456789abcdef0:8080` as `i-0123456`; an address is left whole."""
    short = name.partition(":")[0]
    return short if short.count(".") == 3 else short[:9]


def _short(detail: object) -> str:
    assert isinstance(detail, dict)
    return short_id(str(detail["EC2InstanceId"]))


def _zone(detail: object) -> str:
    assert isinstance(detail, dict)
    return str(detail["Details"]["Availability Zone"])
