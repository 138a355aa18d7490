"""Samples as the columns DuckDB takes in at once (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from historian.duckdb_store.catalog import Catalog
from historian.ports import StationBlock
from telemetry.quality import Quality
from telemetry.sample import FloatArray, Sample, Scalar

_NUMBERS = {float, int, type(None)}


@dataclass(slots=True)
class _Columns:
    series: list[int] = field(default_factory=list)
    at_ms: list[int] = field(default_factory=list)
    values: list[float | int | None] = field(default_factory=list)
    qualities: list[int] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    """By row: few signals are text."""
    items: dict[int, FloatArray] = field(default_factory=dict)
    """By row: few signals are arrays."""


def sample_table(blocks: Iterable[StationBlock], catalog: Catalog) -> pa.Table:
    """Return the samples of the blocks; loops over values only where they are not numbers.

    A good sample without a usable value is stored as bad.
    """
    columns = _Columns()
    for block in blocks:
        if block.samples:
            _append(columns, catalog.signals(block.path, block.measurement), block.samples)
    values = _as_floats(columns.values)
    absent = ~np.isfinite(values)
    qualities = np.array(columns.qualities, np.int16)
    qualities[_unusable(columns, absent) & (qualities == Quality.GOOD)] = Quality.BAD
    return pa.table(
        {
            "series": pa.array(columns.series, pa.int32()),
            "at_ms": pa.array(columns.at_ms, pa.int64()),
            "value": pa.array(values, mask=absent),
            "text": _text_column(columns),
            "items": _item_column(columns),
            "quality": qualities,
        }
    )


def number_of(value: Scalar | np.number[Any]) -> float:
    """Return the number, NaN for one that no float holds."""
    try:
        return float(value)
    except OverflowError:
        return float("nan")


def _append(columns: _Columns, ids: dict[str, int], samples: Sequence[Sample]) -> None:
    signals, at_ms, values, qualities = zip(*samples, strict=True)
    first = len(columns.values)
    columns.series.extend(map(ids.__getitem__, signals))
    columns.at_ms.extend(at_ms)
    columns.qualities.extend(qualities)
    if set(map(type, values)) <= _NUMBERS:
        columns.values.extend(values)
        return
    for row, value in enumerate(values, first):
        if isinstance(value, str):
            columns.texts[row] = value
        elif isinstance(value, np.ndarray):
            _keep_items(columns, row, value)
        columns.values.append(number_of(value) if isinstance(value, float | int | np.number) else None)


def _keep_items(columns: _Columns, row: int, items: FloatArray) -> None:
    finite = np.isfinite(items)
    if finite.any():
        columns.items[row] = np.where(finite, items, np.nan)


def _as_floats(values: Sequence[float | int | None]) -> FloatArray:
    try:
        return np.array(values, np.float64)
    except OverflowError:
        return np.array([None if value is None else number_of(value) for value in values], np.float64)


def _unusable(
    columns: _Columns, absent: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    unusable = absent.copy()
    unusable[[*columns.texts, *columns.items]] = False
    return unusable


def _text_column(columns: _Columns) -> pa.Array:
    count = len(columns.values)
    if not columns.texts:
        return pa.nulls(count, pa.string())
    return pa.array([columns.texts.get(row) for row in range(count)], pa.string())


def _item_column(columns: _Columns) -> pa.Array:
    count = len(columns.values)
    if not columns.items:
        return pa.nulls(count, pa.list_(pa.float64()))
    lengths = np.zeros(count + 1, np.int32)
    present = np.zeros(count, np.bool_)
    for row, items in columns.items.items():
        lengths[row + 1] = items.size
        present[row] = True
    offsets = pa.array(np.cumsum(lengths, dtype=np.int32))
    flat = np.concatenate([items.ravel() for items in columns.items.values()])
    return pa.ListArray.from_arrays(offsets, pa.array(flat), mask=pa.array(~present))
