"""From a ring's head and slots to its new results, each exactly once (pure).

Besides the number of the last result taken, the cursor keeps a fingerprint of
every slot as it was last seen. A PLC that restarted counts from 1 again; only
the fingerprints tell its new results from those that were in the slots before.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from edge_agent.sources.read_plan import ReadRequest
from plant.model import Encoding, Profile, ResultRing, RingField, WordOrder
from telemetry.registers import Words, decode_numbers, decode_text
from telemetry.sample import Result, Scalar
from telemetry.scale import engineering

MOST_WAITS = 5
"""Polls to wait for a slot that does not hold the number it should, before it counts as missed."""
CONFIRMATIONS = 2
"""Polls that must agree that the head went back; one alone can be a torn counter."""
EARLIEST_MS = 946_684_800_000
"""The year 2000: a PLC clock before it was never set."""
CLOCK_TOLERANCE_MS = 86_400_000
_PRINT_BYTES = 4
_NUMBER_BYTES = 8


@dataclass(frozen=True, slots=True)
class RingCursor:
    """How far a ring has been taken."""

    number: int = 0
    """Of the last result taken; 0 before the first."""
    prints: bytes = b""
    """Fingerprint of each slot as it was last taken."""
    waits: int = 0
    set_backs: int = 0
    """Polls in a row in which the head was behind the cursor."""
    suspect: bool = False
    """The last taken slot changed: the whole ring has to be looked at."""

    def to_bytes(self) -> bytes:
        """Return what has to survive a restart of the agent."""
        return self.number.to_bytes(_NUMBER_BYTES, "little") + self.prints

    @classmethod
    def from_bytes(cls, data: bytes) -> RingCursor:
        """Return the cursor that was kept."""
        return cls(int.from_bytes(data[:_NUMBER_BYTES], "little"), data[_NUMBER_BYTES:])


@dataclass(frozen=True, slots=True)
class RingOutcome:
    """What a poll of the ring brought."""

    cursor: RingCursor
    taken: list[tuple[int, Words]] = field(default_factory=list)
    """Number and slot of each new result, in order."""
    missed: int = 0
    """Results that were overwritten before they could be read."""
    restarted: bool = False
    """The PLC began to count anew."""


Slots = Mapping[int, Words]


def slots_wanted(ring: ResultRing, cursor: RingCursor, head: int, *, first_look: bool) -> list[int]:
    """Return the indices of the slots to read.

    That is the new ones and the last taken, whose change betrays a restart; all
    of them when the counters alone do not explain what happened.
    """
    ahead = head - cursor.number
    if cursor.suspect or ahead < 0 or ahead >= ring.slots or len(cursor.prints) != ring.slots * _PRINT_BYTES:
        return list(range(ring.slots))
    if ahead == 0 and not (first_look and cursor.number):
        return []
    return sorted({(number - 1) % ring.slots for number in range(max(cursor.number, 1), head + 1)})


def take(ring: ResultRing, order: WordOrder, cursor: RingCursor, head: int, slots: Slots) -> RingOutcome:
    """Return the new results among the slots that were read."""
    if len(cursor.prints) != ring.slots * _PRINT_BYTES:
        cursor = RingCursor(cursor.number, bytes(ring.slots * _PRINT_BYTES))
    if head < cursor.number:
        if cursor.set_backs + 1 < CONFIRMATIONS:
            return RingOutcome(replace(cursor, set_backs=cursor.set_backs + 1))
        return _take_restarted(ring, order, cursor, head, slots)
    cursor = replace(cursor, set_backs=0)
    last = (cursor.number - 1) % ring.slots
    if cursor.number and last in slots and _is_other_result(ring, order, cursor, slots[last]):
        if len(slots) < ring.slots:
            return RingOutcome(replace(cursor, suspect=True))
        return _take_restarted(ring, order, cursor, head, slots)
    return _take_following(ring, order, cursor, head, slots)


def _is_other_result(ring: ResultRing, order: WordOrder, cursor: RingCursor, slot: Words) -> bool:
    """Return whether the last taken slot changed, other than by a later result of the same count."""
    index = (cursor.number - 1) % ring.slots
    known = _print_at(cursor.prints, index)
    number = number_of(slot, order)
    if known in (0, _fingerprint(slot)):
        return False
    overwritten = number > cursor.number and (number - cursor.number) % ring.slots == 0
    return not overwritten and (number - 1) % ring.slots == index


def _take_following(
    ring: ResultRing, order: WordOrder, cursor: RingCursor, head: int, slots: Slots
) -> RingOutcome:
    """Return the results after the cursor, up to the first slot that does not hold what it should."""
    oldest = head - ring.slots + 1
    start = max(cursor.number + 1, oldest)
    missed = start - cursor.number - 1
    if cursor.number == 0:
        missed = 0  # never seen before: what was overwritten long ago is not this agent's loss
    taken: list[tuple[int, Words]] = []
    prints = bytearray(cursor.prints)
    for number in range(start, head + 1):
        index = (number - 1) % ring.slots
        slot = slots.get(index)
        if slot is None:
            break
        found = number_of(slot, order)
        lapped = found > number and (found - number) % ring.slots == 0
        if found == number:
            taken.append((number, slot))
            _set_print(prints, index, slot)
        elif lapped or cursor.waits >= MOST_WAITS:
            missed += 1
        elif number == start:
            return RingOutcome(replace(cursor, waits=cursor.waits + 1))
        else:
            return RingOutcome(RingCursor(cursor.number, bytes(prints), waits=1), taken, missed)
        cursor = replace(cursor, number=number, waits=0)
    return RingOutcome(RingCursor(cursor.number, bytes(prints)), taken, missed)


def _take_restarted(
    ring: ResultRing, order: WordOrder, cursor: RingCursor, head: int, slots: Slots
) -> RingOutcome:
    """Return what the old count left unread in the ring, then what the new count has made."""
    taken: list[tuple[int, Words]] = []
    prints = bytearray(cursor.prints)

    def take_unseen(number: int) -> bool:
        index = (number - 1) % ring.slots
        slot = slots.get(index)
        if slot is None or number_of(slot, order) != number:
            return False
        if _fingerprint(slot) != _print_at(bytes(prints), index):
            taken.append((number, slot))
            _set_print(prints, index, slot)
        return True

    number = max(cursor.number, head) + 1
    while number <= cursor.number + ring.slots and take_unseen(number):
        number += 1
    last = max(0, head - ring.slots)
    while last < head and take_unseen(last + 1):
        last += 1
    return RingOutcome(RingCursor(last, bytes(prints)), taken, 0, restarted=True)


def number_of(slot: Words, order: WordOrder) -> int:
    """Return the result number in the slot's first two registers; also decodes a head counter."""
    return int(decode_numbers(slot[:2], Encoding.UINT32, order)[0])


def slots_in(ring: ResultRing, request: ReadRequest, words: Words) -> dict[int, Words]:
    """Return the slots that a request's answer holds, by index."""
    first = (request.address - ring.first_slot) // ring.stride
    return {first + index: slot for index, slot in enumerate(words.reshape(-1, ring.stride))}


def decode_results(
    profile: Profile, ring: ResultRing, taken: Iterable[tuple[int, Words]], read_at_ms: int
) -> list[Result]:
    """Return the results of slots; a field that cannot be decoded is None, the others stand."""
    return [_result(profile, ring, number, slot, read_at_ms) for number, slot in taken]


def _result(profile: Profile, ring: ResultRing, number: int, slot: Words, read_at_ms: int) -> Result:
    fields = {each.name: _field(each, slot, profile.modbus.word_order) for each in ring.fields}
    at_ms = fields.get(ring.time_field) if ring.time_field else None
    if not isinstance(at_ms, int | float) or not EARLIEST_MS <= at_ms <= read_at_ms + CLOCK_TOLERANCE_MS:
        at_ms = read_at_ms
    key = fields[ring.key_field]
    return Result(ring.kind, int(at_ms), number, "" if key is None else str(key), fields)


def _field(described: RingField, slot: Words, default_order: WordOrder) -> Scalar | None:
    words = slot[described.at : described.at + described.width]
    order = described.word_order or default_order
    if described.encoding is Encoding.STRING:
        try:
            return decode_text(words, order)
        except UnicodeDecodeError:
            return None
    raw = decode_numbers(words, described.encoding, order)[0].item()
    if not np.isfinite(raw):
        return None
    if described.scale == 1.0 and described.offset == 0.0:
        return raw  # type: ignore[no-any-return]
    return engineering(raw, described.scale, described.offset)


def _fingerprint(slot: Words) -> int:
    return zlib.crc32(slot.tobytes()) or 1


def _print_at(prints: bytes, index: int) -> int:
    return int.from_bytes(prints[index * _PRINT_BYTES : (index + 1) * _PRINT_BYTES], "little")


def _set_print(prints: bytearray, index: int, slot: Words) -> None:
    prints[index * _PRINT_BYTES : (index + 1) * _PRINT_BYTES] = _fingerprint(slot).to_bytes(4, "little")
