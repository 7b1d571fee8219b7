"""Where a service's next task goes: its zone, its subnet, its capacity provider.

Sources: "Balancing an Amazon ECS service across Availability Zones" (Fargate spreads tasks over the
zones that it reaches); API CapacityProviderStrategyItem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import define, field

from model.ecs.resources import FARGATE, Strategy
from model.ecs.tasks import Task


@define(eq=False)
class Placement:
    """The places that a service's tasks can have."""

    subnets: Mapping[str, tuple[str, ...]]
    """The subnets of each zone, by logical id, in order of the service's."""
    impaired: Mapping[str, int]
    """How many faults each zone suffers from at present."""
    strategy: Strategy
    _turns: Counter[str] = field(factory=Counter)
    """How many tasks were placed in each zone."""

    @property
    def zones(self) -> list[str]:
        return list(self.subnets)

    def open_zones(self) -> list[str]:
        """Zones in which tasks can be started."""
        return [zone for zone in self.subnets if not self.impaired.get(zone)]

    def zone(self, own: Iterable[Task], all_tasks: Iterable[Task]) -> str | None:
        """The zone with the fewest tasks of the revision, then with the fewest at all; None: no
        zone can be reached."""
        mine = Counter(task.zone for task in own)
        everyone = Counter(task.zone for task in all_tasks)
        return min(
            sorted(self.open_zones()),
            key=lambda zone: (mine[zone], everyone[zone]),
            default=None,
        )

    def subnet(self, zone: str) -> str:
        """The zone's next subnet in turn."""
        choice = self.subnets[zone]
        self._turns[zone] += 1
        return choice[(self._turns[zone] - 1) % len(choice)]

    def provider(self, tasks: Iterable[Task]) -> str:
        """The capacity provider of the next task: its base first, then who is furthest behind its
        weight."""
        counts = Counter(task.provider for task in tasks)
        for item in self.strategy:
            if counts[item.capacity_provider] < item.base:
                return item.capacity_provider
        weighted = [item for item in self.strategy if item.weight]
        if not weighted:
            return self.strategy[0].capacity_provider if self.strategy else FARGATE
        chosen = min(
            weighted,
            key=lambda item: (counts[item.capacity_provider] - item.base + 1) / item.weight,
        )
        return chosen.capacity_provider

    def imbalance(self, tasks: Iterable[Task], zones: Iterable[str]) -> int:
        """How many tasks the fullest of some zones has more than the emptiest."""
        counts = Counter(task.zone for task in tasks)
        numbers = [counts[zone] for zone in zones]
        return max(numbers) - min(numbers) if numbers else 0
