"""Sizes and prices of the instance types.

Sources: "Amazon EC2 instance types" (T3, M5, C5, M7g) and the On-Demand price list for Linux in US
East (N. Virginia).
"""

from __future__ import annotations

import pytest

from model.ec2.instance_types import INSTANCE_TYPES, InstanceType


def of_family(family: str) -> list[InstanceType]:
    return [kind for kind in INSTANCE_TYPES.values() if kind.name.startswith(f"{family}.")]


@pytest.mark.parametrize(
    ("name", "vcpus", "memory", "price"),
    [
        ("t3.nano", 2, 0.5, 0.0052),
        ("t3.micro", 2, 1, 0.0104),
        ("t3.small", 2, 2, 0.0208),
        ("t3.medium", 2, 4, 0.0416),
        ("t3.large", 2, 8, 0.0832),
        ("t3.xlarge", 4, 16, 0.1664),
        ("t3.2xlarge", 8, 32, 0.3328),
        ("m5.large", 2, 8, 0.096),
        ("m5.xlarge", 4, 16, 0.192),
        ("m5.24xlarge", 96, 384, 4.608),
        ("c5.large", 2, 4, 0.085),
        ("c5.2xlarge", 8, 16, 0.34),
        ("c5.9xlarge", 36, 72, 1.53),
        ("c5.18xlarge", 72, 144, 3.06),
        ("m7g.medium", 1, 4, 0.0408),
        ("m7g.large", 2, 8, 0.0816),
        ("m7g.16xlarge", 64, 256, 2.6112),
    ],
)
def test_as_amazon_lists_them(name: str, vcpus: int, memory: float, price: float) -> None:
    assert INSTANCE_TYPES[name] == InstanceType(name, vcpus, memory, price)


@pytest.mark.parametrize(
    ("family", "memory", "price"),
    [("m5", 4.0, 0.048), ("c5", 2.0, 0.0425), ("m7g", 4.0, 0.0408)],
)
def test_fixed_families_sell_vcpus_with_so_much_memory_at_one_price(
    family: str, memory: float, price: float
) -> None:
    kinds = of_family(family)
    assert len(kinds) >= 8
    for kind in kinds:
        assert kind.memory == memory * kind.vcpus
        assert kind.price == pytest.approx(price * kind.vcpus)


def test_t3_doubles_its_price_and_memory_from_size_to_size() -> None:
    kinds = of_family("t3")
    assert [kind.memory for kind in kinds] == [0.5 * 2**size for size in range(7)]
    assert [kind.price for kind in kinds] == pytest.approx([0.0052 * 2**n for n in range(7)])
