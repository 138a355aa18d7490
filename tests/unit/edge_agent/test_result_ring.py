"""Results from a ring in the PLC: each exactly once, whatever the PLC and the agent go through."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.sources.read_plan import plan_slots
from edge_agent.sources.result_ring import (
    MOST_WAITS,
    RingCursor,
    RingOutcome,
    decode_results,
    number_of,
    slots_in,
    slots_wanted,
    take,
)
from plant.model import Encoding, ModbusDialect, Profile, ResultRing, WordOrder
from telemetry.registers import Words, encode_numbers, encode_text

ORDER = WordOrder.CDAB
SLOTS = 8
STRIDE = 16
NOW_MS = 1_700_000_000_000

PROFILE = Profile.model_validate({
    "profile": "tester", "measurement": "eol-tester", "title": "", "stage": "EOL",
    "poll_classes": {"state": {"period_s": 0.5}}, "modbus": {"word_order": ORDER}, "signals": [],
    "result_rings": [{
        "kind": "cell", "head": 0, "first_slot": 10, "slots": SLOTS, "stride": STRIDE,
        "time_field": "made_at", "key_field": "serial", "grade_field": "grade",
        "fields": [
            {"name": "made_at", "at": 2, "encoding": "uint64"},
            {"name": "serial", "at": 6, "encoding": "string", "length": 6},
            {"name": "grade", "at": 12},
            {"name": "ocv_v", "at": 13, "encoding": "uint16", "scale": 0.0001},
        ],
    }],
})  # fmt: skip
RING: ResultRing = PROFILE.result_rings[0]


class Plc:
    """A PLC that makes cells: a counter and a ring of slots."""

    def __init__(self) -> None:
        self.head = 0
        self.made: list[str] = []
        self.slots: list[Words] = [np.zeros(STRIDE, np.uint16) for _ in range(SLOTS)]
        self._cells = 0

    def make(self, count: int = 1) -> None:
        for _ in range(count):
            self._cells += 1
            self.head += 1
            serial = f"C{self._cells:05d}"
            self.made.append(serial)
            self.slots[(self.head - 1) % SLOTS] = slot(self.head, serial, NOW_MS + self._cells)

    def restart(self) -> None:
        """Count from 1 again; the ring's memory survives."""
        self.head = 0


class Agent:
    """An agent that polls the ring."""

    def __init__(self, plc: Plc) -> None:
        self.plc = plc
        self.cursor = RingCursor()
        self.taken: list[str] = []
        self.missed = 0
        self.restarts = 0
        self.first_look = True

    def poll(self) -> RingOutcome:
        wanted = slots_wanted(RING, self.cursor, self.plc.head, first_look=self.first_look)
        slots = {index: self.plc.slots[index].copy() for index in wanted}
        return self.took(take(RING, ORDER, self.cursor, self.plc.head, slots))

    def took(self, outcome: RingOutcome) -> RingOutcome:
        self.first_look = False
        self.cursor = outcome.cursor
        results = decode_results(PROFILE, RING, outcome.taken, NOW_MS)
        self.taken += [result.key for result in results]
        self.missed += outcome.missed
        self.restarts += outcome.restarted
        return outcome

    def be_killed(self) -> None:
        """Come back with what the spool kept."""
        self.cursor = RingCursor.from_bytes(self.cursor.to_bytes())
        self.first_look = True


def slot(number: int, serial: str, at_ms: int) -> Words:
    words = np.zeros(STRIDE, np.uint16)
    words[0:2] = encode_numbers([number], Encoding.UINT32, ORDER)
    words[2:6] = encode_numbers([at_ms], Encoding.UINT64, ORDER)
    words[6:12] = encode_text(serial, 6, ORDER)
    words[12:14] = [number % 3, 36500 + number]
    return words


@pytest.fixture
def plc() -> Plc:
    return Plc()


@pytest.fixture
def agent(plc: Plc) -> Agent:
    return Agent(plc)


def test_nothing_new_needs_no_slots(plc: Plc, agent: Agent) -> None:
    plc.make(3)
    agent.poll()
    assert slots_wanted(RING, agent.cursor, plc.head, first_look=False) == []


def test_only_new_slots_and_the_last_taken_are_read(plc: Plc, agent: Agent) -> None:
    plc.make(3)
    agent.poll()
    plc.make(2)
    assert slots_wanted(RING, agent.cursor, plc.head, first_look=False) == [2, 3, 4]


def test_each_result_is_taken_exactly_once_over_many_laps(plc: Plc, agent: Agent) -> None:
    for count in [1, 0, 3, 7, 2, 0, 8, 5, 1, 8, 8]:
        plc.make(count)
        agent.poll()
        agent.poll()
    assert agent.taken == plc.made
    assert (agent.missed, agent.restarts) == (0, 0)


def test_a_new_agent_takes_what_is_in_the_ring(plc: Plc, agent: Agent) -> None:
    plc.make(20)
    agent.poll()
    assert agent.taken == plc.made[-SLOTS:]
    assert agent.missed == 0


def test_a_wrapped_ring_says_how_many_were_missed(plc: Plc, agent: Agent) -> None:
    plc.make(2)
    agent.poll()
    plc.make(SLOTS + 3)
    agent.poll()
    assert agent.missed == 3
    assert agent.taken == plc.made[:2] + plc.made[-SLOTS:]


def test_a_slot_that_is_not_written_yet_is_read_again(plc: Plc, agent: Agent) -> None:
    plc.make(2)
    agent.poll()
    before = plc.slots[2]
    plc.make(2)
    late, plc.slots[2] = plc.slots[2], before
    agent.poll()
    assert agent.taken == plc.made[:2]
    plc.slots[2] = late
    agent.poll()
    assert agent.taken == plc.made


def test_results_before_a_torn_slot_are_taken_at_once(plc: Plc, agent: Agent) -> None:
    before = plc.slots[2]
    plc.make(4)
    late, plc.slots[2] = plc.slots[2], before
    agent.poll()
    assert agent.taken == plc.made[:2]
    plc.slots[2] = late
    agent.poll()
    assert agent.taken == plc.made


def test_a_slot_the_plc_never_fills_does_not_stop_the_ring(plc: Plc, agent: Agent) -> None:
    before = plc.slots[1]
    plc.make(3)
    plc.slots[1] = before
    for _ in range(MOST_WAITS + 2):
        agent.poll()
    assert agent.taken == [plc.made[0], plc.made[2]]
    assert agent.missed == 1


def test_a_slot_overwritten_while_it_was_read_counts_as_missed(plc: Plc, agent: Agent) -> None:
    plc.make(2)
    agent.poll()
    plc.make(SLOTS)
    head = plc.head
    wanted = slots_wanted(RING, agent.cursor, head, first_look=False)
    plc.make(1)  # overwrites slot 2, which held result 3, between the reads of head and slots
    agent.took(take(RING, ORDER, agent.cursor, head, {index: plc.slots[index] for index in wanted}))
    agent.poll()
    assert agent.missed == 1
    assert agent.taken == plc.made[:2] + plc.made[3:]


def test_a_torn_head_counter_is_not_believed(plc: Plc, agent: Agent) -> None:
    plc.make(5)
    agent.poll()
    for torn in (0, 65536 + 5):
        plc.head, head = torn, plc.head
        agent.poll()
        plc.head = head
        plc.make(1)
        agent.poll()
    assert agent.taken == plc.made
    assert (agent.missed, agent.restarts) == (0, 0)


def test_a_plc_that_restarts_is_followed_without_loss_or_repeat(plc: Plc, agent: Agent) -> None:
    plc.make(5)
    agent.poll()
    plc.restart()
    agent.poll()
    agent.poll()
    plc.make(3)
    agent.poll()
    agent.poll()
    assert agent.taken == plc.made
    assert agent.restarts == 1


def test_what_was_unread_before_a_restart_is_still_taken(plc: Plc, agent: Agent) -> None:
    plc.make(3)
    agent.poll()
    plc.make(4)  # 4 to 7, not polled
    plc.restart()
    plc.make(2)  # new 1 and 2 in the slots of the old 1 and 2
    agent.poll()
    agent.poll()
    assert sorted(agent.taken) == plc.made


def test_a_restart_that_overtook_the_old_count_is_noticed(plc: Plc, agent: Agent) -> None:
    plc.make(3)
    agent.poll()
    plc.restart()
    plc.make(6)
    agent.poll()
    agent.poll()
    assert agent.taken == plc.made
    assert agent.restarts == 1


def test_a_restart_to_exactly_the_old_count_is_noticed_by_a_new_connection(plc: Plc, agent: Agent) -> None:
    plc.make(3)
    agent.poll()
    plc.restart()
    plc.make(3)
    agent.first_look = True
    agent.poll()
    agent.poll()
    assert agent.taken == plc.made


def test_old_results_left_in_the_ring_by_an_earlier_count_are_not_repeated(plc: Plc, agent: Agent) -> None:
    plc.make(7)
    agent.poll()
    for _ in range(3):
        plc.restart()
        plc.make(2)
        agent.first_look = True
        agent.poll()
        agent.poll()
    assert sorted(agent.taken) == plc.made


def test_a_killed_agent_goes_on_where_its_spool_stands(plc: Plc, agent: Agent) -> None:
    plc.make(5)
    agent.poll()
    agent.be_killed()
    plc.make(2)
    agent.poll()
    agent.be_killed()
    agent.poll()
    assert agent.taken == plc.made


def test_a_result_carries_the_plcs_time_and_all_fields(plc: Plc, agent: Agent) -> None:
    plc.make(1)
    outcome = agent.poll()
    (result,) = decode_results(PROFILE, RING, outcome.taken, NOW_MS + 500)
    assert (result.kind, result.number, result.at_ms, result.key) == ("cell", 1, NOW_MS + 1, "C00001")
    assert result.fields["grade"] == 1
    assert result.fields["ocv_v"] == pytest.approx(3.6501)


@pytest.mark.parametrize("at_ms", [0, 1000, NOW_MS + 2 * 86_400_000, 2**63])
def test_a_plc_clock_that_was_never_set_is_not_used(at_ms: int) -> None:
    (result,) = decode_results(PROFILE, RING, [(1, slot(1, "C1", at_ms))], NOW_MS)
    assert result.at_ms == NOW_MS


def test_a_field_that_is_no_text_leaves_the_others() -> None:
    words = slot(1, "C1", NOW_MS)
    words[6:12] = 0xFFFF
    (result,) = decode_results(PROFILE, RING, [(1, words)], NOW_MS)
    assert (result.key, result.fields["serial"], result.fields["grade"]) == ("", None, 1)


def test_slots_are_found_in_an_answer() -> None:
    (request,) = plan_slots(RING, ModbusDialect(), [3, 4])
    words = np.concatenate([slot(4, "A", NOW_MS), slot(5, "B", NOW_MS)])
    assert {index: number_of(each, ORDER) for index, each in slots_in(RING, request, words).items()} == {
        3: 4, 4: 5,
    }  # fmt: skip
