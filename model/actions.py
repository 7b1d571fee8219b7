"""One verb for change: every fault, operator's move, timeline line and key press is an `Action`.

An action bears AWS's own name (an AWS FIS action id, or `service:Operation`) where AWS has one, and
`spillover:...` where it has not. What can be done is kept in one register: services add their moves
and the fault families add theirs, each with the class of its parameters and the function that
carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import Attribute, asdict, field, fields_dict, frozen

if TYPE_CHECKING:
    from model.world import World


class ActionError(ValueError):
    """The action cannot be done in this world; the message says why, for a person."""

    def __init__(self, message: str, code: str = "ValidationError") -> None:
        super().__init__(message)
        self.code = code
        """AWS's error code."""


@frozen(kw_only=True)
class Targets:
    """What an action is aimed at, in FIS's names and Spillover's shorthands (snake_case)."""

    instances: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    auto_scaling_groups: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    target_groups: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    """Of Amazon ECS or of Aurora."""
    db_instances: tuple[str, ...] = ()
    count: int | None = None
    """Take this many of what is named, chosen by the seed; None: all."""
    percent: float | None = None
    """Take this share of what is named, rounded up; None: all."""

    def named(self) -> tuple[str, ...]:
        """Which keys name something, as a scenario file spells them."""
        return tuple(TARGET_KEYS[key] for key in TARGET_KEYS if getattr(self, key))


TARGET_KEYS: Mapping[str, str] = {
    "instances": "Instances",
    "subnets": "Subnets",
    "auto_scaling_groups": "AutoScalingGroups",
    "zones": "zones",
    "services": "services",
    "target_groups": "target_groups",
    "functions": "Functions",
    "tasks": "Tasks",
    "clusters": "Clusters",
    "db_instances": "DBInstances",
}
"""How a scenario file spells each kind of target."""


@frozen
class NoParameters:
    """For actions that take none."""


@frozen(kw_only=True)
class Action:
    """One change to the world. `parameters` is an instance of the register's class for `name`."""

    name: str
    targets: Targets = Targets()
    parameters: Any = NoParameters()
    duration: float | None = None
    """Seconds until a fault ends by itself; None: until it is lifted (moves never have one)."""
    id: str | None = None


Handler = Callable[["World", Action], None]


@frozen(kw_only=True)
class ActionKind:
    """An entry of the register."""

    name: str
    summary: str
    """One sentence for help, the palette and the guide."""
    parameters: type
    """An attrs class; its fields are the snake_case of the API's parameter names."""
    targets: frozenset[str]
    """Which `TARGET_KEYS` it can be aimed at; empty: it takes no targets."""
    is_fault: bool
    """Faults are aimed at targets, moves name what they change in their parameters."""
    lasts: bool
    """Whether it may have a duration and can be lifted; else it is done at once."""
    handler: Handler = field(repr=False)

    @property
    def parameter_fields(self) -> dict[str, Attribute[Any]]:
        """What can be said of it, by field."""
        fields = fields_dict(self.parameters)
        return {name: attribute for name, attribute in fields.items() if attribute.init}


REGISTER: dict[str, ActionKind] = {}


def move(name: str, parameters: type = NoParameters) -> Callable[[Handler], Handler]:
    """Register an operator's move; the handler's docstring is its summary."""
    return _register(name, parameters, frozenset(), is_fault=False, lasts=False)


def fault(
    name: str,
    parameters: type = NoParameters,
    *,
    targets: frozenset[str] | set[str],
    lasts: bool = True,
) -> Callable[[Handler], Handler]:
    """Register a fault; the handler's docstring is its summary."""
    return _register(name, parameters, frozenset(targets), is_fault=True, lasts=lasts)


def _register(
    name: str, parameters: type, targets: frozenset[str], *, is_fault: bool, lasts: bool
) -> Callable[[Handler], Handler]:
    def add(handler: Handler) -> Handler:
        if name in REGISTER:
            raise ValueError(f"{name} is registered twice")
        REGISTER[name] = ActionKind(
            name=name,
            summary=" ".join((handler.__doc__ or "").split()),
            parameters=parameters,
            targets=targets,
            is_fault=is_fault,
            lasts=lasts,
            handler=handler,
        )
        return handler

    return add


def api_call(
    action: Action, refusal: ActionError | None, caller: str = ""
) -> tuple[str, str, tuple[str, ...], Mapping[str, Any]]:
    """A move as CloudTrail puts it on the event bus (source, detail-type, resources, detail).

    `caller` is the ARN of the session that a function (or a rule) made it in; none: an operator's.
    """
    service, _, operation = action.name.partition(":")
    parameters = _lower_camel(asdict(action.parameters, filter=lambda field, _: field.init))
    detail: dict[str, Any] = {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation,
        "requestParameters": parameters,
    }
    if caller:
        detail["userIdentity"] = {"type": "AssumedRole", "arn": caller}
    if refusal is not None:
        detail |= {"errorCode": refusal.code, "errorMessage": str(refusal)}
    return f"aws.{service}", "AWS API Call via CloudTrail", (), detail


def _lower_camel(value: Any) -> Any:
    """Parameters as CloudTrail spells them: `desiredCapacity`; what was not given is left out."""
    if isinstance(value, dict):
        given = {key: inner for key, inner in value.items() if inner not in (None, (), "")}
        return {first_lower(key): _lower_camel(inner) for key, inner in given.items()}
    if isinstance(value, tuple | list):
        return [_lower_camel(inner) for inner in value]
    return value


def first_lower(name: str) -> str:
    """`document_arn` as AWS FIS and CloudTrail spell it: documentArn."""
    spelled = spelling(name)
    return spelled[0].lower() + spelled[1:]


def spelling(name: str) -> str:
    """A parameter's name as AWS spells it: `desired_capacity` is DesiredCapacity."""
    return "".join(part.capitalize() for part in name.split("_"))
