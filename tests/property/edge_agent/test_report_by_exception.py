"""Reporting many values at once says the same as reporting each alone, and never hides a change."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.report_by_exception import BlockReporter, is_due
from telemetry.quality import Quality
from telemetry.sample import Sample

HEARTBEAT_MS = 5000
QUALITIES = [Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.BAD, Quality.STALE]
polls = st.lists(
    st.tuples(
        st.lists(st.integers(-3, 3), min_size=3, max_size=3),
        st.lists(st.sampled_from(QUALITIES), min_size=3, max_size=3),
        st.integers(0, 2000),
    ),
    min_size=1,
    max_size=30,
)


@given(polls, st.sampled_from([0.0, 1.0, 2.0]))
def test_a_block_reports_what_each_alone_would(
    readings: list[tuple[list[int], list[Quality], int]], deadband: float
) -> None:
    block = BlockReporter(np.full(3, deadband), HEARTBEAT_MS, np.float64)
    last: list[Sample | None] = [None, None, None]
    at_ms = 1_000_000
    for values, qualities, pause_ms in readings:
        at_ms += pause_ms
        rows = block.report(
            np.asarray(values, np.float64), np.asarray(qualities, np.int16), np.full(3, at_ms, np.int64)
        )
        for row in range(3):
            value = float(values[row]) if qualities[row] is Quality.GOOD else None
            sample = Sample(f"s{row}", at_ms, value, qualities[row])
            due = is_due(last[row], sample, deadband=deadband, heartbeat_ms=HEARTBEAT_MS)
            early = row in rows and not due
            if early:  # only the first heartbeat of a block may come early, to spread them
                known = last[row]
                assert known is not None
                assert at_ms - known.at_ms >= HEARTBEAT_MS - row * HEARTBEAT_MS // 3
            else:
                assert (row in rows) == due
            if row in rows:
                last[row] = sample


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=50), st.sampled_from([0.0, 3.0, 10.0]))
def test_what_was_reported_is_never_a_deadband_away_from_the_truth(walk: list[int], deadband: float) -> None:
    block = BlockReporter(np.full(1, deadband), 10**9, np.uint16)
    good = np.full(1, Quality.GOOD, np.int16)
    for step, value in enumerate(walk):
        block.report(np.asarray([value], np.uint16), good, np.asarray([1_000_000 + step], np.int64))
        assert abs(int(block.values[0]) - value) < max(deadband, 1)
