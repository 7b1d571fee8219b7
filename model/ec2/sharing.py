"""The ports of one instance share its vCPUs.

Each port that takes requests (a service, or a container) is a station of its own. What the others
ask of the vCPUs leaves less for it, and makes its requests wait. Where all together ask for more
than there is, the operating system divides fairly: who asks for little gets it, the others get
equal parts of the rest (max-min fairness).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from model.ec2.instances import Instance, Roster
from model.flow.capability import Others, together
from model.flow.station import Station

DIGITS = 6
"""What others ask for is told to so many significant digits, so that like hosts are alike."""


@frozen(eq=False)
class Host:
    """Like instances whose ports have the same stations."""

    vcpus: float
    stations: tuple[Station, ...]
    """One for each port."""
    instances: tuple[Instance, ...] = ()

    def others(self, place: int) -> Others | None:
        """What the ports beside one ask for; None: there is none."""
        if len(self.stations) == 1:
            return None
        beside = [station for number, station in enumerate(self.stations) if number != place]
        rates = [(s.rate, s.can.cpu_time, s.can.cpu_variation) for s in beside]
        mean, variation = together(rates)
        left = fair_share(self.vcpus, [station.wanted for station in beside])
        rate = sum(rate for rate, _, _ in rates)
        return Others(_rounded(rate), _rounded(mean), variation, _rounded(left))


class Sharing:
    """Divides the vCPUs of instances that have several ports."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._seen = -1
        self._hosts: list[Host] = []

    @property
    def idle(self) -> bool:
        """Whether there is nothing to divide."""
        return self._roster.changes == self._seen and not self._hosts

    def divide(
        self, instances: Iterable[Instance]
    ) -> Iterator[tuple[Instance, Station, Others | None]]:
        """Tell each station what the others of its instances ask for at present.

        A station may stand for ports on instances that are no longer alike: those that differ from
        the first are handed back, to be set apart and told.
        """
        if self._roster.changes != self._seen:
            self._hosts, self._seen = _hosts(instances), self._roster.changes
        told: dict[int, Others | None] = {}
        for host in self._hosts:
            for place, station in enumerate(host.stations):
                others = host.others(place)
                if id(station) not in told:
                    told[id(station)] = others
                    station.share_cpu(others)
                elif told[id(station)] != others:
                    for instance in host.instances:
                        yield instance, station, others


def _hosts(instances: Iterable[Instance]) -> list[Host]:
    """Instances with several ports, and those with one whose station is also that of such a port,
    or was; a station that is one's only is told first, so that the fewest are set apart."""
    instances = [instance for instance in instances if instance.stations]
    shared = {id(s) for i in instances if len(i.stations) > 1 for s in i.stations}
    alike: dict[tuple[float, ...], list[Instance]] = defaultdict(list)
    for instance in instances:
        several = len(instance.stations) > 1
        touched = any(id(s) in shared or s.capability.others for s in instance.stations)
        if several or touched:
            key = (instance.vcpus, *map(id, instance.stations))
            alike[key].append(instance)
    return [
        Host(found[0].vcpus, tuple(found[0].stations), tuple(found)) for found in alike.values()
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def fair_share(capacity: float, wanted: Sequence[float]) -> float:
    """What one more gets of a capacity that others want so much of, if it asks for all of it."""
    left, claims = capacity, len(wanted) + 1
    for own in sorted(wanted):
        if own >= left / claims:
            break
        left -= own
        claims -= 1
    return left / claims
