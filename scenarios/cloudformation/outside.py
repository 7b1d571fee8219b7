"""What a template refers to and does not hold: a VPC, subnets, topics that exist already.

Templates take such things as parameters, by id or ARN. They are made up here as far as the outcome
needs them: subnets get the region's zones in order of appearance, since nothing tells their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from model.ec2.firewalls import SecurityGroup
from model.ec2.resources import Subnet, Vpc
from model.events.resources import Topic
from model.resources import ZONES, Identity

_SHAPES: Mapping[str, re.Pattern[str]] = {
    Subnet.TYPE: re.compile(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})"),
    Vpc.TYPE: re.compile(r"vpc-([0-9a-f]{8}|[0-9a-f]{17})"),
    SecurityGroup.TYPE: re.compile(r"sg-([0-9a-f]{8}|[0-9a-f]{17})"),
    Topic.TYPE: re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?"),
}
"""How the ids (or ARNs) of each type look."""

_PARAMETERS = (Subnet.TYPE, Vpc.TYPE, SecurityGroup.TYPE)
"""Types whose parameters have a type of their own: `AWS::EC2::Subnet::Id`."""


@frozen
class Outsider:
    """One thing outside the template, known by its id or ARN."""

    identity: Identity
    properties: Mapping[str, Any]

    @property
    def described(self) -> str:
        """For a remark: its id, and the zone it was given if it has one."""
        zone = self.properties.get("AvailabilityZone")
        return self.identity.ref + (f" in {zone}" if zone else "")


def outside(
    parameters: Iterable[tuple[str, Any]], resolved: Mapping[str, Any], known: set[tuple[str, str]]
) -> list[Outsider]:
    """What parameters (type and value) or resolved properties name beyond what is `known`."""
    found: dict[str, str] = {}
    for parameter, value in parameters:
        for type_ in _PARAMETERS:
            if f"{type_}::Id" in parameter:
                found |= dict.fromkeys(
                    map(str, value if isinstance(value, list) else [value]), type_
                )
    for text in _texts(resolved):
        for type_, shape in _SHAPES.items():
            if text not in found and shape.fullmatch(text):
                found[text] = type_
    subnets = [name for name, type_ in found.items() if type_ == Subnet.TYPE]
    return [
        Outsider(Identity(name, type_, name, {}), _properties(name, type_, subnets))
        for name, type_ in found.items()
        if name and (type_, name) not in known
    ]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)


def _properties(name: str, type_: str, subnets: list[str]) -> dict[str, Any]:
    if type_ == Subnet.TYPE:
        index = subnets.index(name)
        return {
            "AvailabilityZone": ZONES[index % len(ZONES)],
            "CidrBlock": f"10.{200 + index // 256 % 56}.{index % 256}.0/24",
        }
    if type_ == Vpc.TYPE:
        return {"CidrBlock": "10.200.0.0/13"}
    if type_ == SecurityGroup.TYPE:
        everybody = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}  # nobody knows its rules
        return {"GroupDescription": "outside", "SecurityGroupIngress": [everybody]}
    return {"TopicName": name.rpartition(":")[2]}
