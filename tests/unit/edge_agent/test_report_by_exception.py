"""Report by exception, by example."""

from __future__ import annotations

import numpy as np

from edge_agent.report_by_exception import BlockReporter, is_due
from telemetry.quality import Quality
from telemetry.sample import Sample

GOOD = int(Quality.GOOD)


def report(block: BlockReporter, value: float, at_ms: int, quality: int = GOOD) -> bool:
    rows = block.report(np.asarray([value]), np.asarray([quality], np.int16), np.asarray([at_ms], np.int64))
    return len(rows) == 1


def test_a_change_of_exactly_one_deadband_is_reported() -> None:
    block = BlockReporter(np.asarray([0.1]), 60_000, np.float64)
    assert report(block, 0.2, 1000)
    assert report(block, 0.3, 2000)  # 0.3 - 0.2 is 0.09999999999999998
    assert not report(block, 0.35, 3000)


def test_small_steps_add_up_to_a_report() -> None:
    block = BlockReporter(np.asarray([1.0]), 60_000, np.float64)
    assert [report(block, value, 1000) for value in (0.0, 0.4, 0.8, 1.2)] == [True, False, False, True]


def test_a_clock_that_was_put_back_does_not_silence_the_heartbeat() -> None:
    block = BlockReporter(np.asarray([0.0]), 60_000, np.float64)
    report(block, 1.0, 10_000_000)
    assert report(block, 1.0, 5_000_000)


def test_a_row_about_which_nothing_is_known_stays_as_it_was() -> None:
    block = BlockReporter(np.asarray([0.0]), 60_000, np.float64)
    report(block, 1.0, 1000)
    assert not report(block, 7.0, 2000, quality=-1)
    assert block.values[0] == 1.0


def test_first_heartbeats_of_a_machine_at_rest_are_spread() -> None:
    block = BlockReporter(np.zeros(60), 60_000, np.float64)
    values, quality = np.zeros(60), np.full(60, GOOD, np.int16)
    counts = [len(block.report(values, quality, np.full(60, at_ms))) for at_ms in range(0, 180_000, 1000)]
    assert counts[0] == 60
    assert max(counts[1:]) <= 2


def test_an_unsigned_counter_that_falls_has_moved() -> None:
    block = BlockReporter(np.asarray([5.0]), 60_000, np.uint32)
    rows = [
        block.report(np.asarray([value], np.uint32), np.asarray([GOOD], np.int16), np.asarray([1000]))
        for value in (100, 0)
    ]
    assert [len(each) for each in rows] == [1, 1]


def test_one_dead_element_of_an_array_is_a_change() -> None:
    last = Sample("v", 0, np.asarray([1.0, 2.0]))
    new = Sample("v", 1, np.asarray([1.0, np.nan]))
    assert is_due(last, new, deadband=5.0, heartbeat_ms=60_000)
    assert not is_due(new, new._replace(at_ms=2), deadband=5.0, heartbeat_ms=60_000)


def test_a_text_is_reported_when_it_changes() -> None:
    last = Sample("recipe", 0, "A")
    assert not is_due(last, Sample("recipe", 1, "A"), deadband=0, heartbeat_ms=60_000)
    assert is_due(last, Sample("recipe", 1, "B"), deadband=0, heartbeat_ms=60_000)
