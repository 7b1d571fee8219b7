"""Capacity Rebalancing: a Spot instance at risk is replaced before EC2 takes it back.

Source: "Capacity Rebalancing in Auto Scaling to replace at-risk Spot Instances". The replacement is
launched first, from a pool that is no riskier (after an interruption notice, from any); the old
instance ends once the new one has passed its health check, and no scale-out is under way. The group
may exceed its desired capacity for that by a tenth (one instance at least).
"""

from __future__ import annotations

import math

from model.autoscaling import activity as text
from model.autoscaling.attachments import Attachments
from model.autoscaling.ending import Ender
from model.autoscaling.launching import Launcher
from model.autoscaling.members import ENDING, Lifecycle, Member, Members, units_of
from model.autoscaling.resources import AutoScalingGroup
from model.clock import Phase, Schedule
from model.ec2.instances import Instance

MARGIN = 0.1
"""The share of the desired capacity that may be launched beyond it (one instance at least)."""
LOOK_SECONDS = 10.0
"""How often a group looks whether a replacement is healthy yet, or can be launched now."""


class CapacityRebalancing:
    """The Spot instances of one group that EC2 is about to interrupt."""

    def __init__(
        self,
        schedule: Schedule,
        resource: AutoScalingGroup,
        attachments: Attachments,
        members: Members,
        launcher: Launcher,
        ender: Ender,
        suspended: set[str],
    ) -> None:
        self._schedule = schedule
        self.resource = resource
        self._attachments = attachments
        self._members = members
        self._launcher = launcher
        self._ender = ender
        self._suspended = suspended
        self._warned: set[str] = set()
        """Ids of instances that have got their interruption notice."""
        self._looking = False

    def at_risk(self, instance: Instance, *, warned: bool) -> None:
        """EC2 recommends to replace an instance, or has given it notice."""
        member = self._members.get(instance.id)
        if self.resource.capacity_rebalance and member is not None:
            member.leaving = member.lifecycle not in ENDING
            if warned:
                self._warned.add(instance.id)
            self.look()

    def look(self) -> None:
        """Launch replacements that may be launched, end what has been replaced."""
        active = self._members.active()
        for member in active:
            if member.replaces is not None:
                self._finish(member, member.replaces)
        if "Launch" not in self._suspended:
            self._replace()
        if not self._looking and any(m.leaving or m.replaces for m in self._members.active()):
            self._looking = True
            self._schedule.after(LOOK_SECONDS, Phase.CONTROL, self._look_again)

    def _replace(self) -> None:
        active = self._members.active()
        taken = {id(member.replaces) for member in active}
        room = max(math.floor(MARGIN * self._members.desired), 1)
        room -= units_of(member for member in active if member.balancing)
        for member in active:
            if room > 0 and member.leaving and id(member) not in taken:
                cause = text.rebalance_launch(self._schedule.utc(), member.instance.id)
                launched = self._launcher.launch(
                    cause,
                    balancing=True,
                    replaces=member,
                    at_any_risk=member.instance.id in self._warned,
                )
                room -= launched.units if launched is not None else 0

    def _look_again(self) -> None:
        self._looking = False
        self.look()

    def _finish(self, new: Member, old: Member) -> None:
        """End what a replacement is to take the place of, if it is healthy."""
        regular = [member for member in self._members.active() if not member.extra]
        growing = units_of(m for m in regular if m.lifecycle is Lifecycle.IN_SERVICE)
        if growing < self._members.desired or "Terminate" in self._suspended:
            return
        if self._healthy(new):
            self._ender.terminate(old, text.rebalance_termination(self._schedule.utc()))

    def _healthy(self, member: Member) -> bool:
        """Whether a new member has passed the health checks that the group goes by."""
        if member.lifecycle is not Lifecycle.IN_SERVICE or not member.healthy:
            return False
        asked = "ELB" in self.resource.health_check_types
        return not asked or self._attachments.healthy(member.instance)
