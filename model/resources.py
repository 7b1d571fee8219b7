"""What the resources of a template are to the model, whatever the service.

A resource is an attrs class whose fields are the snake_case of its CloudFormation properties, with
CloudFormation's defaults and AWS's ranges. A reference to another resource is held as that
resource's logical id; `model.fields.refers_to` says which types it may name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import field, frozen

REGION = "us-east-1"
ACCOUNT = "123456789012"
ZONES: tuple[str, ...] = tuple(REGION + letter for letter in "abcdef")
"""The Availability Zones of the region."""


@frozen
class Identity:
    """What AWS calls a resource once it is made."""

    logical_id: str
    type: str
    ref: str
    """What `Ref` gives."""
    attributes: Mapping[str, str] = field(factory=dict, hash=False)
    """What `Fn::GetAtt` gives, by attribute."""
    aliases: frozenset[str] = frozenset()
    """Other names that it is known by."""

    @property
    def arn(self) -> str:
        """Its ARN where it has one, else what `Ref` gives."""
        return self.attributes.get("Arn", self.ref)

    @property
    def names(self) -> frozenset[str]:
        """Everything that means this resource where another refers to it."""
        return frozenset({self.logical_id, self.ref, *self.attributes.values()}) | self.aliases


@frozen(kw_only=True)
class Resource:
    """One resource of a template."""

    TYPE: ClassVar[str]
    """Its CloudFormation type."""
    INERT: ClassVar[frozenset[str]] = frozenset()
    """Properties that AWS knows, that are not simulated, and that change no outcome."""
    REFUSED: ClassVar[Mapping[str, str]] = {}
    """Properties that AWS knows, that are not simulated and could change the outcome: and why."""

    identity: Identity

    @property
    def logical_id(self) -> str:
        return self.identity.logical_id
