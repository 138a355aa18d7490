"""Metrics written in rows are the metrics the protobuf library reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.metric_rows import RowEncoder, varints
from telemetry.sample import Sample
from telemetry.sparkplug.datatype import DataType, UnsupportedTypeError
from telemetry.sparkplug.payload import MetricBuilder, MetricDef, parse

NUMPY: dict[DataType, Any] = {
    DataType.FLOAT: np.float32, DataType.DOUBLE: np.float64, DataType.BOOLEAN: np.bool_,
    DataType.INT16: np.int16, DataType.UINT16: np.uint16, DataType.INT32: np.int32,
    DataType.UINT32: np.uint32, DataType.INT64: np.int64, DataType.UINT64: np.uint64,
}  # fmt: skip
instants = st.integers(1, 2**42 - 1)
aliases = st.integers(0, 2**32 - 1)


def values_of(datatype: DataType) -> st.SearchStrategy[Any]:
    dtype: np.dtype[Any] = np.dtype(NUMPY[datatype])
    if dtype.kind == "b":
        return st.booleans()
    if dtype.kind == "f":
        return st.floats(width=32 if dtype.itemsize == 4 else 64, allow_nan=False)
    return st.integers(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))


@given(st.data(), st.sampled_from(list(NUMPY)))
def test_rows_say_the_same_as_the_library(data: st.DataObject, datatype: DataType) -> None:
    rows = data.draw(st.lists(st.tuples(aliases, instants, values_of(datatype)), min_size=1, max_size=20))
    encoder = RowEncoder([alias for alias, _, _ in rows], datatype)
    chosen = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1))))
    encoded = encoder.encode(
        np.asarray(chosen, np.intp),
        np.asarray([rows[row][2] for row in chosen], NUMPY[datatype]),
        np.asarray([rows[row][1] for row in chosen], np.int64),
    )
    builder = MetricBuilder()
    for row in chosen:
        alias, at_ms, value = rows[row]
        builder.add(MetricDef("", datatype, alias), Sample("", at_ms, value))
    assert parse(encoded) == parse(builder.metrics())


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1))
def test_varints_are_those_of_the_protobuf_encoding(numbers: list[int]) -> None:
    table, used = varints(np.asarray(numbers, np.uint64), 10)
    for number, row, mask in zip(numbers, table, used, strict=True):
        data = row[mask].tolist()
        assert sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(data)) == number
        assert [byte >> 7 for byte in data] == [1] * (len(data) - 1) + [0]
        assert len(data) == max(1, -(-number.bit_length() // 7))


def test_texts_do_not_go_in_rows() -> None:
    with pytest.raises(UnsupportedTypeError):
        RowEncoder([1], DataType.STRING)
