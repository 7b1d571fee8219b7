"""The nodes of a load balancer, one in each of its zones, and which of them DNS gives out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define

from model.clock import Event, Phase, Schedule

DNS_TTL = 60.0
"""Seconds that clients keep an answer of the load balancer's DNS name."""
DNS_REMOVAL = 90.0
"""Seconds until clients no longer use a node that went dark: Route 53 has to notice (about 30 s),
and then the answers that clients hold have to expire."""


@define(eq=False)
class Node:
    """The load balancer's presence in one zone."""

    zone: str
    subnet: str
    dark: bool = False
    """The network around it is cut: no client reaches it."""
    shifted: bool = False
    """A zonal shift leads traffic away from it."""
    in_dns: bool = True
    turn: Event | None = None
    """When it will leave or enter DNS, if it is about to."""


class Nodes(dict[str, Node]):
    """All of them, by zone."""

    def __init__(self, schedule: Schedule, subnets: Mapping[str, str]) -> None:
        super().__init__({zone: Node(zone, subnet) for zone, subnet in subnets.items()})
        self._schedule = schedule
        self.turned_at = schedule.now
        """When one last left or entered DNS."""

    def in_dns(self) -> list[str]:
        """Zones whose address clients get; all of them where none is healthy."""
        answered = [zone for zone, node in self.items() if node.in_dns]
        return answered or list(self)

    def review(self, healthy: Callable[[str], bool], turned: Callable[[Node], None]) -> None:
        """Have each leave or enter DNS after its delay, as the health of its zone calls for; who is
        `turned` is told of it."""
        for node in self.values():
            wanted = not (node.dark or node.shifted) and healthy(node.zone)
            if wanted is node.in_dns:
                if node.turn is not None:
                    node.turn.cancel()
                    node.turn = None
            elif node.turn is None:
                delay = DNS_REMOVAL if node.dark else DNS_TTL
                node.turn = self._schedule.after(
                    delay, Phase.CHANGE, self._turn, node, wanted, turned
                )

    def _turn(self, node: Node, in_dns: bool, turned: Callable[[Node], None]) -> None:
        node.in_dns, node.turn, self.turned_at = in_dns, None, self._schedule.now
        turned(node)
