"""What is wrong between the resources of a template."""

from __future__ import annotations

from attrs import frozen


@frozen
class Problem:
    """Something wrong with a resource, at a place below the template's `Resources`."""

    place: tuple[str | int, ...]
    message: str
