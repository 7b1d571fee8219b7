"""An Application Load Balancer grows with its traffic, but not at once.

AWS does not publish how. Its guidance is to reserve capacity where traffic more than doubles in
five minutes ("Capacity reservations for your Application Load Balancer"), and in former years not
to raise the load by more than half in that time. So the load balancer is taken to double within
five minutes at most, to have room for twice what it is used for, and to reject the connections
that it has no room for. A Network Load Balancer has room for whatever comes.
"""

from __future__ import annotations

from attrs import define

DOUBLING = 300.0
"""Seconds in which it doubles at most."""
HEADROOM = 2.0
"""How many times the capacity units that it uses it grows to."""
LEAST_UNITS = 100.0
"""Capacity units that it has at least: the smallest reservation there is."""
HALVING = 3600.0
"""Seconds in which room that is not needed any more shrinks by half."""


@define
class Growth:
    """How many capacity units a load balancer has room for."""

    reserved: float = 0.0
    """Units that are reserved: there from the beginning."""
    room: float = 0.0
    """Units that it can bear at present; 0: no traffic has come yet."""

    def admit(self, dt: float, units: float) -> float:
        """Let `dt` seconds pass in which so many units would be used; returns the share that there
        is room for. The traffic that it meets first it has grown to already."""
        least = max(LEAST_UNITS, self.reserved)
        wanted = HEADROOM * units
        if self.room <= 0.0:
            self.room = max(wanted, least)
        admitted = min(self.room / units, 1.0) if units > 0.0 else 1.0
        if wanted > self.room:
            self.room = min(self.room * 2 ** (dt / DOUBLING), wanted)
        else:
            self.room = max(self.room * 2 ** (-dt / HALVING), wanted)
        self.room = max(self.room, least)
        return admitted
