"""The versions of launch templates: what `$Latest`, `$Default` and a number mean at present.

Sources: API CreateLaunchTemplateVersion and ModifyLaunchTemplate.
"""

from __future__ import annotations

from attrs import define, field, frozen

from model.ec2.launch_templates import (
    LaunchTemplate,
    LaunchTemplateData,
    LaunchTemplateSpecification,
)
from model.stack import Stack


class LaunchTemplateError(ValueError):
    """The API refuses a call; the message is AWS's reason."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@frozen
class TemplateVersion:
    """One version of a launch template."""

    template: str
    """By logical id."""
    number: int
    data: LaunchTemplateData
    description: str = ""


@define(eq=False)
class _Template:
    versions: list[TemplateVersion] = field(factory=list)
    default: int = 1


class LaunchTemplates:
    """The launch templates of one region, by logical id."""

    def __init__(self, stack: Stack) -> None:
        self._templates: dict[str, _Template] = {}
        for resource in stack.of(LaunchTemplate):
            name = resource.logical_id
            first = TemplateVersion(name, 1, resource.launch_template_data)
            self._templates[name] = _Template([first])

    def __contains__(self, template: str) -> bool:
        return template in self._templates

    def resolve(self, wanted: LaunchTemplateSpecification) -> TemplateVersion:
        """The version that a specification means at present."""
        return self.version(wanted.template, wanted.version)

    def version(self, template: str, version: str) -> TemplateVersion:
        """A version by its number, `$Latest` or `$Default`. Raises `LaunchTemplateError`."""
        found = self._found(template)
        match version:
            case "$Latest":
                return found.versions[-1]
            case "$Default":
                return found.versions[found.default - 1]
        number = int(version) if version.isdecimal() else 0
        if not 1 <= number <= len(found.versions):
            raise LaunchTemplateError(
                f"Could not find launch template version {version} of {template}; "
                f"the latest is {len(found.versions)}",
                "InvalidLaunchTemplateId.VersionNotFound",
            )
        return found.versions[number - 1]

    def default(self, template: str) -> int:
        """The number of the default version."""
        return self._found(template).default

    def latest(self, template: str) -> int:
        """The number of the newest version."""
        return len(self._found(template).versions)

    def create_version(
        self,
        template: str,
        data: LaunchTemplateData,
        source: str | None = None,
        description: str = "",
    ) -> TemplateVersion:
        """CreateLaunchTemplateVersion: what `data` does not say is as in the source, if any."""
        found = self._found(template)
        if source is not None:
            data = data.over(self.version(template, source).data)
        made = TemplateVersion(template, len(found.versions) + 1, data, description)
        found.versions.append(made)
        return made

    def set_default(self, template: str, version: str) -> None:
        """ModifyLaunchTemplate: `$Default` means another version from now on."""
        self._found(template).default = self.version(template, version).number

    def _found(self, template: str) -> _Template:
        if template not in self._templates:
            raise LaunchTemplateError(
                f"The specified launch template, with template ID {template}, does not exist.",
                "InvalidLaunchTemplateId.NotFound",
            )
        return self._templates[template]
