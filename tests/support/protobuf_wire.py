"""Protobuf's wire format by hand, so that our payloads are checked against something else than themselves.

Protocol Buffers encoding: a field is a varint key `number << 3 | wire type`, then its value.
"""

from __future__ import annotations

import struct


def varint(value: int) -> bytes:
    """Return the base-128 varint of a non-negative integer."""
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)


def integer(number: int, value: int) -> bytes:
    """Return a varint field: uint32, uint64, bool."""
    return varint(number << 3) + varint(value)


def double(number: int, value: float) -> bytes:
    """Return a 64-bit field."""
    return varint(number << 3 | 1) + struct.pack("<d", value)


def single(number: int, value: float) -> bytes:
    """Return a 32-bit field."""
    return varint(number << 3 | 5) + struct.pack("<f", value)


def block(number: int, data: bytes | str) -> bytes:
    """Return a length-delimited field: string, bytes, message."""
    data = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(data)) + data
