"""Availability Zone rebalancing: a service in a steady state evens out its zones.

Sources: "Balancing an Amazon ECS service across Availability Zones", "Track Amazon ECS Availability
Zone rebalancing".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from attrs import define

from model.ecs.placement import Placement
from model.ecs.record import Record
from model.ecs.resources import EcsService
from model.ecs.tasks import Task

LATER = 60.0
"""Seconds until it is tried again while a zone cannot be reached."""


@define(eq=False)
class Rebalancing:
    """Evens out the zones of one service, one task at a time."""

    record: Record
    placement: Placement
    service: EcsService
    going_on: bool = False

    def step(self, tasks: Sequence[Task], launch: Callable[[str], Task | None]) -> float | None:
        """The tasks are as many as desired, and healthy: start one where the fewest are, if that
        evens them out. Returns in how many seconds to try again, if a zone is out of reach."""
        if not self.service.rebalances:
            return None
        zones = self.placement.open_zones()
        if self.placement.imbalance(tasks, zones) <= 1:
            self._complete(tasks)
            beyond = self.placement.imbalance(tasks, self.placement.zones) > 1
            return LATER if beyond else None
        if not self.going_on:
            self.going_on = True
            self.record.action(
                self.service,
                "SERVICE_REBALANCING_STARTED",
                reason=f"(service {self.service.name}) is not AZ balanced with "
                f"{self._counts(tasks)}. AZ Rebalancing in progress.",
            )
        counts = Counter(task.zone for task in tasks)
        task = launch(min(sorted(zones), key=lambda zone: counts[zone]))
        if task is not None:
            task.balancing = True
        return None

    def interrupt(self) -> None:
        """Something else goes on."""
        if self.going_on:
            self.going_on = False
            self.record.action(self.service, "SERVICE_REBALANCING_STOPPED")

    def _complete(self, tasks: Sequence[Task]) -> None:
        if self.going_on:
            self.going_on = False
            self.record.action(
                self.service,
                "SERVICE_REBALANCING_COMPLETED",
                reason=f"(service {self.service.name}) is AZ balanced with {self._counts(tasks)}.",
            )

    def _counts(self, tasks: Sequence[Task]) -> str:
        counts = Counter(task.zone for task in tasks)
        return ", ".join(f"{counts[zone]} tasks in {zone}" for zone in self.placement.zones)
