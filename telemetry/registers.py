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
    return wire.view(_DTYPES[encoding]).reshape(-1)


def encode_numbers(
    values: Sequence[float] | npt.NDArray[np.generic], encoding: Encoding, order: WordOrder
) -> Words:
    """Return the registers that hold the raw numbers.

    Raises:
        EncodeError: a number is outside the encoding's range.
    """
    dtype = _DTYPES[encoding]
    given = np.asarray(values)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        if (
            not np.all(np.isfinite(given.astype(np.float64)))
            or given.min() < info.min
            or given.max() > info.max
        ):
            raise EncodeError(f"{given.tolist()} does not fit {encoding}, {info.min} to {info.max}")
        given = np.rint(given) if given.dtype.kind == "f" else given
    wire = given.astype(dtype).reshape(-1, 1).view(">u2").astype(np.uint16)
    return np.ascontiguousarray(_reordered(wire, order)).reshape(-1)


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
