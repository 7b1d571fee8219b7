"""CPU credits: the examples of "Standard mode" and "Unlimited mode for burstable performance
instances" in the EC2 user guide."""

from __future__ import annotations

import pytest

from model.clock import HOUR
from model.ec2.credits import EARNED, Credits
from model.ec2.effects import Effect
from model.ec2.instance_types import INSTANCE_TYPES
from model.ec2.launch_templates import CreditSpecification, LaunchTemplateData
from tests.model.ec2.samples import Item, Region, load

DAY = 24 * HOUR


class Account:
    """An account whose instance is used as much as somebody says."""

    def __init__(self, kind: str, mode: str | None = None) -> None:
        credits = Credits.of(INSTANCE_TYPES[kind], mode)
        assert credits is not None
        self.credits = credits
        self.now = self.reading = 0.0
        credits.start(0.0, 0.0)

    def use(self, seconds: float, utilisation: float) -> float:
        """Run at a CPU utilisation for so long; the balance then."""
        minutes = round(seconds / 60)
        for _ in range(minutes):
            self.now += 60.0
            self.reading += 60.0 * utilisation * self.credits.type.vcpus
            self.credits.settle(self.now, self.reading)
        return self.credits.balance


def test_example_1_t3_nano_in_standard_mode() -> None:
    account = Account("t3.nano", "standard")
    assert account.use(DAY, 0.0) == pytest.approx(144)
    assert account.use(12 * HOUR, 0.025) == pytest.approx(144)
    assert account.use(DAY, 0.07) == pytest.approx(144 - 57.6)
    assert account.use(12 * HOUR, 0.025) == pytest.approx(144 - 57.6 + 36)
    assert account.use(DAY, 0.05) == pytest.approx(144 - 57.6 + 36)


def test_example_unlimited_pays_surplus_back_before_it_saves() -> None:
    account = Account("t3.nano")
    account.use(12 * HOUR, 0.10)
    assert account.credits.balance == 0.0
    assert account.credits.surplus == pytest.approx(72)
    account.use(12 * HOUR, 0.0)
    assert account.credits.surplus == pytest.approx(0.0)
    assert account.use(HOUR, 0.0) == pytest.approx(6)
    assert account.credits.cost == 0.0


def test_surplus_beyond_a_days_earnings_is_charged() -> None:
    account = Account("t3.nano")
    account.use(DAY, 1.0)
    spent, earned = 2 * 60 * 24, 144
    assert account.credits.surplus == 144
    assert account.credits.charged == pytest.approx(spent - earned - 144)
    assert account.credits.cost == pytest.approx((spent - earned - 144) / 60 * 0.05)
    account.credits.stop(account.now, account.reading)
    assert account.credits.charged == pytest.approx(spent - earned)


def test_t2_starts_with_launch_credits_and_spends_them_first() -> None:
    account = Account("t2.micro")
    assert account.credits.launch == 30
    account.use(20 * 60, 1.0)
    assert account.credits.launch == pytest.approx(10)
    assert account.credits.balance == pytest.approx(2)


@pytest.mark.parametrize(
    ("kind", "percent"), [("t3.nano", 5), ("t3.micro", 10), ("t3.large", 30), ("t3.2xlarge", 40)]
)
def test_the_baseline_is_that_of_the_guides_table(kind: str, percent: float) -> None:
    assert Account(kind).credits.baseline == pytest.approx(percent / 100)
    assert set(EARNED) <= set(INSTANCE_TYPES)


def test_as_credits_run_out_it_slows_down_to_the_baseline() -> None:
    account = Account("t3.micro", "standard")
    account.credits.balance = 20.0
    speeds = [account.credits.speed]
    for _ in range(15):
        account.use(60, account.credits.speed)
        speeds.append(account.credits.speed)
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[0] == 1.0
    assert 0.1 <= speeds[-1] < 0.3
    assert Account("t3.micro").credits.speed == 1.0, "unlimited never slows down"


def test_other_types_have_no_credits() -> None:
    assert Credits.of(INSTANCE_TYPES["m5.large"], None) is None


def of(items: list[Item], name: str) -> list[float]:
    return [item.point.statistic("Average") for item in items if item.key.name == name]


def test_metrics_come_every_five_minutes_even_with_detailed_monitoring() -> None:
    region = Region()
    instance = region.running(detailed=True, instance_type="t3.large")
    region.minutes(5)
    load(instance, 120.0)
    items = region.minutes(5)
    assert of(items, "CPUCreditUsage") == pytest.approx([2.0])
    assert of(items, "CPUCreditBalance") == pytest.approx([36 * 10 / 60 - 2], abs=0.3)
    assert of(items, "CPUSurplusCreditBalance") == [0.0]
    assert len(of(items, "CPUUtilization")) >= 5


def test_in_standard_mode_an_exhausted_instance_can_do_less() -> None:
    region = Region()
    standard = CreditSpecification(cpu_credits="standard")
    instance = region.running(instance_type="t3.micro", credit_specification=standard)
    region.run(25.0)
    assert instance.speed == pytest.approx(0.1, abs=0.03), "T3 begins without credits"
    assert instance.capability().vcpus == pytest.approx(2 * instance.speed)
    region.minutes(120)
    assert instance.speed == 1.0, "it has saved enough"


def test_credit_specifications_go_with_burstable_types_only() -> None:
    with pytest.raises(ValueError, match="burstable types"):
        LaunchTemplateData(
            instance_type="m5.large",
            credit_specification=CreditSpecification(cpu_credits="unlimited"),
        )


def test_a_fault_that_burns_cpu_burns_no_more_than_credits_allow() -> None:
    region = Region()
    standard = CreditSpecification(cpu_credits="standard")
    instance = region.running(
        detailed=True, instance_type="t3.small", credit_specification=standard
    )
    instance.set_effect(region.schedule.now, "stress", Effect(cpu_burnt=1.0))
    items = region.minutes(10)
    last = [item for item in items if item.key.name == "CPUUtilization"][-1]
    assert last.point.statistic("Average") == pytest.approx(20.0, abs=4.0)
    assert of(items, "CPUCreditUsage")[-1] == pytest.approx(2.0, abs=0.5)


def test_what_was_used_before_a_stop_is_not_told_again() -> None:
    region = Region()
    instance = region.running(instance_type="t3.small")
    load(instance, 600.0)
    region.ec2.stop_instances(instance.id)
    region.run(3600.0)
    region.ec2.start_instances(instance.id)
    assert max(of(region.minutes(10), "CPUCreditUsage")) == 0.0
