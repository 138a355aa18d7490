"""Values to registers and back, for every encoding and word order.

The agent decodes with it and the simulator encodes with it; the tests pin its
bytes to the Modbus specification and to an independent server, so that a
shared mistake cannot cancel itself out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from plant.model import Encoding, WordOrder

Words = npt.NDArray[np.uint16]
"""Registers in address order, each as the integer the wire's big-endian bytes mean."""

_DTYPES: dict[Encoding, np.dtype[Any]] = {
    Encoding.INT16: np.dtype(">i2"),
    Encoding.UINT16: np.dtype(">u2"),
    Encoding.INT32: np.dtype(">i4"),
    Encoding.UINT32: np.dtype(">u4"),
    Encoding.INT64: np.dtype(">i8"),
    Encoding.UINT64: np.dtype(">u8"),
    Encoding.FLOAT32: np.dtype(">f4"),
    Encoding.FLOAT64: np.dtype(">f8"),
}


class EncodeError(ValueError):
    """A value does not fit its encoding."""


def _reordered(words: npt.NDArray[np.uint16], order: WordOrder) -> npt.NDArray[np.uint16]:
    """Swap bytes and words between the wire's order and ABCD; its own inverse."""
    if order.low_byte_first:
        words = words.byteswap()
    if order.low_word_first:
        words = words[:, ::-1]
    return words


def decode_numbers(words: Words, encoding: Encoding, order: WordOrder) -> npt.NDArray[np.generic]:
    """Return the numbers in consecutive registers, as the encoding's own type.

    `words` has shape (n * registers of one value,); the answer has shape (n,).
    """
    table = words.reshape(-1, encoding.registers)
    wire = np.ascontiguousarray(_reordered(table, order)).astype(">u2")
    numbers = wire.view(_DTYPES[encoding]).reshape(-1)
    if numbers.dtype.kind == "f":
        numbers[np.isnan(numbers)] = np.nan  # a signalling NaN would warn at every later conversion
    return numbers


def encode_numbers(
    values: Sequence[float] | npt.NDArray[np.generic], encoding: Encoding, order: WordOrder
) -> Words:
    """Return the registers that hold the raw numbers.

    Raises:
        EncodeError: a number is outside the encoding's range.
    """
    dtype = _DTYPES[encoding]
    given = np.asarray(values)
    given = _as_integers(given, encoding) if dtype.kind in "iu" else _as_floats(given, encoding)
    wire = given.astype(dtype).reshape(-1, 1).view(">u2").astype(np.uint16)
    return np.ascontiguousarray(_reordered(wire, order)).reshape(-1)


def _as_integers(given: npt.NDArray[Any], encoding: Encoding) -> npt.NDArray[Any]:
    """Return the numbers rounded to the nearest integer, if all of them fit."""
    info = np.iinfo(_DTYPES[encoding])
    rounded = np.rint(given) if given.dtype.kind == "f" else given
    # As Python integers, because 2**63 and 2**63 - 1 are one float.
    fits = all(np.isfinite(value) and info.min <= int(value) <= info.max for value in rounded.tolist())
    if not fits:
        raise EncodeError(f"{given.tolist()} does not fit {encoding}, {info.min} to {info.max}")
    return rounded


def _as_floats(given: npt.NDArray[Any], encoding: Encoding) -> npt.NDArray[Any]:
    """Return the numbers, if none of them becomes infinite."""
    numbers = given.astype(np.float64)
    most = np.finfo(_DTYPES[encoding]).max
    finite = np.abs(numbers[np.isfinite(numbers)])
    if finite.size and finite.max() > most:
        raise EncodeError(f"{given.tolist()} does not fit {encoding}, at most {most:g}")
    return numbers


def decode_text(words: Words, order: WordOrder) -> str:
    """Return the text up to its first NUL, without trailing blanks.

    Raises:
        UnicodeDecodeError: the bytes are not UTF-8.
    """
    swapped = words.byteswap() if order.low_byte_first else words
    return swapped.astype(">u2").tobytes().split(b"\0", 1)[0].decode("utf-8").rstrip()


def encode_text(text: str, length: int, order: WordOrder) -> Words:
    """Return `length` registers holding the text, padded with NUL.

    Raises:
        EncodeError: the text is longer than two bytes a register.
    """
    data = text.encode("utf-8")
    if len(data) > 2 * length:
        raise EncodeError(f"{text!r} takes {len(data)} bytes, there is room for {2 * length}")
    words = np.frombuffer(data.ljust(2 * length, b"\0"), dtype=">u2").astype(np.uint16)
    return words.byteswap() if order.low_byte_first else words
