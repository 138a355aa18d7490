"""Many good scalar samples to Sparkplug metrics at once, without an object per value (pure).

Writes the protobuf wire format (https://protobuf.dev/programming-guides/encoding)
column by column; the tests read it back with the protobuf library.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from telemetry.sparkplug.datatype import DataType, UnsupportedTypeError
from telemetry.sparkplug.schema import Metric, Payload

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_ALIAS_BYTES = 5
_INSTANT_BYTES = 6
"""Enough for milliseconds since 1970 until the year 2109."""
_FLOATS = {
    DataType.FLOAT: ("float_value", _FIXED32, "<f4"),
    DataType.DOUBLE: ("double_value", _FIXED64, "<f8"),
}
_INTEGERS = {
    DataType.BOOLEAN: ("boolean_value", 1),
    DataType.INT16: ("int_value", 5),
    DataType.UINT16: ("int_value", 3),
    DataType.INT32: ("int_value", 5),
    DataType.UINT32: ("int_value", 5),
    DataType.INT64: ("long_value", 10),
    DataType.UINT64: ("long_value", 10),
}
"""Field of the metric and the longest varint in it."""


def _tag(message: Any, field: str, wire_type: int) -> int:  # noqa: ANN401 - built at import, no class to name
    return int(message.DESCRIPTOR.fields_by_name[field].number) << 3 | wire_type


class RowEncoder:
    """Encodes samples of signals that share a data type; each row is a signal."""

    def __init__(self, aliases: Sequence[int], datatype: DataType) -> None:
        if datatype not in _FLOATS and datatype not in _INTEGERS:
            raise UnsupportedTypeError(f"{datatype.name} is not encoded in rows")
        self._datatype = datatype
        self._aliases, self._alias_mask = varints(np.asarray(aliases, np.uint64), _ALIAS_BYTES)

    def encode(
        self, rows: npt.NDArray[np.intp], values: npt.NDArray[Any], at_ms: npt.NDArray[np.int64]
    ) -> bytes:
        """Return the metrics of these rows; `values` and `at_ms` have one element per row given."""
        if not len(rows):
            return b""
        tag, value, value_mask = self._values(values)
        instant, instant_mask = varints(at_ms.astype(np.uint64), _INSTANT_BYTES)
        count = len(rows)
        always = np.ones((count, 1), np.bool_)

        def constant(byte: int) -> Bytes:
            return np.full((count, 1), byte, np.uint8)

        masks = [self._alias_mask[rows], always, instant_mask, always, value_mask]
        length = 1 + sum(mask.sum(axis=1, dtype=np.uint8) for mask in masks)
        table = np.hstack([
            constant(_tag(Payload, "metrics", _LENGTH)), length[:, None],
            constant(_tag(Metric, "alias", _VARINT)), self._aliases[rows],
            constant(_tag(Metric, "timestamp", _VARINT)), instant,
            constant(tag), value,
        ])  # fmt: skip
        return table[np.hstack([always, always, always, *masks])].tobytes()

    def _values(self, values: npt.NDArray[Any]) -> tuple[int, Bytes, Mask]:
        count = len(values)
        if self._datatype in _FLOATS:
            field, wire_type, dtype = _FLOATS[self._datatype]
            data = np.ascontiguousarray(values.astype(dtype)).view(np.uint8).reshape(count, -1)
            return _tag(Metric, field, wire_type), data, np.ones(data.shape, np.bool_)
        field, width = _INTEGERS[self._datatype]
        # Sign-extended to the field's own width, as the specification's encoders do.
        signed = values.astype(np.int64) if values.dtype.kind != "u" else values
        numbers = signed.astype(np.uint64)
        if field == "int_value":
            numbers &= np.uint64(0xFFFF_FFFF)
        return _tag(Metric, field, _VARINT), *varints(numbers, width)


def varints(numbers: npt.NDArray[np.uint64], width: int) -> tuple[Bytes, Mask]:
    """Return each number's varint in a row of `width` bytes, and which of the bytes belong to it."""
    parts = numbers[:, None] >> (np.uint64(7) * np.arange(width, dtype=np.uint64))
    used = parts != 0
    used[:, 0] = True
    more = np.zeros_like(used)
    more[:, :-1] = used[:, 1:]
    return ((parts & np.uint64(0x7F)).astype(np.uint8) | (more.astype(np.uint8) << 7)), used
