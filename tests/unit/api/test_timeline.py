from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.services.timeline import Segment, segments
from telemetry.quality import Quality
from telemetry.sample import Sample

HOLD_MS = 25_000


def state(at_ms: int, value: int | None, quality: Quality = Quality.GOOD) -> Sample:
    return Sample("state", at_ms, value, quality)


def test_state_holds_until_the_next_sample() -> None:
    found = segments([state(0, 6), state(10_000, 11)], 0, 20_000, hold_ms=HOLD_MS)
    assert found == [Segment(0, 10_000, 6), Segment(10_000, 20_000, 11)]


def test_sample_before_the_range_speaks_for_its_beginning() -> None:
    assert segments([state(-5_000, 6)], 0, 10_000, hold_ms=HOLD_MS) == [Segment(0, 10_000, 6)]


def test_silence_longer_than_two_heartbeats_is_unknown() -> None:
    found = segments([state(0, 6), state(100_000, 6)], 0, 110_000, hold_ms=HOLD_MS)
    assert found == [Segment(0, 25_000, 6), Segment(25_000, 100_000, None), Segment(100_000, 110_000, 6)]


def test_lost_station_is_unknown_from_the_moment_it_was_lost() -> None:
    found = segments([state(0, 6), state(10_000, None, Quality.STALE)], 0, 20_000, hold_ms=HOLD_MS)
    assert found == [Segment(0, 10_000, 6), Segment(10_000, 20_000, None)]


def test_heartbeats_of_one_state_are_one_segment() -> None:
    found = segments([state(at_ms, 6) for at_ms in range(0, 60_000, 10_000)], 0, 60_000, hold_ms=HOLD_MS)
    assert found == [Segment(0, 60_000, 6)]


def test_nothing_stored_is_all_unknown() -> None:
    assert segments([], 0, 10, hold_ms=HOLD_MS) == [Segment(0, 10, None)]


@given(st.lists(st.tuples(st.integers(-50_000, 150_000), st.integers(1, 17)), max_size=30))
def test_segments_cover_the_range_without_holes_or_overlaps(raw: list[tuple[int, int]]) -> None:
    samples = [state(at_ms, value) for at_ms, value in sorted(dict(raw).items())]
    found = segments(samples, 0, 100_000, hold_ms=HOLD_MS)
    assert found[0].start_ms == 0
    assert found[-1].stop_ms == 100_000
    for one, other in pairwise(found):
        assert one.stop_ms == other.start_ms
        assert one.state != other.state
