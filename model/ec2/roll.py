"""Who reports to CloudWatch, and for which metrics each counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from attrs import frozen

from model.ec2.instances import Instance

Dimension = tuple[str, str]
"""Name and value."""


@frozen(slots=False)
class Roll:
    """Some instances that run, in order of launch."""

    instances: tuple[str, ...] = ()
    groups: tuple[str | None, ...] = ()
    """The Auto Scaling group whose metrics each counts for, if one."""
    types: tuple[str | None, ...] = ()
    """The instance type whose metrics each counts for: none with basic monitoring."""
    images: tuple[str | None, ...] = ()
    """The same of the image that it was launched from."""

    @classmethod
    def of(cls, instances: Sequence[Instance], groups: Mapping[str, str]) -> Roll:
        """`groups` are the Auto Scaling groups that instances count for, by the instance's id."""
        return cls(
            tuple([instance.id for instance in instances]),
            tuple([groups.get(instance.id) for instance in instances]),
            tuple([i.type.name if i.monitoring else None for i in instances]),
            tuple([i.image or None if i.monitoring else None for i in instances]),
        )

    def dimensions(self) -> Iterator[Dimension]:
        """What they report by, each once."""
        yield from self.places

    @cached_property
    def places(self) -> dict[Dimension, list[int]]:
        """Which of them make up a metric, by its dimension."""
        places: dict[Dimension, list[int]] = {}
        for place, name in enumerate(self.instances):
            places["InstanceId", name] = [place]
        for kind, names in (
            ("AutoScalingGroupName", self.groups),
            ("InstanceType", self.types),
            ("ImageId", self.images),
        ):
            for place, own in enumerate(names):
                if own is not None:
                    places.setdefault((kind, own), []).append(place)
        return places
