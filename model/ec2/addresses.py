"""The private addresses of subnets: which are free, and who gets which.

Source: "Subnet CIDR blocks" (Amazon VPC): the first four addresses and the last are AWS's own.
"""

from __future__ import annotations

from ipaddress import ip_network

from model.ec2.resources import Subnet

RESERVED_ADDRESSES = 4
"""AWS keeps the first four addresses of a subnet (and the last)."""


class Addresses:
    """The addresses of the subnets of one region, by logical id."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}
        """How many were ever given, by subnet."""
        self._taken: dict[str, set[str]] = {}

    def free(self, subnet: Subnet) -> int:
        """How many are free."""
        return _usable(subnet) - len(self._taken.get(subnet.logical_id, ()))

    def take(self, subnet: Subnet, wanted: str | None = None) -> str:
        """The next free one (there must be one), or the one that is wanted."""
        name = subnet.logical_id
        taken = self._taken.setdefault(name, set())
        network, usable = ip_network(subnet.cidr_block, strict=False), _usable(subnet)
        while wanted is None:
            number = self._given[name] = self._given.get(name, 0) + 1
            address = str(network[RESERVED_ADDRESSES + (number - 1) % usable])
            if address not in taken:
                wanted = address
        taken.add(wanted)
        return wanted

    def release(self, subnet: str, address: str) -> None:
        """An instance is gone, and its address is free again."""
        self._taken.get(subnet, set()).discard(address)


def _usable(subnet: Subnet) -> int:
    network = ip_network(subnet.cidr_block, strict=False)
    return max(network.num_addresses - RESERVED_ADDRESSES - 1, 1)
