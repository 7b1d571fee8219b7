"""Targets that no Auto Scaling group launched: instances of the template, and machines that are
known by their addresses alone (on-premises, or in a peered network)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from attrs import Attribute, field, frozen

from model.ec2.instance_types import InstanceType
from model.ec2.instances import Instance, InstanceState, Roster
from model.ec2.launch_templates import (
    CreditSpecification,
    LaunchTemplateData,
    LaunchTemplateSpecification,
    Monitoring,
    known_type,
    user_data,
)
from model.ec2.resources import SecurityGroupId, Subnet, SubnetId
from model.ec2.volumes import BlockDeviceMapping
from model.fields import FieldError, length, one_of
from model.resources import Resource
from model.services import Service

PRIVATE = tuple(
    map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
)
"""The addresses that a target can have ("Target groups for your Application Load Balancers")."""
ANYWHERE = "all"
"""The zone of an address outside the VPC."""
MACHINE_MEMORY = 16.0
"""GiB of a machine that is no instance; nothing hangs on it."""


@frozen(kw_only=True)
class InstanceCredits:
    """How a burstable instance spends CPU credits."""

    cpu_credits: str | None = field(
        default=None,
        metadata={"name": "CPUCredits"},
        validator=one_of("standard", "unlimited"),
    )


@frozen(kw_only=True)
class StandaloneInstance(Resource):
    """An instance that no group keeps."""

    TYPE: ClassVar[str] = "AWS::EC2::Instance"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "AdditionalInfo",
            "AvailabilityZone",
            "CpuOptions",
            "DisableApiTermination",
            "EbsOptimized",
            "HibernationOptions",
            "IamInstanceProfile",
            "InstanceInitiatedShutdownBehavior",
            "MetadataOptions",
            "PrivateDnsNameOptions",
            "PropagateTagsToVolumeOnCreation",
            "SourceDestCheck",
            "Tags",
            "Tenancy",
            "Volumes",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "NetworkInterfaces": "give SubnetId and SecurityGroupIds instead",
    }

    launch_template: LaunchTemplateSpecification | None = None
    """What it is launched from, but for what it says itself."""
    image_id: str | None = None
    instance_type: str | None = field(default=None, validator=known_type)
    subnet_id: SubnetId
    security_group_ids: tuple[SecurityGroupId, ...] = ()
    monitoring: bool | None = None
    private_ip_address: str | None = field(default=None)
    block_device_mappings: tuple[BlockDeviceMapping, ...] = ()
    key_name: str | None = field(default=None, validator=length(1, 255))
    user_data: str | None = field(default=None, validator=user_data)
    credit_specification: InstanceCredits | None = None
    data: LaunchTemplateData = field(init=False)
    """How it is launched, as far as it says so itself."""

    @private_ip_address.validator
    def _address(self, attribute: Attribute[str | None], value: str | None) -> None:
        problem = None if value is None else address_problem(value)
        if problem is not None:
            raise FieldError(attribute, f"must be a private address: {problem}")

    @data.default
    def _launch_data(self) -> LaunchTemplateData:
        credits = self.credit_specification
        mode = None if credits is None else credits.cpu_credits
        return LaunchTemplateData(
            block_device_mappings=self.block_device_mappings,
            key_name=self.key_name,
            image_id=self.image_id,
            instance_type=self.instance_type,
            monitoring=None if self.monitoring is None else Monitoring(enabled=self.monitoring),
            security_group_ids=self.security_group_ids,
            credit_specification=None if mode is None else CreditSpecification(cpu_credits=mode),
        )


def address_problem(value: str) -> str | None:
    """What is wrong with the address of a target, if anything is."""
    try:
        address = IPv4Address(value)
    except ValueError:
        return f"an ip target is an address such as 10.0.0.5, not {value!r}"
    if not any(address in network for network in PRIVATE):
        return f"a target must have a private address ({', '.join(map(str, PRIVATE))}), not {value}"
    return None


def machine(
    address: str,
    zone: str | None,
    subnets: Iterable[Subnet],
    services: tuple[Service, ...],
    roster: Roster,
) -> Instance:
    """What answers at an address: it was there before, and its software runs.

    It has as many vCPUs as its service says. An address of a subnet is in the subnet's zone.
    """
    place = next(
        (s for s in subnets if IPv4Address(address) in IPv4Network(s.cidr_block, strict=False)),
        None,
    )
    return Instance(
        id=address,
        type=InstanceType(
            "machine", max((s.vcpus for s in services), default=1), MACHINE_MEMORY, 0
        ),
        zone=place.availability_zone if place is not None else zone or ANYWHERE,
        subnet=place.logical_id if place is not None else "",
        private_ip=address,
        services=services,
        state=InstanceState.RUNNING,
        listening={service.name for service in services},
        roster=roster,
    )
