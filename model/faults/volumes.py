"""Faults of the EBS volumes of instances.

Source: "AWS FIS actions reference": aws:ebs:pause-volume-io. FIS names the volumes; here they go by
the instances that they are attached to. What runs from memory goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.actions import Action, fault
from model.ec2.effects import Effect
from model.faults.active import ActiveFault
from model.faults.instances import INSTANCES

if TYPE_CHECKING:
    from model.world import World


@fault("aws:ebs:pause-volume-io", targets=INSTANCES)
def pause_volume_io(world: World, action: Action) -> None:
    """Pause the I/O of the instances' EBS volumes: their attached EBS status check fails."""
    name = world.faults.name(action)
    effect = Effect(volumes_impaired=True)
    world.faults.begin(ActiveFault(id=name, action=action, began=world.now, effect=effect))
