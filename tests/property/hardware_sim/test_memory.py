"""What is written into a PLC's memory is read back as it was meant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware_sim.result_slots import ResultSlots
from hardware_sim.serials import Serials
from plant.model import Encoding, ResultRing, RingField, WordOrder
from telemetry.registers import decode_numbers, decode_text

serial_texts = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=16)
results = st.lists(st.tuples(serial_texts, st.floats(-1e4, 1e4), st.integers(0, 99)), min_size=1, max_size=40)

RING = ResultRing(
    kind="cell", head=0, first_slot=4, slots=8, stride=20, key_field="serial", grade_field="grade",
    fields=(
        RingField(name="serial", at=2, encoding=Encoding.STRING, length=8),
        RingField(name="mass_g", at=10, encoding=Encoding.FLOAT32),
        RingField(name="grade", at=12, encoding=Encoding.UINT16),
    ),
)  # fmt: skip


@given(results, st.sampled_from(WordOrder))
def test_last_results_are_in_the_ring_each_whole_in_its_slot(
    made: list[tuple[str, float, int]], order: WordOrder
) -> None:
    words = np.zeros(RING.stop, dtype=np.uint16)
    slots = ResultSlots(RING, words, order)
    for serial, mass_g, grade in made:
        slots.append({"serial": serial, "mass_g": mass_g, "grade": grade})
    head = int(decode_numbers(words[0:2], Encoding.UINT32, order)[0])
    assert head == len(made)
    for number in range(max(1, head - RING.slots + 1), head + 1):
        start = RING.first_slot + (number - 1) % RING.slots * RING.stride
        slot = words[start : start + RING.stride]
        serial, mass_g, grade = made[number - 1]
        assert int(decode_numbers(slot[0:2], Encoding.UINT32, order)[0]) == number
        assert decode_text(slot[2:10], order) == serial
        assert float(decode_numbers(slot[10:12], Encoding.FLOAT32, order)[0]) == pytest.approx(
            mass_g, rel=1e-6
        )
        assert int(decode_numbers(slot[12:13], Encoding.UINT16, order)[0]) == grade


@given(st.integers(0, 4_000_000_000_000), st.integers(64, 10_000_000), st.integers(1, 500))
def test_later_start_never_repeats_a_number(started_at_ms: int, later_ms: int, count: int) -> None:
    first, second = Serials("ACC1", started_at_ms), Serials("ACC1", started_at_ms + later_ms)
    given_first = {first.next("C") for _ in range(count)}
    given_second = {second.next("C") for _ in range(count)}
    assert len(given_first) == len(given_second) == count
    assert given_first.isdisjoint(given_second)
