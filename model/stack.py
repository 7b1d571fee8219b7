"""A stack: the resources of one template, by their logical ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from attrs import frozen

from model.resources import Resource

Kind = TypeVar("Kind", bound=Resource)


@frozen
class Stack:
    """Resources in the order of their template."""

    resources: Mapping[str, Resource]

    def of(self, kind: type[Kind]) -> list[Kind]:
        """All resources of one class, in order."""
        return [item for item in self.resources.values() if isinstance(item, kind)]
