"""Ticks: aligned, after now, and not a moment later than needed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.schedule import next_tick

PERIODS = st.sampled_from([0.05, 0.1, 0.25, 1.0, 3.0, 10.0, 60.0, 0.3, 1 / 3])
INSTANTS = st.floats(min_value=0, max_value=1e7)


@given(INSTANTS, INSTANTS, PERIODS)
def test_next_tick_is_the_first_one_after_now(scheduled_s: float, now_s: float, period_s: float) -> None:
    tick_s = next_tick(scheduled_s, now_s, period_s)
    assert tick_s > now_s or tick_s == scheduled_s
    assert tick_s <= max(scheduled_s, now_s + period_s * (1 + 1e-6))


@given(INSTANTS, INSTANTS, PERIODS)
def test_next_tick_is_aligned_to_the_schedule(scheduled_s: float, now_s: float, period_s: float) -> None:
    periods = (next_tick(scheduled_s, now_s, period_s) - scheduled_s) / period_s
    assert abs(periods - round(periods)) < 1e-4


@given(st.integers(0, 10_000), PERIODS)
def test_tick_that_is_due_now_is_never_due_again(count: int, period_s: float) -> None:
    due_s = 0.0
    for _ in range(3):
        due_s = next_tick(due_s, due_s + count * period_s, period_s)
        assert next_tick(due_s, due_s, period_s) > due_s
