"""What does not fit a register is refused with its range."""

from __future__ import annotations

import numpy as np
import pytest

from plant.model import Encoding, WordOrder
from telemetry.registers import EncodeError, decode_numbers, decode_text, encode_numbers, encode_text

ABCD = WordOrder.ABCD


@pytest.mark.parametrize(
    ("value", "encoding"),
    [
        (65535.6, Encoding.UINT16),
        (-0.6, Encoding.UINT16),
        (32768, Encoding.INT16),
        (2**32, Encoding.UINT32),
        (2.0**63, Encoding.INT64),
        (2.0**64, Encoding.UINT64),
        (-1, Encoding.UINT64),
        (float("nan"), Encoding.INT16),
        (float("inf"), Encoding.UINT32),
        (1e39, Encoding.FLOAT32),
    ],
)
def test_value_that_does_not_fit_is_refused(value: float, encoding: Encoding) -> None:
    with pytest.raises(EncodeError, match=f"does not fit {encoding}"):
        encode_numbers([1, value], encoding, ABCD)


@pytest.mark.parametrize(
    ("value", "encoding", "raw"),
    [
        (65535.4, Encoding.UINT16, 65535),
        (-0.4, Encoding.UINT16, 0),
        (2**63 - 1, Encoding.INT64, 2**63 - 1),
        (2**64 - 1, Encoding.UINT64, 2**64 - 1),
    ],
)
def test_value_is_rounded_before_its_range_is_checked(value: float, encoding: Encoding, raw: int) -> None:
    assert decode_numbers(encode_numbers([value], encoding, ABCD), encoding, ABCD).tolist() == [raw]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_floats_carry_what_is_no_number(value: float) -> None:
    decoded = decode_numbers(encode_numbers([value], Encoding.FLOAT32, ABCD), Encoding.FLOAT32, ABCD)
    np.testing.assert_equal(decoded, np.array([value], np.float32))


def test_no_values_take_no_registers() -> None:
    assert encode_numbers([], Encoding.UINT32, ABCD).size == 0
    assert encode_numbers([], Encoding.FLOAT32, ABCD).size == 0


def test_text_ends_at_its_first_nul_and_loses_trailing_blanks() -> None:
    words = np.frombuffer(b"NMC  \0OLD", dtype=">u2", count=4).astype(np.uint16)
    assert decode_text(words, ABCD) == "NMC"


def test_text_that_is_too_long_says_how_much_room_there_is() -> None:
    with pytest.raises(EncodeError, match="takes 5 bytes, there is room for 4"):
        encode_text("12345", 2, ABCD)


def test_bytes_that_are_no_text_are_an_error() -> None:
    with pytest.raises(UnicodeDecodeError):
        decode_text(np.array([0xFFFE], np.uint16), ABCD)
