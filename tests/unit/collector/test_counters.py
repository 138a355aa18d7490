"""Raw counters: rollover, reset, gaps, repeats."""

from __future__ import annotations

import math

import pytest

from collector.production.counters import RawCounter, counter_of, increments
from plant.model import Encoding, Register, Role, Signal
from telemetry.quality import Quality
from telemetry.sample import Sample, Value

UINT16 = RawCounter(bits=16)


def counts(values: list[Value], every_ms: int = 1000) -> list[Sample]:
    return [Sample("good", index * every_ms, value) for index, value in enumerate(values)]


def amounts(values: list[Value], counter: RawCounter = UINT16) -> list[float]:
    return [increment.amount for increment in increments(counts(values), counter)]


def test_first_value_is_only_a_beginning() -> None:
    assert increments(counts([4711]), UINT16) == []


def test_rising_counter_gives_its_steps() -> None:
    assert amounts([10, 12, 12, 20]) == [2, 0, 8]


def test_16_bit_rollover_goes_on_counting() -> None:
    assert amounts([65530, 65535, 3]) == [5, 4]


def test_32_bit_rollover_goes_on_counting() -> None:
    assert amounts([2**32 - 2, 1], RawCounter(bits=32)) == [3]


def test_signed_rollover_to_the_most_negative_value() -> None:
    assert amounts([32766, -32767], RawCounter(bits=16, signed=True)) == [3]


def test_signed_rollover_to_zero() -> None:
    assert amounts([32766, 1], RawCounter(bits=16, signed=True)) == [3]


def test_decrease_in_the_middle_of_the_range_is_a_reset() -> None:
    assert amounts([30000, 4, 6]) == [4, 2]


def test_reset_near_the_top_is_told_from_a_rollover_by_the_ideal_rate() -> None:
    slow = RawCounter(bits=16, ideal_rate_per_min=60)
    assert amounts([60000, 2], slow) == [2]
    assert amounts([65534, 2], slow) == [4]


def test_rollover_in_an_outage_is_allowed_what_the_machine_can_make_in_it() -> None:
    slow = RawCounter(bits=16, ideal_rate_per_min=60)
    hour = [Sample("good", 0, 65000), Sample("good", 3_600_000, 1000)]
    assert [each.amount for each in increments(hour, slow)] == [1536]


def test_counter_without_an_integer_width_never_rolls_over() -> None:
    assert amounts([4e9, 5.0], RawCounter()) == [5.0]


def test_scale_applies_to_rollovers_and_steps_alike() -> None:
    metres = RawCounter(bits=16, scale=0.1)
    assert amounts([6553.4, 6553.5, 0.1], metres) == pytest.approx([0.1, 0.2])


@pytest.mark.parametrize("quality", [Quality.BAD, Quality.STALE, Quality.UNCERTAIN])
def test_samples_that_are_not_good_are_a_gap(quality: Quality) -> None:
    samples = [Sample("good", 0, 10), Sample("good", 1000, 9999, quality), Sample("good", 2000, 14)]
    assert increments(samples, UINT16) == [(2000, 4.0)]


@pytest.mark.parametrize("value", [None, "text", True, math.nan, math.inf])
def test_values_that_are_no_counts_are_a_gap(value: Value) -> None:
    assert amounts([10, value, 14]) == [4]


def test_order_and_repeats_do_not_matter() -> None:
    samples = counts([10, 12, 65535, 3])
    assert increments([*reversed(samples), *samples], UINT16) == increments(samples, UINT16)


def test_what_a_register_says_of_the_counter() -> None:
    register = Register(address=0, encoding=Encoding.INT32, scale=0.5, offset=1.0)
    signal = Signal(name="good", title="Good", role=Role.GOOD_COUNT, modbus=register)
    assert counter_of(signal, 12.0) == RawCounter(
        32, signed=True, scale=0.5, offset=1.0, ideal_rate_per_min=12.0
    )
