"""All scopes of a target group: with cross-zone load balancing one, else one for each zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from model.ec2.machines import ANYWHERE
from model.elb.scope import Scope
from model.flow.waiting import Discipline
from model.traffic.source import Sizes


class Scopes:
    """The scopes of one target group, in the order of their zones."""

    def __init__(self) -> None:
        self._all: list[Scope] = []
        self._of: dict[str, Scope] = {}

    def __iter__(self) -> Iterator[Scope]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, zone: str) -> Scope:
        """The scope that a zone is in."""
        return self._of[zone]

    def cover(self, zone: str) -> bool:
        """Whether a zone is in any: targets elsewhere are unused."""
        return zone in self._of

    def lay_out(
        self,
        zones: Sequence[str],
        make: Callable[[tuple[str, ...]], Scope],
        *,
        cross_zone: bool,
    ) -> bool:
        """Divide the zones anew; the scopes of before hand over what they hold. Whether they were
        divided otherwise."""
        parts = [tuple(zones)] if cross_zone else [(zone,) for zone in zones]
        before = self._all
        if [scope.zones for scope in before] == parts:
            return False
        self._all = [make(part) for part in parts if part]
        self._of = {zone: scope for scope in self._all for zone in scope.zones}
        if cross_zone and self._all:
            self._of[ANYWHERE] = self._all[0]
        for scope in before:
            scope.hand_over(self._of)
        return True

    def wait_for(self, seconds: float) -> None:
        """The load balancer's idle time-out is another now."""
        for scope in self._all:
            scope.wait_for(seconds)

    # -- traffic ------------------------------------------------------------------------------

    def receive(
        self,
        zone: str,
        kind: int,
        requests: float,
        clients: float,
        sizes: Sizes = (0.0, 0.0),
    ) -> bool:
        """A node hands over requests of the present step, of so many clients and of such sizes;
        False: no target is registered (503)."""
        return self._of[zone].receive(zone, kind, requests, clients, sizes)

    def share_out(self, now: float, dt: float, discipline: Discipline) -> None:
        """Decide which target is sent how much in the `dt` seconds from `now`."""
        for scope in self._all:
            scope.share_out(now, dt, discipline)

    @property
    def portless(self) -> dict[str, float]:
        """Flows of the present step that found no port, by the zone of the node."""
        found: dict[str, float] = {}
        for scope in self._all:
            if scope.ports is not None:
                found |= scope.ports.missing  # a zone's node belongs to one scope
        return found

    def join_alike(self, *, torn: bool = False) -> None:
        """Have targets that nothing tells apart computed once (if only `torn`: where some target
        has just come or changed)."""
        for scope in self._all:
            if scope.torn or not torn:
                scope.join_alike()

    # -- what is inside -----------------------------------------------------------------------

    @property
    def requests(self) -> dict[str, int]:
        """Requests that ended on each target since the books were opened, by the target's id."""
        counts: Counter[str] = Counter()
        for scope in self._all:
            for name, number in scope.counted():
                counts[name] += number
        return dict(counts)

    def forget(self) -> None:
        """The books are opened."""
        for scope in self._all:
            scope.forget()

    @property
    def unsettled(self) -> bool:
        """Whether short steps are needed."""
        return any(scope.unsettled for scope in self._all)

    @property
    def utilisation(self) -> float:
        """Of the busiest target, at present."""
        return max([scope.utilisation for scope in self._all], default=0.0)

    @property
    def in_flight(self) -> float:
        """Requests inside the targets."""
        return sum([scope.in_flight for scope in self._all])
