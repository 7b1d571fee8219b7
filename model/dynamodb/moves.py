"""What an operator does by the DynamoDB API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from model.actions import Action, ActionError, move
from model.dynamodb.resources import TableRef
from model.dynamodb.updates import Update

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class UpdateTable(Update):
    table_name: TableRef


@move("dynamodb:UpdateTable", UpdateTable)
def update_table(world: World, action: Action) -> None:
    """Change a table's provisioned throughput, or that of its indexes, or its billing mode."""
    wanted: UpdateTable = action.parameters
    if wanted.table_name not in world.dynamodb.tables:
        raise ActionError(
            f"Requested resource not found: Table: {wanted.table_name} not found",
            "ResourceNotFoundException",
        )
    world.dynamodb.update_table(wanted.table_name, wanted)
