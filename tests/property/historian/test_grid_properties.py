from hypothesis import given
from hypothesis import strategies as st

from historian.grid import grid_for


@given(
    st.integers(min_value=0, max_value=4 * 10**12),
    st.integers(min_value=1, max_value=10**12),
    st.integers(min_value=1, max_value=5000),
    st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_grid_has_at_most_the_points_asked_and_every_instant_lies_in_its_bucket(
    start_ms: int, length_ms: int, points: int, share: float
) -> None:
    stop_ms = start_ms + length_ms
    grid = grid_for(start_ms, stop_ms, points)
    first, last = grid.start_of(start_ms), grid.start_of(stop_ms - 1)
    assert (last - first) // grid.width_ms + 1 <= points
    at_ms = start_ms + int(length_ms * share)
    assert grid.start_of(at_ms) <= at_ms < grid.start_of(at_ms) + grid.width_ms
