"""What is wrong between a group and what it launches from: found when both are seen together.

Sources: "Troubleshoot Amazon EC2 Auto Scaling: Launch templates" (a template is judged when a group
is made of it); "Auto Scaling groups with multiple instance types and purchase options".
"""

from __future__ import annotations

from collections.abc import Iterator

from model.autoscaling.resources import AutoScalingGroup
from model.ec2.launch_templates import LaunchTemplate, LaunchTemplateData
from model.stack import Stack
from scenarios.cloudformation.problems import Problem

Place = tuple[str | int, ...]


def launch_problems(stack: Stack) -> Iterator[Problem]:
    """Groups whose instances could not be launched as the template stands."""
    for group in stack.of(AutoScalingGroup):
        properties: Place = (group.logical_id, "Properties")
        wanted = group.launch_template
        policy = group.mixed_instances_policy
        if wanted is not None:
            place = (*properties, "LaunchTemplate")
            yield from _version(wanted.template, wanted.version, place)
            data = _data(stack, wanted.template)
            if data.instance_type is None and data.instance_requirements is None:
                yield Problem(place, f"{wanted.template} says no InstanceType")
        if policy is not None:
            mixed: Place = (*properties, "MixedInstancesPolicy", "LaunchTemplate")
            base = policy.launch_template.launch_template_specification
            place = (*mixed, "LaunchTemplateSpecification")
            yield from _version(base.template, base.version, place)
            yield from _on_demand(stack, base.template, place)
            overrides = policy.launch_template.overrides
            if not overrides and _data(stack, base.template).instance_type is None:
                yield Problem(mixed, f"{base.template} says no InstanceType: give Overrides")
            for index, override in enumerate(overrides):
                other = override.launch_template_specification
                if other is not None:
                    place = (*mixed, "Overrides", index, "LaunchTemplateSpecification")
                    yield from _version(other.template, other.version, place)
                    yield from _on_demand(stack, other.template, place)


def _data(stack: Stack, template: str) -> LaunchTemplateData:
    found = stack.resources[template]
    assert isinstance(found, LaunchTemplate)
    return found.launch_template_data


def _version(template: str, version: str, place: Place) -> Iterator[Problem]:
    if version.isdecimal() and version != "1":
        yield Problem(
            (*place, "Version"),
            f"{template} has no version {version}: CloudFormation makes version 1 "
            f"(!GetAtt {template}.LatestVersionNumber)",
        )


def _on_demand(stack: Stack, template: str, place: Place) -> Iterator[Problem]:
    if _data(stack, template).spot:
        yield Problem(
            place,
            f"{template} asks for Spot instances by InstanceMarketOptions, which does not go with "
            "a MixedInstancesPolicy: that says itself how much is Spot",
        )
