"""DB instance classes: vCPUs, memory and price.

Sources: "DB instance classes" of Amazon Aurora and of Amazon RDS; the public On-Demand lists of
us-east-1, dollars an hour (Aurora Standard, and Single-AZ RDS for MySQL).
"""

from __future__ import annotations

from attrs import frozen


@frozen
class InstanceClass:
    """What one DB instance of the class has."""

    name: str
    vcpus: int
    memory: float
    """GiB."""
    aurora: float | None
    """US dollars an hour in a cluster of Aurora; None: there is no such class."""
    alone: float | None
    """The same of a DB instance that is in no cluster."""


_SIZES = {
    "large": 1,
    "xlarge": 2,
    "2xlarge": 4,
    "4xlarge": 8,
    "8xlarge": 16,
    "12xlarge": 24,
    "16xlarge": 32,
    "24xlarge": 48,
}
"""How many times a large one each size is."""
_FAMILIES: dict[str, tuple[float, float | None, float | None]] = {
    "m5": (8, None, 0.171),
    "m6g": (8, None, 0.152),
    "m6i": (8, None, 0.171),
    "r5": (16, 0.29, 0.24),
    "r6g": (16, 0.26, 0.215),
    "r6i": (16, 0.29, 0.24),
    "r7g": (16, 0.276, 0.239),
}
"""Memory and prices of a large one, which has two vCPUs."""
_BURSTABLE = """
t3.micro      2    1   -      0.017
t3.small      2    2   0.041  0.034
t3.medium     2    4   0.082  0.068
t3.large      2    8   0.164  0.136
t3.xlarge     4   16   -      0.272
t3.2xlarge    8   32   -      0.544
t4g.micro     2    1   -      0.016
t4g.small     2    2   -      0.032
t4g.medium    2    4   0.073  0.065
t4g.large     2    8   0.146  0.129
t4g.xlarge    4   16   -      0.258
t4g.2xlarge   8   32   -      0.517
"""


def _price(text: str) -> float | None:
    return None if text == "-" else float(text)


def _classes() -> dict[str, InstanceClass]:
    found = []
    for line in _BURSTABLE.strip().splitlines():
        size, vcpus, gigabytes, aurora, alone = line.split()
        prices = _price(aurora), _price(alone)
        found.append(InstanceClass(f"db.{size}", int(vcpus), float(gigabytes), *prices))
    for family, (memory, in_aurora, by_itself) in _FAMILIES.items():
        for size, times in _SIZES.items():
            priced = [None if p is None else p * times for p in (in_aurora, by_itself)]
            name = f"db.{family}.{size}"
            found.append(InstanceClass(name, 2 * times, memory * times, *priced))
    return {item.name: item for item in found}


CLASSES = _classes()
"""By name, such as db.r6g.large."""
