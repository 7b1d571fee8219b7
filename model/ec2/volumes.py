"""EBS volumes: what types there are, how large and how fast each may be, and how launches map them.

Sources: API EbsBlockDevice and CreateVolume (Amazon EC2), API Ebs and BlockDeviceMapping (Amazon
EC2 Auto Scaling, whose ranges are older and narrower). What is read from a volume is not simulated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from attrs import field, frozen

from model.ec2.resources import zone_name
from model.fields import length, one_of
from model.resources import Resource

EPHEMERAL = re.compile(r"ephemeral\d{1,2}")
"""The names of instance store volumes."""


@frozen
class Limits:
    """What a volume of one type may be."""

    sizes: tuple[int, int]
    """GiB."""
    iops: tuple[int, int] | None = None
    """None: they cannot be provisioned."""
    per_gib: int = 0
    """The most IOPS for each GiB."""
    throughput: tuple[int, int] | None = None
    """MiB/s; None: it cannot be provisioned."""
    needs_iops: bool = False


VOLUMES: Mapping[str, Limits] = {
    "gp2": Limits((1, 16_384)),
    "gp3": Limits((1, 65_536), (3_000, 80_000), 500, (125, 2_000)),
    "io1": Limits((4, 16_384), (100, 64_000), 50, needs_iops=True),
    "io2": Limits((4, 65_536), (100, 256_000), 1_000, needs_iops=True),
    "st1": Limits((125, 16_384)),
    "sc1": Limits((125, 16_384)),
    "standard": Limits((1, 1_024)),
}
"""Of Amazon EC2."""
OLDER_VOLUMES: Mapping[str, Limits] = {
    "gp2": VOLUMES["gp2"],
    "gp3": Limits((1, 16_384), (3_000, 16_000), 500, (125, 1_000)),
    "io1": Limits((4, 16_384), (100, 20_000), 50, needs_iops=True),
    "st1": VOLUMES["st1"],
    "sc1": VOLUMES["sc1"],
    "standard": VOLUMES["standard"],
}
"""Of a launch configuration."""
USUAL_TYPE = "gp2"
"""What a volume is whose type is not given."""
THROUGHPUT_SHARE = 0.25
"""MiB/s of a gp3 volume for each of its IOPS, at most."""


def check_volume(
    types: Mapping[str, Limits],
    kind: str,
    size: int | None,
    iops: int | None,
    throughput: int | None,
) -> None:
    """Raises `ValueError` if there is no such volume among these types."""
    if kind not in types:
        raise ValueError(f"VolumeType must be one of {', '.join(types)}, not {kind!r}")
    limits = types[kind]
    _check_range(f"the size of a {kind} volume", size, limits.sizes, "GiB")
    if iops is None and limits.needs_iops:
        raise ValueError(f"an {kind} volume needs Iops")
    if iops is not None and kind != "gp2":  # of those it tells what they have anyway
        if limits.iops is None:
            raise ValueError(f"Iops go with gp3, io1 and io2 volumes, not with {kind}")
        _check_range(f"the Iops of a {kind} volume", iops, limits.iops, "")
        if size is not None and iops > max(limits.per_gib * size, limits.iops[0]):
            most = max(limits.per_gib * size, limits.iops[0])
            raise ValueError(f"a {kind} volume of {size} GiB has {most} IOPS at most, not {iops}")
    if throughput is not None:
        if limits.throughput is None:
            raise ValueError(f"Throughput goes with gp3 volumes, not with {kind}")
        _check_range(f"the Throughput of a {kind} volume", throughput, limits.throughput, "MiB/s")
        most_fast = THROUGHPUT_SHARE * (iops or 3_000)
        if throughput > max(most_fast, limits.throughput[0]):
            raise ValueError(
                f"a {kind} volume with {iops or 3_000} IOPS has a Throughput of {most_fast:g} "
                f"MiB/s at most, not {throughput}"
            )


def _check_range(what: str, value: int | None, limits: tuple[int, int], unit: str) -> None:
    low, high = limits
    if value is not None and not low <= value <= high:
        wanted = f"from {low} to {high} {unit}".rstrip()
        raise ValueError(f"{what} must be {wanted}, not {value}")


@frozen(kw_only=True)
class Ebs:
    """An EBS volume that is made at launch."""

    INERT: ClassVar[frozenset[str]] = frozenset({"KmsKeyId", "VolumeInitializationRate"})
    TYPES: ClassVar[Mapping[str, Limits]] = VOLUMES

    delete_on_termination: bool | None = None
    encrypted: bool | None = None
    iops: int | None = None
    snapshot_id: str | None = None
    throughput: int | None = None
    volume_size: int | None = None
    volume_type: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.snapshot_id is not None and self.encrypted is not None and self.TYPES is VOLUMES:
            raise ValueError(
                "a volume from a snapshot is as encrypted as that: leave Encrypted out"
            )
        given = (self.volume_size, self.iops, self.throughput)
        if self.volume_type is not None or given != (None, None, None):
            check_volume(self.TYPES, self.volume_type or USUAL_TYPE, *given)


@frozen(kw_only=True)
class OlderEbs(Ebs):
    """The same in a launch configuration."""

    INERT: ClassVar[frozenset[str]] = frozenset()
    TYPES: ClassVar[Mapping[str, Limits]] = OLDER_VOLUMES

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.volume_size is None and self.snapshot_id is None:
            raise ValueError("give a VolumeSize or a SnapshotId")


@frozen(kw_only=True)
class BlockDeviceMapping:
    """Which volume is attached as which device."""

    device_name: str | None = field(default=None, validator=length(1, 255))
    ebs: Ebs | None = None
    no_device: str | None = None
    """Takes a device of the image away."""
    virtual_name: str | None = None

    def __attrs_post_init__(self) -> None:
        check_mapping(self.device_name, self.ebs, self.no_device, self.virtual_name)


@frozen(kw_only=True)
class OlderBlockDeviceMapping:
    """The same in a launch configuration."""

    device_name: str = field(validator=length(1, 255))
    ebs: OlderEbs | None = None
    no_device: bool | None = None
    virtual_name: str | None = None

    def __attrs_post_init__(self) -> None:
        check_mapping(self.device_name, self.ebs, self.no_device or None, self.virtual_name)


def check_mapping(
    device: str | None, ebs: Ebs | None, no_device: object, virtual_name: str | None
) -> None:
    """Raises `ValueError` unless a mapping says one thing of a device."""
    if device is None:
        raise ValueError("a block device mapping needs a DeviceName")
    if sum(given is not None for given in (ebs, no_device, virtual_name)) != 1:
        raise ValueError(f"give exactly one of Ebs, NoDevice and VirtualName for {device}")
    if virtual_name is not None and not EPHEMERAL.fullmatch(virtual_name):
        raise ValueError(
            f"Value ({virtual_name}) for parameter virtualName is invalid. "
            "Expected format: 'ephemeralNUMBER'"
        )


def twice(mappings: tuple[BlockDeviceMapping | OlderBlockDeviceMapping, ...]) -> str | None:
    """A device that is mapped twice, if one is."""
    names = [mapping.device_name for mapping in mappings]
    return next((name for name in names if names.count(name) > 1), None)


@frozen
class AttachedVolume:
    """An EBS volume of an instance."""

    id: str
    type: str


def attached(
    mappings: Iterable[BlockDeviceMapping], draw: Callable[[], str]
) -> tuple[AttachedVolume, ...]:
    """The volumes that mappings make for an instance, with ids as they are drawn."""
    return tuple(
        AttachedVolume(f"vol-{draw()}", mapping.ebs.volume_type or USUAL_TYPE)
        for mapping in mappings
        if mapping.ebs is not None
    )


@frozen(kw_only=True)
class Volume(Resource):
    """An EBS volume of its own."""

    TYPE: ClassVar[str] = "AWS::EC2::Volume"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {"AutoEnableIO", "KmsKeyId", "SourceVolumeId", "Tags", "VolumeInitializationRate"}
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "AvailabilityZoneId": "zone ids differ from account to account; name the AvailabilityZone",
        "OutpostArn": "Outposts are not simulated",
    }

    availability_zone: str = field(validator=zone_name)
    encrypted: bool = False
    iops: int | None = None
    multi_attach_enabled: bool = False
    size: int | None = None
    snapshot_id: str | None = None
    throughput: int | None = None
    volume_type: str = field(default=USUAL_TYPE, validator=one_of(*VOLUMES))

    def __attrs_post_init__(self) -> None:
        if self.size is None and self.snapshot_id is None:
            raise ValueError("a volume needs a Size or a SnapshotId")
        if self.multi_attach_enabled and self.volume_type not in ("io1", "io2"):
            raise ValueError("MultiAttachEnabled goes with io1 and io2 volumes only")
        check_volume(VOLUMES, self.volume_type, self.size, self.iops, self.throughput)
