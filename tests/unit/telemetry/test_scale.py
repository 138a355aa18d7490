"""A scale means the decimal it was written as."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.scale import as_ratio, engineering


@pytest.mark.parametrize("scale", ["0.1", "0.01", "0.001", "0.5", "0.25", "2.5", "10", "1e-05", "0.0625"])
@given(raw=st.integers(-(2**31), 2**32 - 1))
def test_a_scaled_integer_is_the_nearest_number_to_the_exact_decimal(scale: str, raw: int) -> None:
    assert engineering(raw, float(scale), 0.0) == float(raw * Decimal(scale))


def test_one_tenth_is_one_tenth() -> None:
    assert 101 * 0.1 != 10.1
    assert engineering(101, 0.1, 0.0) == 10.1


def test_an_offset_is_added_after_scaling() -> None:
    assert engineering(200, 0.1, -40.0) == -20.0


@given(st.floats(1e-6, 1e6))
def test_a_ratio_is_the_scale(scale: float) -> None:
    numerator, denominator = as_ratio(scale)
    assert numerator / denominator == pytest.approx(scale, rel=1e-15)
