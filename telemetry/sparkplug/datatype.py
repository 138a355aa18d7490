"""Sparkplug B data types: which field carries them, and the traps other encoders set.

Specification 3.0, sections 6.4.16 and 6.4.17. Arrays are packed little-endian.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from plant.model import Encoding
from telemetry.sample import FloatArray, Scalar, Value


class DataType(IntEnum):
    """Data type numbers of the specification."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19
    INT8_ARRAY = 22
    INT16_ARRAY = 23
    INT32_ARRAY = 24
    INT64_ARRAY = 25
    UINT8_ARRAY = 26
    UINT16_ARRAY = 27
    UINT32_ARRAY = 28
    UINT64_ARRAY = 29
    FLOAT_ARRAY = 30
    DOUBLE_ARRAY = 31
    BOOLEAN_ARRAY = 32
    STRING_ARRAY = 33
    DATETIME_ARRAY = 34


class UnsupportedTypeError(ValueError):
    """A metric has a data type that carries no process value."""


SIGNED_BITS = {DataType.INT8: 8, DataType.INT16: 16, DataType.INT32: 32, DataType.INT64: 64}
UNSIGNED = {DataType.UINT8, DataType.UINT16, DataType.UINT32, DataType.UINT64, DataType.DATETIME}
TEXTS = {DataType.STRING, DataType.TEXT, DataType.UUID}
_REALS = {DataType.FLOAT, DataType.DOUBLE}
_INTEGER_FIELDS = {"int_value", "long_value"}
_NUMBER_FIELDS = {"float_value", "double_value", *_INTEGER_FIELDS}
ARRAY_DTYPES: dict[DataType, np.dtype[Any]] = {
    DataType.INT8_ARRAY: np.dtype("<i1"), DataType.INT16_ARRAY: np.dtype("<i2"),
    DataType.INT32_ARRAY: np.dtype("<i4"), DataType.INT64_ARRAY: np.dtype("<i8"),
    DataType.UINT8_ARRAY: np.dtype("<u1"), DataType.UINT16_ARRAY: np.dtype("<u2"),
    DataType.UINT32_ARRAY: np.dtype("<u4"), DataType.UINT64_ARRAY: np.dtype("<u8"),
    DataType.FLOAT_ARRAY: np.dtype("<f4"), DataType.DOUBLE_ARRAY: np.dtype("<f8"),
    DataType.DATETIME_ARRAY: np.dtype("<i8"),
}  # fmt: skip

_PLAIN_FIELDS = {
    DataType.FLOAT: "float_value", DataType.DOUBLE: "double_value", DataType.BOOLEAN: "boolean_value",
    DataType.STRING: "string_value", DataType.TEXT: "string_value", DataType.UUID: "string_value",
    DataType.UINT8: "int_value", DataType.UINT16: "int_value", DataType.UINT32: "int_value",
    DataType.UINT64: "long_value", DataType.DATETIME: "long_value",
}  # fmt: skip

_UNSCALED = {
    Encoding.BOOL: DataType.BOOLEAN, Encoding.STRING: DataType.STRING,
    Encoding.INT16: DataType.INT16, Encoding.UINT16: DataType.UINT16,
    Encoding.INT32: DataType.INT32, Encoding.UINT32: DataType.UINT32,
    Encoding.INT64: DataType.INT64, Encoding.UINT64: DataType.UINT64,
    Encoding.FLOAT32: DataType.FLOAT, Encoding.FLOAT64: DataType.DOUBLE,
}  # fmt: skip


def datatype_of(encoding: Encoding, *, scaled: bool, array: bool) -> DataType:
    """Return the type that carries a register's engineering value without loss."""
    if array:
        exact_in_float = encoding is Encoding.FLOAT32 and not scaled
        return DataType.FLOAT_ARRAY if exact_in_float else DataType.DOUBLE_ARRAY
    if scaled and encoding.is_number:
        return DataType.DOUBLE
    return _UNSCALED[encoding]


def put(target: Any, value: Scalar, datatype: DataType) -> None:
    """Set a scalar on a metric, property or data set element."""
    match datatype:
        case DataType.DOUBLE:
            target.double_value = value
        case DataType.FLOAT:
            target.float_value = value
        case DataType.BOOLEAN:
            target.boolean_value = bool(value)
        case DataType.STRING | DataType.TEXT | DataType.UUID:
            target.string_value = str(value)
        case DataType.INT64 | DataType.UINT64 | DataType.DATETIME:
            target.long_value = int(value) & 0xFFFF_FFFF_FFFF_FFFF
        case (
            DataType.INT8
            | DataType.INT16
            | DataType.INT32
            | DataType.UINT8
            | DataType.UINT16
            | DataType.UINT32
        ):
            target.int_value = int(value) & 0xFFFF_FFFF
        case _:
            raise UnsupportedTypeError(f"{datatype.name} is not a scalar")


def take(source: Any, datatype: DataType) -> Scalar:
    """Return the scalar a metric, property or data set element carries.

    Encoders disagree about the field (Tahu writes UInt32 as `long_value`, the
    specification says `int_value`), so the value is taken from where it is.

    Raises:
        UnsupportedTypeError: the type is not a scalar, or its value is missing or of another kind.
    """
    field = source.WhichOneof("value")
    if field is None:
        raise UnsupportedTypeError(f"{datatype.name} without a value that is not marked null")
    raw = getattr(source, field)
    if datatype in _REALS:
        if field in _NUMBER_FIELDS:
            return float(raw)
    elif datatype in UNSIGNED or datatype in SIGNED_BITS:
        if field in _INTEGER_FIELDS:
            return _narrow(raw, datatype)
    elif datatype is DataType.BOOLEAN:
        if field == "boolean_value" or field in _INTEGER_FIELDS:
            return bool(raw)
    elif datatype in TEXTS:
        if field == "string_value":
            return str(raw)
    else:
        raise UnsupportedTypeError(f"{datatype.name} is not a scalar")
    raise UnsupportedTypeError(f"{datatype.name} does not travel as {field}")


def plain_field(datatype: DataType) -> str | None:
    """Return the field whose content is the value as it stands; None if it has to be converted."""
    return _PLAIN_FIELDS.get(datatype)


def _narrow(raw: int, datatype: DataType) -> int:
    """Truncate to the type's width and sign-extend, as encoders disagree about upper bits."""
    bits = SIGNED_BITS.get(datatype)
    if bits is None:
        return raw
    raw &= (1 << bits) - 1
    return raw - (1 << bits) if raw >> (bits - 1) else raw


def pack_array(values: FloatArray, datatype: DataType) -> bytes:
    """Return the array's bytes."""
    return values.astype(ARRAY_DTYPES[datatype]).tobytes()


def unpack_array(data: bytes, datatype: DataType) -> Value:
    """Return the numbers of an array metric.

    Raises:
        UnsupportedTypeError: the type is no numeric array, or bytes are missing.
    """
    if datatype is DataType.BOOLEAN_ARRAY:
        return _unpack_booleans(data)
    dtype = ARRAY_DTYPES.get(datatype)
    if dtype is None:
        raise UnsupportedTypeError(f"{datatype.name} is not a numeric array")
    if len(data) % dtype.itemsize:
        raise UnsupportedTypeError(f"{len(data)} bytes are no whole number of {datatype.name} elements")
    return np.frombuffer(data, dtype).astype(np.float64)


def _unpack_booleans(data: bytes) -> FloatArray:
    count = int.from_bytes(data[:4], "little")
    bits = np.unpackbits(np.frombuffer(data, np.uint8)[4:])
    if len(data) < 4 or count > bits.size:
        raise UnsupportedTypeError(f"{len(data)} bytes are too few for {count} booleans")
    return bits[:count].astype(np.float64)
