"""Register values pinned to the specification's printed frames and to IEEE 754 bytes.

MODBUS Application Protocol V1.1b3, sections 4.2 and 6. A codec that only
agrees with itself could be wrong on every wire.
"""

from __future__ import annotations

import itertools
import struct

import numpy as np
import pytest

from plant.model import Encoding, WordOrder
from telemetry.registers import Words, decode_numbers, decode_text, encode_numbers, encode_text

STRUCT_CODES = {
    Encoding.INT16: "h", Encoding.UINT16: "H", Encoding.INT32: "i", Encoding.UINT32: "I",
    Encoding.INT64: "q", Encoding.UINT64: "Q", Encoding.FLOAT32: "f", Encoding.FLOAT64: "d",
}  # fmt: skip
EXAMPLES = {
    Encoding.INT16: -12345, Encoding.UINT16: 0xABCD, Encoding.INT32: -1_234_567_890,
    Encoding.UINT32: 0xAABBCCDD, Encoding.INT64: -1_234_567_890_123_456_789,
    Encoding.UINT64: 0x1122334455667788, Encoding.FLOAT32: -123.45, Encoding.FLOAT64: -123.45,
}  # fmt: skip


def words_of(wire: str) -> Words:
    """Return the registers in the data bytes of a response, given in hexadecimal."""
    return np.frombuffer(bytes.fromhex(wire), dtype=">u2").astype(np.uint16)


def rearranged(big_endian: bytes, order: WordOrder) -> bytes:
    """Return the bytes A B C D ... as the order's letters arrange them, word by word."""
    words = [big_endian[at : at + 2] for at in range(0, len(big_endian), 2)]
    if order in (WordOrder.CDAB, WordOrder.DCBA):
        words.reverse()
    if order in (WordOrder.BADC, WordOrder.DCBA):
        words = [word[::-1] for word in words]
    return b"".join(words)


def test_registers_are_big_endian_as_in_section_4_2() -> None:
    assert words_of("12 34").tolist() == [0x1234]


def test_read_holding_registers_example_of_section_6_3() -> None:
    response = words_of("02 2B 00 00 00 64")
    assert decode_numbers(response, Encoding.UINT16, WordOrder.ABCD).tolist() == [555, 0, 100]


def test_read_input_registers_example_of_section_6_4() -> None:
    assert decode_numbers(words_of("00 0A"), Encoding.INT16, WordOrder.ABCD).tolist() == [10]


@pytest.mark.parametrize(
    ("order", "wire"),
    [
        (WordOrder.ABCD, "C2 F6 E6 66"),
        (WordOrder.CDAB, "E6 66 C2 F6"),
        (WordOrder.BADC, "F6 C2 66 E6"),
        (WordOrder.DCBA, "66 E6 F6 C2"),
    ],
)
def test_commissioning_value_of_a_transmitter_in_every_order(order: WordOrder, wire: str) -> None:
    assert decode_numbers(words_of(wire), Encoding.FLOAT32, order).tolist() == [np.float32(-123.45)]
    assert encode_numbers([-123.45], Encoding.FLOAT32, order).tolist() == words_of(wire).tolist()


@pytest.mark.parametrize(("encoding", "order"), list(itertools.product(STRUCT_CODES, WordOrder)))
def test_every_encoding_and_order_agrees_with_the_standard_library(
    encoding: Encoding, order: WordOrder
) -> None:
    values = [EXAMPLES[encoding], 0, 1]
    code = STRUCT_CODES[encoding]
    wire = b"".join(rearranged(struct.pack(f">{code}", value), order) for value in values)
    expected = [struct.unpack(f">{code}", struct.pack(f">{code}", value))[0] for value in values]

    assert encode_numbers(values, encoding, order).astype(">u2").tobytes() == wire
    assert decode_numbers(words_of(wire.hex()), encoding, order).tolist() == expected


def test_quiet_nan_of_a_transmitter_without_a_value_stays_nan() -> None:
    assert np.isnan(decode_numbers(words_of("7F C0 00 00"), Encoding.FLOAT32, WordOrder.ABCD)[0])


@pytest.mark.parametrize(
    ("order", "wire"),
    [(WordOrder.ABCD, "4C 46 50 2D 35 00"), (WordOrder.BADC, "46 4C 2D 50 00 35")],
)
def test_text_has_two_characters_a_register_high_byte_first_unless_swapped(
    order: WordOrder, wire: str
) -> None:
    assert decode_text(words_of(wire), order) == "LFP-5"
    assert encode_text("LFP-5", 3, order).tolist() == words_of(wire).tolist()
