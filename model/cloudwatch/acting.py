"""What alarms do on entering a state: tell a topic, invoke a function, act on an instance, scale.

Sources: "Alarm actions", "Create alarms to stop, terminate, reboot, or recover an EC2 instance",
"Invoke a Lambda function from an alarm". All actions are run on entering the state; those of
scaling policies again every minute that it lasts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import frozen

from model.clock import Schedule
from model.cloudwatch.alarms import AlarmState, Slot
from model.cloudwatch.history import AlarmHistory, HistoryItem, HistoryKind
from model.events.delivery import NO_RESOURCE, DeliveryError
from model.events.sns import Sns
from model.resources import REGION

_AUTOMATE = re.compile(rf"arn:aws:automate:{REGION}:ec2:(stop|terminate|reboot|recover)")
_WORKFLOW = re.compile(
    rf"arn:aws:swf:{REGION}:\d{{12}}:action/actions/AWS_EC2\.InstanceId\."
    r"(Stop|Terminate|Reboot|Recover)/1\.0"
)
_RECORDED = re.compile(r"arn:aws:(ssm|ssm-incidents|aiops):[^:]*:\d{12}:\S+")
"""OpsItems, incidents and investigations: nothing in the simulated cloud follows from them."""
PRINCIPAL = "lambda.alarms.cloudwatch.amazonaws.com"
"""Who invokes a function for an alarm."""


def instance_action(arn: str) -> str | None:
    """What an action does to the instance: stop, terminate, reboot or recover; None: it is none."""
    found = _AUTOMATE.fullmatch(arn) or _WORKFLOW.fullmatch(arn)
    return None if found is None else found[1].lower()


def recorded(arn: str) -> bool:
    """Whether all that is done of an action is to write it down."""
    return _RECORDED.fullmatch(arn) is not None


def known_arn(arn: str) -> bool:
    """Whether an action needs nothing of the template."""
    return instance_action(arn) is not None or recorded(arn)


@frozen
class Invocation:
    """A scaling policy is told that its alarm is in this state."""

    alarm: str
    state: AlarmState
    judged: tuple[Slot, ...]
    """The newest periods that the alarm judged, newest first."""
    threshold: float

    @property
    def values(self) -> tuple[float, ...]:
        """The datapoints of those."""
        return tuple([slot.value for slot in self.judged if slot.value is not None])


@frozen
class Occasion:
    """An alarm has entered a state: what its actions are told."""

    name: str
    arn: str
    subject: str
    message: Mapping[str, Any]
    """What subscribers of a topic are told."""
    payload: Mapping[str, Any]
    """What a function is."""
    instance: str | None = None
    """The instance that the alarm's metric is about, if it is about one."""
    invocation: Invocation | None = None


class Actions:
    """Runs the actions of alarms."""

    def __init__(
        self,
        schedule: Schedule,
        sns: Sns,
        history: AlarmHistory,
        arns: Mapping[str, str],
        functions: Iterable[str],
    ) -> None:
        """`arns` are those of what can be acted on, by logical id; `functions` those ids that are
        functions'."""
        self._schedule = schedule
        self._sns = sns
        self._history = history
        self._arns = arns
        self._functions = frozenset(functions)
        self.scale: Callable[[str, Invocation], bool] | None = None
        """Invokes the scaling policy of that id, if there is one, and says whether there is."""
        self.invoke: Callable[[str, Any, str, str], None] | None = None
        """Invokes the function of an ARN with a payload, in the name of a service's principal and
        the ARN of what made it. Raises `DeliveryError`."""
        self.operate: Callable[[str, str], None] | None = None
        """Does something (stop, ...) to an instance. Raises `DeliveryError`."""

    def scales(self, action: str) -> bool:
        """Whether it is one of a scaling policy, if it is any."""
        known = action in self._sns.topics or action in self._functions
        return not known and not known_arn(action)

    def named(self, actions: Iterable[str]) -> list[str]:
        """Their ARNs."""
        return [self._arns.get(action, action) for action in actions]

    def enter(self, actions: Iterable[str], occasion: Occasion) -> None:
        """An alarm has entered a state: run its actions."""
        for action in actions:
            arn = self._arns.get(action, action)
            data = {"notificationResource": arn}
            try:
                self._run(action, occasion)
            except DeliveryError as problem:
                summary = f"Failed to execute action {arn}. {problem}"
                data |= {"actionState": "Failed", "error": str(problem)}
            else:
                summary = f"Successfully executed action {arn}"
                data |= {"actionState": "Succeeded"}
            now = self._schedule.now
            item = HistoryItem(now, occasion.name, HistoryKind.ACTION, summary, data)
            self._history.note(item)

    def repeat(self, actions: Iterable[str], invocation: Invocation) -> None:
        """An alarm stays in a state: tell scaling policies again."""
        assert self.scale is not None
        for action in actions:
            self.scale(action, invocation)

    def _run(self, action: str, occasion: Occasion) -> None:
        done = instance_action(action)
        if action in self._sns.topics:
            self._sns.publish(action, occasion.subject, json.dumps(occasion.message))
        elif action in self._functions:
            assert self.invoke is not None
            self.invoke(self._arns[action], occasion.payload, PRINCIPAL, occasion.arn)
        elif done is not None:
            assert self.operate is not None
            if occasion.instance is None:
                raise DeliveryError(NO_RESOURCE, "the alarm's metric has no dimension InstanceId")
            self.operate(done, occasion.instance)
        elif not known_arn(action):
            told = occasion.invocation
            if told is None or self.scale is None or not self.scale(action, told):
                raise DeliveryError(NO_RESOURCE, "there is no such scaling policy")
