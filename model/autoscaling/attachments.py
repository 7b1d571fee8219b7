"""The target groups and Classic Load Balancers that a group's instances are registered with.

Source: "Use Elastic Load Balancing to distribute incoming application traffic in your Auto Scaling
group": attaching registers what is in service, detaching lets it drain; instances stay.
"""

from __future__ import annotations

from collections.abc import Iterable

from model.autoscaling.errors import AutoScalingError
from model.ec2.instances import Instance, InstanceState
from model.elb.service import Elb
from model.elb.targets import TargetState


class Attachments:
    """Those of one group, by logical id."""

    def __init__(self, elb: Elb, names: Iterable[str]) -> None:
        self._elb = elb
        self.names = list(dict.fromkeys(names))

    def register(self, instance: Instance) -> None:
        """An instance is about to be in service; one that does not run cannot be registered."""
        if instance.state is InstanceState.RUNNING:
            for name in self.names:
                self._elb.register_targets(name, [instance])

    def deregister(self, instance: Instance) -> float:
        """An instance leaves; returns the longest time that it may drain (seconds)."""
        drains = [self._elb.deregister_targets(name, [instance]) for name in self.names]
        return max(drains, default=0.0)

    def healthy(self, instance: Instance) -> bool:
        """Whether all of them say so."""
        return all(
            target.state is TargetState.HEALTHY
            for name in self.names
            for pool in self._elb.pools(name)
            for target in pool.targets.values()
            if target.instance is instance
        )

    def attach(self, names: Iterable[str], in_service: Iterable[Instance]) -> None:
        """AttachLoadBalancerTargetGroups; what is attached already stays as it is."""
        for name in names:
            if name not in self.names:
                self.names.append(name)
                running = [item for item in in_service if item.state is InstanceState.RUNNING]
                self._elb.register_targets(name, running)

    def detach(self, names: Iterable[str], instances: Iterable[Instance]) -> None:
        """DetachLoadBalancerTargetGroups."""
        for name in names:
            if name not in self.names:
                raise AutoScalingError(f"{name} is not attached to the group")
        for name in names:
            self.names.remove(name)
            self._elb.deregister_targets(name, instances)
