"""What an operator does by the AWS Lambda API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.fields import at_least
from model.functions.resources import FunctionRef

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class PutFunctionConcurrency:
    function_name: FunctionRef
    reserved_concurrent_executions: int = field(validator=at_least(0))


@move("lambda:PutFunctionConcurrency", PutFunctionConcurrency)
def put_function_concurrency(world: World, action: Action) -> None:
    """Reserve so many of the account's concurrent executions for a function; 0 stops it."""
    wanted: PutFunctionConcurrency = action.parameters
    name = world.functions.name_of(wanted.function_name)
    if name not in world.functions.hosts:
        raise ActionError(
            f"Function not found: {wanted.function_name}", "ResourceNotFoundException"
        )
    try:
        world.functions.reserve(name, wanted.reserved_concurrent_executions)
    except ValueError as problem:
        raise ActionError(str(problem), "InvalidParameterValueException") from None
