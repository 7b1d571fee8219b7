"""Launch configurations: the older way to say how a group launches. They never change.

Source: API CreateLaunchConfiguration; "Configure monitoring for Auto Scaling instances".
"""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from model.ec2.launch_templates import (
    IamInstanceProfile,
    InstanceMarketOptions,
    LaunchTemplateData,
    Monitoring,
    SpotOptions,
    image,
    known_type,
    price,
    user_data,
)
from model.ec2.resources import SecurityGroupId
from model.ec2.volumes import BlockDeviceMapping, OlderBlockDeviceMapping, twice
from model.fields import FieldError, length, not_simulated, one_of
from model.resources import Resource


@frozen(kw_only=True)
class LaunchConfiguration(Resource):
    """How the instances of a group are launched."""

    TYPE: ClassVar[str] = "AWS::AutoScaling::LaunchConfiguration"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "AssociatePublicIpAddress",
            "EbsOptimized",
            "IamInstanceProfile",
            "KernelId",
            "KeyName",
            "MetadataOptions",
            "RamDiskId",
            "UserData",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "ClassicLinkVPCId": "EC2-Classic is no more",
        "ClassicLinkVPCSecurityGroups": "EC2-Classic is no more",
        "InstanceId": "give ImageId and InstanceType",
    }

    block_device_mappings: tuple[OlderBlockDeviceMapping, ...] = field(default=())
    iam_instance_profile: str | None = field(default=None, validator=length(1, 1600))
    image_id: str = field(validator=image)
    instance_monitoring: bool = True
    """Detailed monitoring, unless it is turned off."""
    instance_type: str = field(validator=known_type)
    key_name: str | None = field(default=None, validator=length(1, 255))
    launch_configuration_name: str | None = field(default=None, validator=length(1, 255))
    placement_tenancy: str | None = field(
        default=None,
        validator=[
            not_simulated(dedicated="dedicated instances have prices of their own"),
            one_of("default"),
        ],
    )
    security_groups: tuple[SecurityGroupId, ...] = ()
    spot_price: float | None = field(default=None, validator=price)
    """The most that a Spot instance may cost an hour; none: On-Demand instances."""
    user_data: str | None = field(default=None, validator=user_data)

    @block_device_mappings.validator
    def _once(self, attribute: Attribute[Any], value: tuple[OlderBlockDeviceMapping, ...]) -> None:
        device = twice(value)
        if device is not None:
            raise FieldError(attribute, f"maps {device} twice")

    @property
    def data(self) -> LaunchTemplateData:
        """The same as a launch template has it."""
        market = None
        if self.spot_price is not None:
            options = SpotOptions(max_price=self.spot_price)
            market = InstanceMarketOptions(market_type="spot", spot_options=options)
        return LaunchTemplateData(
            block_device_mappings=tuple(
                BlockDeviceMapping(device_name=item.device_name, ebs=item.ebs)
                for item in self.block_device_mappings
                if item.ebs is not None
            ),
            iam_instance_profile=_profile(self.iam_instance_profile),
            image_id=self.image_id,
            instance_type=self.instance_type,
            instance_market_options=market,
            key_name=self.key_name,
            monitoring=Monitoring(enabled=self.instance_monitoring),
            security_group_ids=self.security_groups,
            user_data=self.user_data,
        )


def _profile(name: str | None) -> IamInstanceProfile | None:
    """An instance profile, which a launch configuration may give by its name or by its ARN."""
    if name is None:
        return None
    given = {"arn": name} if name.startswith("arn:") else {"name": name}
    return IamInstanceProfile(**given)
