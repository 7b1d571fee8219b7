"""What the resources of a template are to the model, whatever the service.

A resource is an attrs class whose fields are the snake_case of its CloudFormation properties, with
CloudFormation's defaults and AWS's ranges. A reference to another resource is held as that
resource's logical id; `RefersTo` says which types it may name.
"""

from __future__ import annotations

from attrs import frozen

REGION = "us-east-1"
ACCOUNT = "123456789012"


@frozen
class RefersTo:
    """Marks (in `Annotated[str, RefersTo(...)]`) a field that holds another's logical id."""

    types: tuple[str, ...]


def refers_to(*types: str) -> RefersTo:
    return RefersTo(types)
