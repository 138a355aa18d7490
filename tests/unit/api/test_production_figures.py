from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.services.production import (
    HOUR_MS,
    MINUTE_MS,
    BucketWidth,
    bucket_span,
    coverage,
    in_buckets,
    ratios,
    total,
)
from api.services.rate import output_station, rate_per_min, window_start_ms
from historian.ports import ProductionMinute
from plant.model import Plant, StationPath

PATH = StationPath("acc-douvrin", "assembly", "assembly-1", "filler-1")
START_MS = 1_790_000_000_000 // HOUR_MS * HOUR_MS


def minute(index: int, good: float = 0.0, reject: float = 0.0, **seconds: float) -> ProductionMinute:
    return ProductionMinute(PATH, START_MS + index * MINUTE_MS, good, reject, seconds)


def test_ratios_follow_iso_22400() -> None:
    # 60 minutes known, 10 planned not to run, 40 producing at an ideal 12 a minute.
    sums = total([minute(0, 380, 20, apt=2400, adot=300, adet=200, aust=100, planned=600)])
    found = ratios(sums, ideal_rate_per_min=12)
    assert found.availability == pytest.approx(2400 / 3000)
    assert found.performance == pytest.approx(400 / (12 * 40))
    assert found.quality == pytest.approx(380 / 400)
    # OEE = PRI * GQ / PBT, the standard's short form
    assert found.oee == pytest.approx((380 / 12 * 60) / 3000)


def test_unknown_time_counts_neither_as_running_nor_as_stopped() -> None:
    known = ratios(total([minute(0, 10, 0, apt=50, adot=10)]), 12)
    with_gap = ratios(total([minute(0, 10, 0, apt=50, adot=10), minute(1, unknown=60)]), 12)
    assert known == with_gap


def test_ratio_without_its_data_is_none_rather_than_one() -> None:
    nothing = ratios(total([]), 12)
    assert (nothing.availability, nothing.performance, nothing.quality, nothing.oee) == (None,) * 4
    assert ratios(total([minute(0, 5, 0, apt=60)]), None).performance is None


@given(st.floats(0, 1000), st.floats(0, 1000), st.floats(0, 1000), st.integers(1, 500))
def test_oee_does_not_change_when_stop_time_moves_between_causes(
    down: float, delay: float, setup: float, good: int
) -> None:
    moved = ratios(total([minute(0, good, 0, apt=600, adot=down + delay, aust=setup)]), 60)
    apart = ratios(total([minute(0, good, 0, apt=600, adot=down, adet=delay, aust=setup)]), 60)
    assert moved.oee == pytest.approx(apart.oee)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 50)), max_size=40), st.randoms())
def test_buckets_keep_every_product_in_any_order(made: list[tuple[int, int]], chance: random.Random) -> None:
    minutes = [minute(index, good) for index, good in made]
    chance.shuffle(minutes)
    for width in BucketWidth:
        found = in_buckets(minutes, width, START_MS).get(PATH, {})
        assert sum(sums.good for sums in found.values()) == sum(good for _, good in made)


def test_buckets_end_where_the_question_ends() -> None:
    asked = (START_MS + 5 * MINUTE_MS, START_MS + 20 * MINUTE_MS)
    assert bucket_span(START_MS, BucketWidth.HOUR, *asked) == asked
    assert bucket_span(asked[0], BucketWidth.TOTAL, *asked) == asked


def test_coverage_is_the_known_part_of_the_time() -> None:
    sums = total([minute(0, apt=30, unknown=30), minute(1, adot=60)])
    assert coverage(sums, START_MS, START_MS + 2 * MINUTE_MS) == pytest.approx(0.75)
    assert coverage(sums, START_MS, START_MS) is None


def test_rate_is_good_products_over_the_known_time_of_the_window() -> None:
    now_ms = START_MS + 10 * MINUTE_MS + 30_000
    minutes = [minute(index, 12, apt=60) for index in range(5, 10)] + [minute(10, 6, apt=30, unknown=30)]
    assert rate_per_min(minutes, now_ms) == pytest.approx(12)


def test_standing_still_lowers_the_rate_and_silence_does_not() -> None:
    now_ms = START_MS + 10 * MINUTE_MS
    half = [minute(index, 12, apt=60) for index in (5, 6)]
    assert rate_per_min([*half, minute(7, adot=60), minute(8, adot=60)], now_ms) == pytest.approx(6)
    assert rate_per_min([*half, minute(7, unknown=60), minute(8, unknown=60)], now_ms) == pytest.approx(12)


def test_rate_of_a_few_seconds_is_unknown() -> None:
    now_ms = START_MS + 10_000
    assert rate_per_min([minute(0, 5, apt=10, unknown=50)], now_ms) is None


def test_older_minutes_do_not_count_in_the_rate() -> None:
    now_ms = START_MS + 10 * MINUTE_MS
    assert window_start_ms(now_ms) == START_MS + 5 * MINUTE_MS
    assert rate_per_min([minute(4, 1000, apt=60), minute(5, 12, apt=60)], now_ms) == pytest.approx(12)


def test_output_of_a_line_is_its_last_station_that_counts(plant: Plant) -> None:
    lines = {line.line: line for area in plant.site("acc-douvrin").areas for line in area.lines}
    found = output_station(lines["assembly-1"], plant.profiles)
    assert found is not None
    assert found.station == "filler-1"
    assert output_station(lines["utilities-1"], plant.profiles) is None
