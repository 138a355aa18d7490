"""A ring of results in a PLC's memory: slots first, head counter last."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from plant.model import Encoding, ResultRing, RingField, WordOrder
from telemetry.registers import encode_numbers, encode_text
from telemetry.sample import Scalar


class ResultSlots:
    """Writes results into the slots of one ring."""

    def __init__(self, ring: ResultRing, words: npt.NDArray[np.uint16], order: WordOrder) -> None:
        self.ring = ring
        self.number = 0
        """Number of the last result, as the head counter says."""
        self._words = words
        self._order = order

    def append(self, values: Mapping[str, Scalar]) -> int:
        """Write the next result and return its number.

        The head is written last: whoever sees the new head sees the whole slot.
        """
        self.number = (self.number + 1) % 2**32 or 1
        start = self.ring.first_slot + (self.number - 1) % self.ring.slots * self.ring.stride
        number = encode_numbers([self.number], Encoding.UINT32, self._order)
        self._words[start : start + 2] = number
        for field in self.ring.fields:
            value = values.get(field.name)
            if value is not None:
                words = self._encode(field, value)
                self._words[start + field.at : start + field.at + len(words)] = words
        self._words[self.ring.head : self.ring.head + 2] = number
        return self.number

    def _encode(self, field: RingField, value: Scalar) -> npt.NDArray[np.uint16]:
        order = field.word_order or self._order
        if field.encoding is Encoding.STRING:
            length = field.length or 0
            # the end of an id is what tells it from others
            return encode_text(str(value)[-2 * length :], length, order)
        return encode_numbers([stored(field, value)], field.encoding, order)


def stored(field: RingField, value: Scalar) -> float | int:
    """Return the raw number of a value, at the ends of the encoding's range if it is beyond."""
    if isinstance(value, str):
        return 0
    raw = value if field.scale == 1 and field.offset == 0 else (value - field.offset) / field.scale
    if field.encoding in (Encoding.FLOAT32, Encoding.FLOAT64):
        return float(raw)
    if isinstance(raw, float) and not math.isfinite(raw):
        return 0
    bits = 16 * field.encoding.registers
    is_signed = field.encoding in (Encoding.INT16, Encoding.INT32, Encoding.INT64)
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
    return min(high, max(low, round(raw)))
