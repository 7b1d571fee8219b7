"""What an operator does to launch templates: new versions, and another default."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.ec2.launch_templates import LaunchTemplateData, NamedTemplate
from model.ec2.templates import LaunchTemplateError

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class _Named(NamedTemplate):
    """Which launch template a call is about."""

    INERT: ClassVar[frozenset[str]] = frozenset({"ClientToken", "DryRun"})


@frozen(kw_only=True)
class CreateLaunchTemplateVersion(_Named):
    """Parameters of the call: what the new version says, and what the rest is taken from."""

    INERT: ClassVar[frozenset[str]] = _Named.INERT | {"ResolveAlias", "TagSpecifications"}

    source_version: str | None = None
    version_description: str = ""
    launch_template_data: LaunchTemplateData


@frozen(kw_only=True)
class ModifyLaunchTemplate(_Named):
    """Parameters of the call: the version that `$Default` means from now on."""

    default_version: str = field()


@move("ec2:CreateLaunchTemplateVersion", CreateLaunchTemplateVersion)
def create_launch_template_version(world: World, action: Action) -> None:
    """Add a version to a launch template: groups on `$Latest` launch it from now on."""
    wanted: CreateLaunchTemplateVersion = action.parameters
    try:
        world.ec2.templates.create_version(
            wanted.template,
            wanted.launch_template_data,
            wanted.source_version,
            wanted.version_description,
        )
    except (LaunchTemplateError, ValueError) as error:
        raise _refusal(error) from error


@move("ec2:ModifyLaunchTemplate", ModifyLaunchTemplate)
def modify_launch_template(world: World, action: Action) -> None:
    """Make another version of a launch template the default one."""
    wanted: ModifyLaunchTemplate = action.parameters
    try:
        world.ec2.templates.set_default(wanted.template, wanted.default_version)
    except LaunchTemplateError as error:
        raise _refusal(error) from error


def _refusal(error: ValueError) -> ActionError:
    return ActionError(str(error), getattr(error, "code", "InvalidParameterValue"))
