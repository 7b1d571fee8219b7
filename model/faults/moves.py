"""The move that lifts faults before their time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from model.actions import Action, ActionError, move

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class StopExperiment:
    """Parameters of `fis:StopExperiment`."""

    id: str | None = None
    """The fault to lift; all of them if none is named."""


@move("fis:StopExperiment", StopExperiment)
def stop_experiment(world: World, action: Action) -> None:
    """Lift one fault, or all of them."""
    wanted = action.parameters.id
    if wanted is not None and wanted not in world.faults.active:
        raise ActionError(f"no fault named {wanted} is at work")
    for fault_id in list(world.faults.active) if wanted is None else [wanted]:
        world.faults.end(fault_id)
