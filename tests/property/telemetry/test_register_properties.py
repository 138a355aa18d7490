"""Registers: what goes in comes out, for every encoding and order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from plant.model import Encoding, WordOrder
from telemetry.registers import decode_numbers, decode_text, encode_numbers, encode_text

ORDERS = st.sampled_from(list(WordOrder))
NUMBERS = {
    Encoding.INT16: np.int16, Encoding.UINT16: np.uint16, Encoding.INT32: np.int32,
    Encoding.UINT32: np.uint32, Encoding.INT64: np.int64, Encoding.UINT64: np.uint64,
    Encoding.FLOAT32: np.float32, Encoding.FLOAT64: np.float64,
}  # fmt: skip


@pytest.mark.parametrize("encoding", NUMBERS)
@given(data=st.data(), order=ORDERS)
def test_decoding_undoes_encoding(encoding: Encoding, data: st.DataObject, order: WordOrder) -> None:
    values = data.draw(arrays.arrays(NUMBERS[encoding], st.integers(0, 20)))
    words = encode_numbers(values, encoding, order)
    assert words.size == values.size * encoding.registers
    np.testing.assert_array_equal(decode_numbers(words, encoding, order), values)


@pytest.mark.parametrize("encoding", NUMBERS)
@given(words=arrays.arrays(np.uint16, st.integers(0, 20).map(lambda n: 4 * n)), order=ORDERS)
def test_any_registers_can_be_decoded_and_mean_the_same_again(
    encoding: Encoding, words: np.ndarray, order: WordOrder
) -> None:
    numbers = decode_numbers(words, encoding, order)
    again = decode_numbers(encode_numbers(numbers, encoding, order), encoding, order)
    np.testing.assert_array_equal(again, numbers)


@given(text=st.text().filter(lambda text: "\0" not in text and text == text.rstrip()), order=ORDERS)
def test_text_comes_back(text: str, order: WordOrder) -> None:
    length = (len(text.encode()) + 1) // 2 + 1
    assert decode_text(encode_text(text, length, order), order) == text
