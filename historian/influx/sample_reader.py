"""Questions about samples: which queries to ask and what the rows say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from historian.grid import Grid, element_of
from historian.influx import influxql
from historian.influx.connection import Connection, Rows
from historian.influx.names import TAGS, element_name, field_name, quality_name
from historian.ports import Bucket
from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import Sample, Value

_KEYS_MAX_AGE_S = 60.0
_AGGREGATES = ("min", "max", "mean", "last", "count")


class Wanted(NamedTuple):
    """A signal and the fields it is kept in."""

    signal: str
    values: tuple[str, ...]
    """One field, or one for each element of an array."""
    quality: str
    is_array: bool = False
    is_text: bool = False

    @property
    def fields(self) -> list[str]:
        """The fields to select, as InfluxQL: values, then quality."""
        return [influxql.field(name) for name in (*self.values, self.quality)]


class Most(NamedTuple):
    """How many samples of each series are asked for."""

    limit: int | None = None
    newest_first: bool = False


ALL = Most()
LAST = Most(1, newest_first=True)


class SampleReader:
    """Reads samples of one InfluxDB; knows which fields there are."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._keys: dict[str, tuple[float, dict[str, str]]] = {}

    async def wanted(self, measurement: str, signals: Iterable[str]) -> list[Wanted]:
        """Return which fields hold the signals; signals that were never written are left out."""
        signals = list(signals)
        loop = asyncio.get_running_loop()
        read_s, keys = self._keys.get(measurement, (-_KEYS_MAX_AGE_S, {}))
        found = [each for signal in signals if (each := _locate(signal, keys)) is not None]
        if len(found) < len(signals) or loop.time() - read_s > _KEYS_MAX_AGE_S:
            [answer] = await self._connection.query([influxql.show_field_keys(measurement)])
            keys = {name: kind for rows in answer for name, kind in rows.values}
            self._keys[measurement] = (loop.time(), keys)
            found = [each for signal in signals if (each := _locate(signal, keys)) is not None]
        return found

    async def samples(
        self, wanted: Sequence[Wanted], measurement: str, conditions: Sequence[str], *, most: Most = ALL
    ) -> list[dict[StationPath, list[Sample]]]:
        """Return for each wanted signal its samples by station."""
        if not wanted:
            return []
        answers = await self._connection.query(
            [
                influxql.select(
                    each.fields,
                    measurement,
                    conditions,
                    by_station=True,
                    newest_first=most.newest_first,
                    limit=most.limit,
                )
                for each in wanted
            ]
        )
        return [
            {_path(rows): _samples(each, rows) for rows in answer}
            for each, answer in zip(wanted, answers, strict=True)
        ]

    async def buckets(
        self, wanted: Wanted, measurement: str, conditions: Sequence[str], grid: Grid
    ) -> list[Bucket]:
        """Return the envelope of a signal, one bucket for each interval that has samples.

        Values of doubtful quality stand in the same field as good ones. Only if
        there are any is the slower question asked that leaves them out.
        """
        quality = influxql.field(wanted.quality)
        doubted = influxql.select_buckets([f"count({quality})"], measurement, conditions, grid)
        good = influxql.select_buckets(_aggregates(wanted), measurement, conditions, grid)
        good_rows, doubted_rows = await self._connection.query([good, doubted])
        if doubted_rows:
            strict = [*conditions, influxql.without_doubt(wanted.quality)]
            [good_rows] = await self._connection.query(
                [influxql.select_buckets(_aggregates(wanted), measurement, strict, grid)]
            )
        return _buckets(wanted, good_rows, doubted_rows)


def _locate(signal: str, keys: dict[str, str]) -> Wanted | None:
    name = field_name(signal)
    quality = quality_name(signal)
    if name in keys:
        return Wanted(signal, (name,), quality, is_text=keys[name] == "string")
    items = _elements(signal, keys)
    if items:
        return Wanted(signal, items, quality, is_array=True)
    if quality in keys:
        return Wanted(signal, (name,), quality)
    element = element_of(signal)
    if element is None:
        return None
    array, index = element
    if quality_name(array) not in keys and not _elements(array, keys):
        return None
    return Wanted(signal, (element_name(array, index),), quality_name(array))


def _elements(signal: str, keys: dict[str, str]) -> tuple[str, ...]:
    """Return the fields of an array, those between that never had a value included."""
    prefix = f"{field_name(signal)}_"
    indices = [
        int(key.removeprefix(prefix))
        for key in keys
        if key.startswith(prefix) and key.removeprefix(prefix).isdecimal()
    ]
    return tuple(element_name(signal, index) for index in range(max(indices) + 1)) if indices else ()


def _aggregates(wanted: Wanted) -> list[str]:
    if wanted.is_array or wanted.is_text:
        return [f"count({influxql.field(name)})" for name in wanted.values]
    return [f"{function}({influxql.field(wanted.values[0])})" for function in _AGGREGATES]


def _buckets(wanted: Wanted, good_rows: Iterable[Rows], doubted_rows: Iterable[Rows]) -> list[Bucket]:
    found: dict[int, Bucket] = {}
    for rows in good_rows:
        for start_ms, *row in rows.values:
            found[start_ms] = _bucket(wanted, start_ms, row)
    for rows in doubted_rows:
        for start_ms, count in rows.values:
            bucket = found.get(start_ms, Bucket(start_ms, None, None, None, None, 0, 0))
            found[start_ms] = bucket._replace(not_good=count)
    return [found[start_ms] for start_ms in sorted(found)]


def _bucket(wanted: Wanted, start_ms: int, row: Sequence[float | None]) -> Bucket:
    if wanted.is_array or wanted.is_text:
        return Bucket(start_ms, None, None, None, None, int(max(count or 0 for count in row)), 0)
    *envelope, count = row
    minimum, maximum, mean, last = (None if value is None else float(value) for value in envelope)
    return Bucket(start_ms, minimum, maximum, mean, last, int(count or 0), 0)


def _path(rows: Rows) -> StationPath:
    return StationPath(**{tag: rows.tags.get(tag, "") for tag in TAGS})


def _samples(wanted: Wanted, rows: Rows) -> list[Sample]:
    return [
        Sample(
            wanted.signal,
            at_ms,
            _array(values) if wanted.is_array else _scalar(values[0]),
            Quality.GOOD if quality is None else Quality(int(quality)),
        )
        for at_ms, *values, quality in rows.values
    ]


def _scalar(value: float | str | None) -> Value:
    return value if value is None or isinstance(value, str) else float(value)


def _array(values: Sequence[float | None]) -> Value:
    if all(value is None for value in values):
        return None
    return np.array(values, np.float64)
