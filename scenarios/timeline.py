"""The `timeline:` section of a scenario file: actions, each checked against the register."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from attrs import evolve, field, frozen

from model.actions import (
    REGISTER,
    TARGET_KEYS,
    Action,
    ActionKind,
    Targets,
    first_lower,
    spelling,
)
from model.autoscaling.resources import AutoScalingGroup
from model.ec2.machines import StandaloneInstance
from model.ec2.resources import Subnet
from model.ecs.resources import Cluster
from model.elb.resources import TargetGroup
from model.fields import at_least, between
from model.functions.resources import Function
from model.rds.resources import DBCluster, DBInstance
from model.resources import ZONES
from model.services import Service
from model.stack import Stack
from scenarios.document import Document, Place
from scenarios.mistakes import Mistake, nearest
from scenarios.scenario import TimelineEntry
from scenarios.structure import Structurer, key_of

Style = Callable[[str], str]
DURATION = {"duration": True}
INSTANCE_ID = re.compile(r"i-[0-9a-f]{8,17}|\d{1,3}(\.\d{1,3}){3}")
"""An instance's id, or the address of an ip target."""
TASK_ID = re.compile(r"(arn:aws:ecs:[^/]+:task/[^/]+/)?[0-9a-f]{32}")
"""A task's id, or its ARN."""


@frozen(kw_only=True)
class TargetsItem:
    """What `targets:` says."""

    instances: tuple[str, ...] = field(default=(), metadata={"name": "Instances"})
    subnets: tuple[str, ...] = field(default=(), metadata={"name": "Subnets"})
    auto_scaling_groups: tuple[str, ...] = field(default=(), metadata={"name": "AutoScalingGroups"})
    zones: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    target_groups: tuple[str, ...] = ()
    functions: tuple[str, ...] = field(default=(), metadata={"name": "Functions"})
    tasks: tuple[str, ...] = field(default=(), metadata={"name": "Tasks"})
    clusters: tuple[str, ...] = field(default=(), metadata={"name": "Clusters"})
    db_instances: tuple[str, ...] = field(default=(), metadata={"name": "DBInstances"})
    count: int | None = field(default=None, validator=at_least(1))
    percent: float | None = field(default=None, validator=between(0, 100))

    def __attrs_post_init__(self) -> None:
        if self.count is not None and self.percent is not None:
            raise ValueError("give count or percent, not both")


@frozen(kw_only=True)
class Line:
    """A line under `timeline:`."""

    at: float = field(metadata=DURATION)
    action: str
    id: str | None = None
    targets: TargetsItem = TargetsItem()
    parameters: dict[str, Any] = field(factory=dict)
    duration: float | None = field(default=None, metadata={"name": "for", **DURATION})


class Timeline:
    """Reads the section, and gathers what is wrong or worth a remark."""

    def __init__(
        self,
        document: Document,
        stack: Stack,
        services: tuple[Service, ...],
        own: Structurer,
        aws: Structurer,
    ) -> None:
        """`own` structures Spillover's spelling, `aws` structures API parameters."""
        self.document = document
        self._stack = stack
        self._services = services
        self.own = own
        self._aws = aws
        self._fis = evolve(aws, style=first_lower)
        self.mistakes: list[Mistake] = []
        self.remarks: list[Mistake] = []

    def read(self, content: Any, duration: float) -> tuple[TimelineEntry, ...]:
        """The entries, in the order of the file."""
        if not isinstance(content, list):
            self._mistake(("timeline",), "timeline must be a list")
            return ()
        entries = []
        ids: set[str] = set()
        for index, value in enumerate(content):
            place: Place = ("timeline", index)
            line, mistakes = self.own.structure(value, Line, place)
            self.mistakes += mistakes
            if line is None:
                continue
            if line.id is not None and line.id in ids:
                self._mistake((*place, "id"), f"another line has the id {line.id} already")
            ids.add(line.id or "")
            action = self._action(line, place)
            if action is not None:
                entries.append(TimelineEntry(line.at, action))
            if line.at > duration:
                where = self.document.mark((*place, "at"))
                message = "this comes after the scenario's end and never happens"
                self.remarks.append(Mistake(where, message))
        return tuple(entries)

    def _mistake(self, place: Place, message: str, hint: str = "", *, key: bool = False) -> None:
        where = self.document.key(place) if key else self.document.mark(place)
        self.mistakes.append(Mistake(where, message, hint))

    def _action(self, line: Line, place: Place) -> Action | None:
        kind, targets = self.aim(line, place)
        if kind is None:
            return None
        parameters = self.parameters(kind, line.parameters, (*place, "parameters"))
        if parameters is None:
            return None
        action = Action(name=line.action, targets=targets, parameters=parameters, id=line.id)
        return evolve(action, duration=line.duration)

    def aim(self, line: Line, place: Place) -> tuple[ActionKind | None, Targets]:
        """What is to be done (None: nothing that is known), and to whom."""
        targets = Targets(
            **{key: getattr(line.targets, key) for key in (*TARGET_KEYS, "count", "percent")}
        )
        kind = REGISTER.get(line.action)
        if kind is None:
            hint = nearest(line.action, REGISTER)
            self._mistake((*place, "action"), f"there is no action {line.action}", hint)
            return None, targets
        if line.duration is not None and not kind.lasts:
            message = f"{kind.name} is done at once and takes no `for`"
            self._mistake((*place, "for"), message, key=True)
        self._check_targets(kind, targets, (*place, "targets"), place)
        return kind, targets

    def parameters(self, kind: ActionKind, given: dict[str, Any], place: Place) -> Any:
        """The parameters; an action of FIS spells them documentArn, an API DocumentArn."""
        structurers: dict[Style, Structurer] = {first_lower: self._fis, spelling: self._aws}
        style, written = _style(kind, given)
        spelled = dict(
            zip(written[spelling] + written[first_lower], written[style] * 2, strict=True)
        )
        renamed = {spelled.get(key, key): value for key, value in given.items()}
        made, mistakes = structurers[style].structure(renamed, kind.parameters, place)
        self.mistakes += mistakes
        return made

    def respelled(self, kind: ActionKind, given: dict[str, Any]) -> dict[str, Any]:
        """Parameters by their usual names, whichever of the two spellings they came in."""
        _, written = _style(kind, given)
        usual = written[first_lower if kind.is_fault else spelling]
        spelled = dict(zip(written[spelling] + written[first_lower], usual * 2, strict=True))
        return {spelled.get(key, key): value for key, value in given.items()}

    def _check_targets(self, kind: ActionKind, targets: Targets, place: Place, line: Place) -> None:
        named = targets.named()
        for key in named:
            if key not in kind.targets:
                allowed = ", ".join(sorted(kind.targets)) or "none at all"
                message = f"{kind.name} cannot be aimed at {key}; it takes {allowed}"
                self._mistake((*place, key), message, key=True)
        if kind.targets and not named:
            wanted = ", ".join(sorted(kind.targets))
            self._mistake(line, f"{kind.name} needs targets: one of {wanted}")
        if kind.targets and "Functions" not in kind.targets:
            self._check_instances(kind, targets, place)
        known: dict[str, list[str]] = {
            "zones": list(ZONES),
            "subnets": [item.logical_id for item in self._stack.of(Subnet)],
            "auto_scaling_groups": [i.logical_id for i in self._stack.of(AutoScalingGroup)],
            "target_groups": [item.logical_id for item in self._stack.of(TargetGroup)],
            "functions": [n for f in self._stack.of(Function) for n in sorted(f.identity.names)],
            "db_instances": [
                n for i in self._stack.of(DBInstance) for n in sorted(i.identity.names)
            ],
            "services": [service.name for service in self._services],
            "clusters": [
                name
                for cluster in (*self._stack.of(Cluster), *self._stack.of(DBCluster))
                for name in sorted(cluster.identity.names)
            ],
        }
        for field_name, names in known.items():
            for index, name in enumerate(getattr(targets, field_name)):
                if name not in names:
                    inner = (*place, TARGET_KEYS[field_name], index)
                    message = f"there is nothing named {name} among the {field_name}"
                    self._mistake(inner, message.replace("_", " "), nearest(name, names))
        for index, name in enumerate(targets.tasks):
            if not TASK_ID.fullmatch(name):
                message = f"{name!r} is no task's id: 32 hexadecimal digits, or its ARN"
                self._mistake((*place, "Tasks", index), message)
        for index, name in enumerate(targets.instances):
            single = [item.logical_id for item in self._stack.of(StandaloneInstance)]
            if name not in single and not INSTANCE_ID.fullmatch(name):
                inner = (*place, "Instances", index)
                self._mistake(inner, f"{name!r} is no instance id such as i-0123456789abcdef0")

    def _check_instances(self, kind: ActionKind, targets: Targets, place: Place) -> None:
        """Services and target groups that are all on Lambda functions have no instance."""
        functions = {function.logical_id for function in self._stack.of(Function)}
        services = {s.name for s in self._services if functions.issuperset(s.runs_on)}
        groups = {group.logical_id for group in self._stack.of(TargetGroup) if group.invokes}
        for key, without, why in (
            ("services", services, "runs on a Lambda function"),
            ("target_groups", groups, "has a Lambda function as its target"),
        ):
            names = getattr(targets, key)
            if without.issuperset(names):
                for index, name in enumerate(names):
                    message = f"{kind.name} takes instances; {name} {why}"
                    self._mistake((*place, key, index), message)


def _style(kind: ActionKind, given: dict[str, Any]) -> tuple[Style, dict[Style, list[str]]]:
    """How parameters are spelled, and the names of all there are in both spellings."""
    usual: Style = first_lower if kind.is_fault else spelling
    other: Style = spelling if kind.is_fault else first_lower
    fields = kind.parameter_fields.values()
    written = {style: [key_of(a, style) for a in fields] for style in (usual, other)}
    # one who spells otherwise throughout is read in that spelling, so that places fit
    style = other if given and set(given) <= {*written[other]} - {*written[usual]} else usual
    return style, written
