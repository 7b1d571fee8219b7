"""What firewalls and routes let through to a load balancer's nodes, and from them to targets."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address

from attrs import frozen

from model.ec2.instances import Instance
from model.ec2.network import Endpoint, Network
from model.elb.inflow import Inflow
from model.elb.nodes import Node
from model.elb.resources.shapes import Balancer


@frozen
class Gates:
    """Those of one load balancer at present."""

    network: Network
    nodes: Collection[Node]
    resource: Balancer

    def _endpoint(self, node: Node) -> Endpoint:
        groups = self.resource.security_groups
        return Endpoint(self.network.node(node.subnet), node.subnet, groups)

    def reaches(self, instance: Instance, port: int) -> bool:
        """Whether any of its nodes can connect to a port of an instance."""
        target = instance.endpoint
        return any(self.network.connects(self._endpoint(n), target, port) for n in self.nodes)

    def forwards(self, instance: Instance, port: int) -> bool:
        """Whether packets that keep the addresses of clients come to a port of an instance."""
        client = Endpoint(None, None, self.resource.security_groups)
        return self.network.connects(client, instance.endpoint, port)

    def barred(self, inflow: Inflow) -> frozenset[str]:
        """The zones whose nodes no connection of a source comes to."""
        request, internal = inflow.source.request, self.resource.scheme == "internal"
        barred = set()
        for node in self.nodes:
            end = self._endpoint(node)
            address = None if request.source_ip is None else IPv4Address(request.source_ip)
            if address is None and internal:
                address = end.address  # somebody in the VPC
            via = inflow.via
            client = Endpoint(address, None, via.resource.security_groups if via else ())
            public = internal or via is not None or self.network.public(node.subnet)
            if not public or not self.network.connects(client, end, request.port):
                barred.add(node.zone)
        return frozenset(barred)
