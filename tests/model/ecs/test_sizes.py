"""Task sizes ("Amazon ECS task definition differences for Fargate": task CPU and memory)."""

from __future__ import annotations

import pytest

from model.ecs.sizes import check_cpu, check_memory, cpu_units, mebibytes


@pytest.mark.parametrize(("text", "units"), [("256", 256), (".25 vCPU", 256), ("1vcpu", 1024)])
def test_cpu_in_units_or_vcpus(text: str, units: int) -> None:
    assert cpu_units(text) == units


@pytest.mark.parametrize(("text", "size"), [("512", 512), ("0.5GB", 512), ("3 GB", 3072)])
def test_memory_in_mebibytes_or_gigabytes(text: str, size: int) -> None:
    assert mebibytes(text) == size


def test_other_texts_are_no_sizes() -> None:
    with pytest.raises(ValueError, match=r"such as 256 or \.25 vCPU, not 'one'"):
        cpu_units("one")
    with pytest.raises(ValueError, match=r"such as 512 or 0\.5 GB"):
        mebibytes("1 TB")


@pytest.mark.parametrize(
    ("cpu", "right", "wrong"),
    [
        (256, (512, 1024, 2048), (256, 3072)),
        (512, (1024, 4096), (512, 5120)),
        (1024, (2048, 8192), (1024, 2500)),
        (2048, (4096, 16_384), (3072, 17_408)),
        (4096, (8192, 30_720), (7168, 31_744)),
        (8192, (16_384, 20_480, 61_440), (17_408, 65_536)),
        (16_384, (32_768, 122_880), (36_864,)),
        (32_768, (61_440, 122_880, 249_856), (65_536,)),
    ],
)
def test_the_table_of_the_guide(cpu: int, right: tuple[int, ...], wrong: tuple[int, ...]) -> None:
    check_cpu(cpu)
    for memory in right:
        check_memory(cpu, memory)
    for memory in wrong:
        with pytest.raises(ValueError, match=f"with a Cpu of {cpu}"):
            check_memory(cpu, memory)


def test_what_would_be_right_is_listed() -> None:
    with pytest.raises(ValueError, match="must be 512, 1024 or 2048 MiB for Fargate"):
        check_memory(256, 4096)
    with pytest.raises(ValueError, match="4096 to 16384 in steps of 1024 MiB"):
        check_memory(2048, 512)
    with pytest.raises(ValueError, match="must be one of 256, 512, 1024, 2048"):
        check_cpu(300)
    with pytest.raises(ValueError, match="must be one of 1024, 2048, 4096 for Fargate"):
        check_cpu(512, windows=True)
