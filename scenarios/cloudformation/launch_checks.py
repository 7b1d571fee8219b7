"""What is wrong between a group and what it launches from: found when both are seen together.

Sources: "Troubleshoot Amazon EC2 Auto Scaling: Launch templates" (a template is judged when a group
is made of it); "Auto Scaling groups with multiple instance types and purchase options".
"""

from __future__ import annotations

from collections.abc import Iterator

from model.autoscaling.launch_configurations import LaunchConfiguration
from model.autoscaling.launch_sources import unusable
from model.autoscaling.lifecycle_resources import WarmPool
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.warm_pool import unfit
from model.ec2.launch_templates import (
    LaunchTemplate,
    LaunchTemplateData,
    LaunchTemplateSpecification,
)
from model.ec2.machines import StandaloneInstance
from model.stack import Stack
from scenarios.cloudformation.problems import Problem

Place = tuple[str | int, ...]


def launch_problems(stack: Stack) -> Iterator[Problem]:
    """Instances that could not be launched as the template stands, of groups and by themselves, or
    not beforehand."""
    for pool in stack.of(WarmPool):
        owner = stack.resources[pool.auto_scaling_group_name]
        assert isinstance(owner, AutoScalingGroup)
        problem = unfit(owner, _source(stack, owner))
        if problem is not None:
            yield Problem((pool.logical_id, "Properties", "AutoScalingGroupName"), problem)
    for instance in stack.of(StandaloneInstance):
        yield from _of_instance(stack, instance)
    for group in stack.of(AutoScalingGroup):
        for place, wanted in _specifications(group):
            yield from _version(wanted.template, wanted.version, place)
            problem = unusable(group, wanted.template, _data(stack, wanted.template))
            if problem is not None:
                yield Problem(place, problem)


def _of_instance(stack: Stack, instance: StandaloneInstance) -> Iterator[Problem]:
    """An instance must have a type of its own, or its launch template has one."""
    properties: Place = (instance.logical_id, "Properties")
    wanted, data = instance.launch_template, instance.data
    if wanted is not None:
        place = (*properties, "LaunchTemplate")
        yield from _version(wanted.template, wanted.version, place)
        data = data.over(_data(stack, wanted.template))
        if data.instance_requirements is not None:
            yield Problem(
                place,
                f"{wanted.template} has InstanceRequirements, which are for groups; "
                "give InstanceType",
            )
            return
    if data.instance_type is None:
        yield Problem(properties, "InstanceType is missing: give one, or a LaunchTemplate with it")


def _specifications(
    group: AutoScalingGroup,
) -> Iterator[tuple[Place, LaunchTemplateSpecification]]:
    """All launch templates that a group launches from, each with where the template says so."""
    properties: Place = (group.logical_id, "Properties")
    if group.launch_template is not None:
        yield (*properties, "LaunchTemplate"), group.launch_template
    policy = group.mixed_instances_policy
    if policy is not None:
        mixed: Place = (*properties, "MixedInstancesPolicy", "LaunchTemplate")
        base = policy.launch_template.launch_template_specification
        yield (*mixed, "LaunchTemplateSpecification"), base
        for index, override in enumerate(policy.launch_template.overrides):
            if override.launch_template_specification is not None:
                place = (*mixed, "Overrides", index, "LaunchTemplateSpecification")
                yield place, override.launch_template_specification


def _source(stack: Stack, group: AutoScalingGroup) -> LaunchTemplateData:
    """What a group launches from, overrides left aside."""
    name = group.launch_configuration_name
    if name is not None:
        found = stack.resources[name]
        assert isinstance(found, LaunchConfiguration)
        return found.data
    assert group.template is not None
    return _data(stack, group.template.template)


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
