"""Launch templates, as CloudFormation and the EC2 API describe them: how an instance is launched.

Source: the CloudFormation reference of LaunchTemplate; API RequestLaunchTemplateData. What EC2
would refuse at launch, and EC2 Auto Scaling when a group is made, is refused when it is read.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Any, ClassVar

from attrs import Attribute, evolve, field, fields, frozen

from model.ec2.credits import EARNED
from model.ec2.instance_types import INSTANCE_TYPES
from model.ec2.requirements import InstanceRequirements
from model.ec2.resources import SecurityGroupId
from model.ec2.volumes import BlockDeviceMapping, twice
from model.fields import FieldError, length, not_simulated, one_of, refers_to
from model.resources import Resource

TemplateRef = Annotated[str, refers_to("AWS::EC2::LaunchTemplate")]

USER_DATA_BYTES = 16_384
"""User data are limited to 16 KB before they are encoded."""
LEAST_PRICE = 0.001
"""US dollars an hour: no maximum price for Spot instances may be lower."""
VERSION = re.compile(r"\$Latest|\$Default|[1-9]\d*")
TEMPLATE_NAME = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}")


def known_type(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    """An instance type that is on offer."""
    if value is not None and value not in INSTANCE_TYPES:
        families = sorted({name.split(".")[0] for name in INSTANCE_TYPES})
        raise FieldError(
            attribute,
            f"{value!r} is no instance type that Spillover knows (families {', '.join(families)})",
        )


def image(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    """An image's id, or the parameter of Systems Manager that holds one."""
    if value is not None and not value.startswith(("ami-", "resolve:ssm:")):
        raise FieldError(
            attribute, f"must be an image's id such as ami-0abcdef1234567890, not {value!r}"
        )


def user_data(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    """Text in base64, not too long."""
    if value is None:
        return
    try:
        size = len(base64.b64decode("".join(value.split()), validate=True))
    except (binascii.Error, ValueError):
        raise FieldError(attribute, "must be in base64: use Fn::Base64") from None
    if size > USER_DATA_BYTES:
        raise FieldError(
            attribute, f"must be {USER_DATA_BYTES} bytes at most before it is encoded, not {size}"
        )


def price(_: Any, attribute: Attribute[Any], value: float | None) -> None:
    """A maximum price for Spot instances, dollars an hour."""
    if value is not None and value < LEAST_PRICE:
        raise FieldError(
            attribute, f"must be at least {LEAST_PRICE} dollars an hour, not {value:g}"
        )


@frozen(kw_only=True)
class Monitoring:
    """Detailed monitoring: a datapoint a minute."""

    enabled: bool = False


@frozen(kw_only=True)
class CreditSpecification:
    """How a burstable instance spends CPU credits."""

    cpu_credits: str | None = field(default=None, validator=one_of("standard", "unlimited"))


@frozen(kw_only=True)
class IamInstanceProfile:
    """The instance profile, by its ARN or its name."""

    arn: str | None = None
    name: str | None = None

    def __attrs_post_init__(self) -> None:
        if (self.arn is None) == (self.name is None):
            raise ValueError("give either Arn or Name of the instance profile")


@frozen(kw_only=True)
class SpotOptions:
    """What a Spot instance may cost, and what becomes of it when it is interrupted."""

    INERT: ClassVar[frozenset[str]] = frozenset({"BlockDurationMinutes", "ValidUntil"})

    instance_interruption_behavior: str = field(
        default="terminate",
        validator=[
            not_simulated(
                stop="Auto Scaling groups take terminate",
                hibernate="Auto Scaling groups take terminate",
            ),
            one_of("terminate"),
        ],
    )
    max_price: float | None = field(default=None, validator=price)
    """Dollars an hour; none: the On-Demand price."""
    spot_instance_type: str = field(
        default="one-time",
        validator=[
            not_simulated(persistent="Auto Scaling groups take one-time requests"),
            one_of("one-time"),
        ],
    )


@frozen(kw_only=True)
class InstanceMarketOptions:
    """How instances are bought."""

    market_type: str = field(
        validator=[
            not_simulated(**{"capacity-block": "only Spot instances are"}),
            one_of("spot"),
        ]
    )
    spot_options: SpotOptions | None = None


@frozen(kw_only=True)
class NetworkInterface:
    """A network interface of an instance: its security groups."""

    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "AssociateCarrierIpAddress",
            "AssociatePublicIpAddress",
            "DeleteOnTermination",
            "Description",
            "InterfaceType",
            "Ipv6AddressCount",
            "NetworkCardIndex",
            "PrimaryIpv6",
            "PrivateIpAddress",
            "PrivateIpAddresses",
            "SecondaryPrivateIpAddressCount",
            "SubnetId",
        }
    )

    device_index: int = 0
    groups: tuple[SecurityGroupId, ...] = ()


@frozen(kw_only=True)
class LaunchTemplateData:
    """How an instance is launched."""

    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "CpuOptions",
            "DisableApiStop",
            "DisableApiTermination",
            "EbsOptimized",
            "EnclaveOptions",
            "HibernationOptions",
            "IamInstanceProfile",
            "InstanceInitiatedShutdownBehavior",
            "KernelId",
            "KeyName",
            "LicenseSpecifications",
            "MaintenanceOptions",
            "MetadataOptions",
            "NetworkPerformanceOptions",
            "Placement",
            "PrivateDnsNameOptions",
            "RamDiskId",
            "TagSpecifications",
            "UserData",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "CapacityReservationSpecification": "capacity reservations are not simulated yet",
        "SecurityGroups": "they are for the default VPC; give SecurityGroupIds",
    }

    block_device_mappings: tuple[BlockDeviceMapping, ...] = field(default=())
    credit_specification: CreditSpecification | None = None
    iam_instance_profile: IamInstanceProfile | None = None
    image_id: str | None = field(default=None, validator=image)
    instance_market_options: InstanceMarketOptions | None = None
    instance_requirements: InstanceRequirements | None = None
    instance_type: str | None = field(default=None, validator=known_type)
    key_name: str | None = field(default=None, validator=length(1, 255))
    monitoring: Monitoring | None = None
    security_group_ids: tuple[SecurityGroupId, ...] = ()
    network_interfaces: tuple[NetworkInterface, ...] = ()
    user_data: str | None = field(default=None, validator=user_data)

    @property
    def groups(self) -> tuple[str, ...]:
        """The security groups of an instance, those of its first network interface too."""
        first = [item for item in self.network_interfaces if not item.device_index]
        return (*self.security_group_ids, *(group for item in first for group in item.groups))

    @property
    def profile(self) -> str:
        """The name of the instance profile, empty if there is none."""
        given = self.iam_instance_profile
        return "" if given is None else given.name or (given.arn or "").rpartition("/")[2]

    @property
    def detailed(self) -> bool:
        """Whether instances are monitored in detail; by default they are not."""
        return self.monitoring is not None and self.monitoring.enabled

    @property
    def spot(self) -> bool:
        """Whether it asks for Spot instances."""
        return self.instance_market_options is not None

    @property
    def max_price(self) -> float | None:
        """What a Spot instance may cost an hour, in dollars; None: its On-Demand price."""
        options = self.instance_market_options and self.instance_market_options.spot_options
        return options.max_price if options else None

    def over(self, source: LaunchTemplateData) -> LaunchTemplateData:
        """The same, with what is not given here taken from another."""
        given = {
            attribute.name: value
            for attribute in fields(LaunchTemplateData)
            if (value := getattr(self, attribute.name)) not in (None, ())
        }
        if "instance_type" in given:
            source = evolve(source, instance_requirements=None)
        if "instance_requirements" in given:
            source = evolve(source, instance_type=None)
        return evolve(source, **given)

    @block_device_mappings.validator
    def _once(self, attribute: Attribute[Any], value: tuple[BlockDeviceMapping, ...]) -> None:
        device = twice(value)
        if device is not None:
            raise FieldError(attribute, f"maps {device} twice")

    def __attrs_post_init__(self) -> None:
        kind = self.instance_type
        if kind is not None and self.instance_requirements is not None:
            raise ValueError("give either InstanceType or InstanceRequirements")
        if self.credit_specification is not None and kind is not None and kind not in EARNED:
            raise ValueError(
                f"CreditSpecification goes with burstable types (T2, T3, T4g) only, not with {kind}"
            )


@frozen(kw_only=True)
class LaunchTemplate(Resource):
    """A template for launching instances; what CloudFormation makes is its first version."""

    TYPE: ClassVar[str] = "AWS::EC2::LaunchTemplate"
    INERT: ClassVar[frozenset[str]] = frozenset({"TagSpecifications", "VersionDescription"})

    launch_template_name: str | None = field(default=None)
    launch_template_data: LaunchTemplateData

    @launch_template_name.validator
    def _named(self, attribute: Attribute[Any], value: str | None) -> None:
        if value is not None and not TEMPLATE_NAME.fullmatch(value):
            raise FieldError(
                attribute, "must have 3 to 128 letters, digits and ( ) . - / _, not " + repr(value)
            )


@frozen(kw_only=True)
class NamedTemplate:
    """A launch template, by its id or its name."""

    launch_template_id: TemplateRef | None = None
    launch_template_name: TemplateRef | None = None

    def __attrs_post_init__(self) -> None:
        if (self.launch_template_id is None) == (self.launch_template_name is None):
            raise ValueError("give either LaunchTemplateId or LaunchTemplateName")

    @property
    def template(self) -> str:
        """The launch template, by logical id."""
        return self.launch_template_id or self.launch_template_name or ""


@frozen(kw_only=True)
class LaunchTemplateSpecification(NamedTemplate):
    """Which launch template is launched from, and which version of it."""

    version: str = field()

    @version.validator
    def _version(self, attribute: Attribute[Any], value: str) -> None:
        if not VERSION.fullmatch(value):
            raise FieldError(
                attribute, f"must be a version's number, $Latest or $Default, not {value!r}"
            )
