"""The network resources of the namespace AWS::EC2, as CloudFormation describes them."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen

from model.fields import FieldError, refers_to
from model.resources import REGION, ZONES, Resource

VpcId = Annotated[str, refers_to("AWS::EC2::VPC")]
SubnetId = Annotated[str, refers_to("AWS::EC2::Subnet")]
RouteTableId = Annotated[str, refers_to("AWS::EC2::RouteTable")]
GatewayId = Annotated[str, refers_to("AWS::EC2::InternetGateway")]
SecurityGroupId = Annotated[str, refers_to("AWS::EC2::SecurityGroup")]


def zone_name(_: Any, attribute: Attribute[Any], value: str) -> None:
    """One of the region's zones."""
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
    availability_zone: str = field(validator=zone_name)
