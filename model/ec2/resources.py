"""The resources of the namespace AWS::EC2, as CloudFormation describes them."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen

from model.ec2.credits import EARNED
from model.ec2.instance_types import INSTANCE_TYPES
from model.fields import FieldError, one_of, refers_to
from model.resources import REGION, ZONES, Resource

VpcId = Annotated[str, refers_to("AWS::EC2::VPC")]
SubnetId = Annotated[str, refers_to("AWS::EC2::Subnet")]
RouteTableId = Annotated[str, refers_to("AWS::EC2::RouteTable")]
GatewayId = Annotated[str, refers_to("AWS::EC2::InternetGateway")]
SecurityGroupId = Annotated[str, refers_to("AWS::EC2::SecurityGroup")]


def _zone(_: Any, attribute: Attribute[Any], value: str) -> None:
    if value not in ZONES:
        raise FieldError(
            attribute,
            f"must be one of {', '.join(ZONES)}, not {value!r}: {REGION} is what is simulated; "
            "!Select [0, !GetAZs ''] names a zone of any region",
        )


def cidr(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None:
        try:
            IPv4Network(value, strict=False)
        except ValueError as error:
            raise FieldError(
                attribute, f"must be a CIDR block such as 10.0.0.0/24: {error}"
            ) from error


@frozen(kw_only=True)
class Vpc(Resource):
    """A virtual private cloud."""

    TYPE: ClassVar[str] = "AWS::EC2::VPC"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "EnableDnsHostnames",
            "EnableDnsSupport",
            "InstanceTenancy",
            "Ipv4IpamPoolId",
            "Ipv4NetmaskLength",
            "Tags",
            "VpcEncryptionControl",
        }
    )

    cidr_block: str = field(validator=cidr)


@frozen(kw_only=True)
class InternetGateway(Resource):
    """The way from a VPC to the internet."""

    TYPE: ClassVar[str] = "AWS::EC2::InternetGateway"
    INERT: ClassVar[frozenset[str]] = frozenset({"Tags"})


@frozen(kw_only=True)
class VpcGatewayAttachment(Resource):
    """An internet gateway attached to a VPC."""

    TYPE: ClassVar[str] = "AWS::EC2::VPCGatewayAttachment"
    INERT: ClassVar[frozenset[str]] = frozenset({"VpnGatewayId"})

    vpc_id: VpcId
    internet_gateway_id: GatewayId | None = None


@frozen(kw_only=True)
class RouteTable(Resource):
    """Routes for subnets."""

    TYPE: ClassVar[str] = "AWS::EC2::RouteTable"
    INERT: ClassVar[frozenset[str]] = frozenset({"Tags"})

    vpc_id: VpcId


@frozen(kw_only=True)
class Route(Resource):
    """One route of a table."""

    TYPE: ClassVar[str] = "AWS::EC2::Route"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "CarrierGatewayId",
            "CoreNetworkArn",
            "DestinationIpv6CidrBlock",
            "DestinationPrefixListId",
            "EgressOnlyInternetGatewayId",
            "InstanceId",
            "LocalGatewayId",
            "NatGatewayId",
            "NetworkInterfaceId",
            "OdbNetworkArn",
            "TransitGatewayId",
            "VpcEndpointId",
            "VpcPeeringConnectionId",
        }
    )

    route_table_id: RouteTableId
    destination_cidr_block: str | None = field(default=None, validator=cidr)
    gateway_id: GatewayId | None = None


@frozen(kw_only=True)
class SubnetRouteTableAssociation(Resource):
    """The route table of a subnet."""

    TYPE: ClassVar[str] = "AWS::EC2::SubnetRouteTableAssociation"

    subnet_id: SubnetId
    route_table_id: RouteTableId


@frozen(kw_only=True)
class Subnet(Resource):
    """A range of addresses in one zone."""

    TYPE: ClassVar[str] = "AWS::EC2::Subnet"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "AssignIpv6AddressOnCreation",
            "EnableDns64",
            "EnableLniAtDeviceIndex",
            "Ipv4IpamPoolId",
            "Ipv4NetmaskLength",
            "Ipv6CidrBlock",
            "Ipv6IpamPoolId",
            "Ipv6Native",
            "Ipv6NetmaskLength",
            "MapPublicIpOnLaunch",
            "PrivateDnsNameOptionsOnLaunch",
            "Tags",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "AvailabilityZoneId": "zone ids differ from account to account; name the AvailabilityZone",
        "OutpostArn": "Outposts are not simulated",
    }

    vpc_id: VpcId | None = None
    cidr_block: str = field(default="10.0.0.0/24", validator=cidr)
    availability_zone: str = field(validator=_zone)


@frozen(kw_only=True)
class Monitoring:
    """Detailed monitoring: a datapoint a minute."""

    enabled: bool = False


@frozen(kw_only=True)
class CreditSpecification:
    """How a burstable instance spends CPU credits."""

    cpu_credits: str | None = field(default=None, validator=one_of("standard", "unlimited"))


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
            "BlockDeviceMappings",
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
        "InstanceMarketOptions": "Spot instances can be interrupted; that is not simulated yet",
        "InstanceRequirements": "attribute-based selection is not simulated yet; name a type",
        "SecurityGroups": "they are for the default VPC; give SecurityGroupIds",
    }

    credit_specification: CreditSpecification | None = None
    image_id: str | None = None
    instance_type: str = field()
    monitoring: Monitoring | None = None
    security_group_ids: tuple[SecurityGroupId, ...] = ()
    network_interfaces: tuple[NetworkInterface, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The security groups of an instance, those of its first network interface too."""
        first = [item for item in self.network_interfaces if not item.device_index]
        return (*self.security_group_ids, *(group for item in first for group in item.groups))

    @instance_type.validator
    def _known(self, attribute: Attribute[str], value: str) -> None:
        if value not in INSTANCE_TYPES:
            families = sorted({name.split(".")[0] for name in INSTANCE_TYPES})
            raise FieldError(
                attribute,
                f"{value!r} is no instance type that Spillover knows "
                f"(families {', '.join(families)})",
            )

    def __attrs_post_init__(self) -> None:
        if self.credit_specification is not None and self.instance_type not in EARNED:
            raise ValueError(
                f"CreditSpecification goes with burstable types (T2, T3, T4g) only, "
                f"not with {self.instance_type}"
            )


@frozen(kw_only=True)
class LaunchTemplate(Resource):
    """A template for launching instances."""

    TYPE: ClassVar[str] = "AWS::EC2::LaunchTemplate"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {"LaunchTemplateName", "TagSpecifications", "VersionDescription"}
    )

    launch_template_data: LaunchTemplateData
