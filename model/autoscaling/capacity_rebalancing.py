"""Capacity Rebalancing: a Spot instance at risk is replaced before EC2 takes it back.

Source: "Use Capacity Rebalancing to handle Amazon EC2 Spot interruptions". The replacement is
launched first; the old instance ends once the new one has passed its health check. At most a tenth
of the desired capacity (one instance at least) is replaced so at a time.
"""

from __future__ import annotations

import math

from model.autoscaling import activity as text
from model.autoscaling.ending import Ender
from model.autoscaling.launching import Launcher
from model.autoscaling.members import Lifecycle, Member, Members
from model.autoscaling.resources import AutoScalingGroup
from model.clock import Phase, Schedule
from model.ec2.instances import Instance
from model.elb.service import Elb
from model.elb.targets import TargetState

MARGIN = 0.1
"""The share of the desired capacity that may be launched beyond it (one instance at least)."""
LOOK_SECONDS = 10.0
"""How often a group looks whether a replacement is healthy yet, or can be launched now."""


class CapacityRebalancing:
    """The Spot instances of one group that EC2 is about to interrupt."""

    def __init__(
        self,
        schedule: Schedule,
        elb: Elb,
        resource: AutoScalingGroup,
        members: Members,
        launcher: Launcher,
        ender: Ender,
        suspended: set[str],
    ) -> None:
        self._schedule = schedule
        self._elb = elb
        self.resource = resource
        self._members = members
        self._launcher = launcher
        self._ender = ender
        self._suspended = suspended
        self._looking = False

    def at_risk(self, instance: Instance) -> None:
        """EC2 recommends to replace an instance, or has given it notice."""
        member = self._members.get(instance.id)
        if self.resource.capacity_rebalance and member is not None:
            member.leaving = member.lifecycle is not Lifecycle.TERMINATING
            self._look()

    def replaced(self, member: Member) -> None:
        """A replacement is in service."""
        self._look()

    def _look(self) -> None:
        """Launch replacements that may be launched, end what has been replaced."""
        active = self._members.active()
        for member in active:
            if member.replaces is not None:
                self._finish(member)
        taken = {id(member.replaces) for member in self._members.active()}
        waiting = [m for m in self._members.active() if m.leaving and id(m) not in taken]
        room = max(math.floor(MARGIN * self._members.desired), 1) - sum(
            member.balancing for member in self._members.active()
        )
        for member in waiting[: max(room, 0)] if "Launch" not in self._suspended else ():
            cause = text.rebalance_launch(self._schedule.utc(), member.instance.id)
            self._launcher.launch(cause, balancing=True, replaces=member)
        if not self._looking and any(m.leaving or m.replaces for m in self._members.active()):
            self._looking = True
            self._schedule.after(LOOK_SECONDS, Phase.CONTROL, self._look_again)

    def _look_again(self) -> None:
        self._looking = False
        self._look()

    def _finish(self, new: Member) -> None:
        """End what a replacement has taken the place of, if it is healthy."""
        old = new.replaces
        assert old is not None
        if old.lifecycle is Lifecycle.TERMINATING:  # interrupted, or ended, before
            new.balancing, new.replaces = False, None
        elif self._healthy(new) and "Terminate" not in self._suspended:
            new.balancing, new.replaces = False, None
            cause = text.rebalance_termination(self._schedule.utc())
            self._ender.terminate(old, cause)

    def _healthy(self, member: Member) -> bool:
        """Whether a new member has passed the health checks that the group goes by."""
        if member.lifecycle is not Lifecycle.IN_SERVICE or not member.healthy:
            return False
        if "ELB" not in self.resource.health_check_types:
            return True
        groups = (self._elb.groups[name] for name in self.resource.attachments)
        return all(
            target.state is TargetState.HEALTHY
            for group in groups
            for target in group.targets.values()
            if target.instance is member.instance
        )
