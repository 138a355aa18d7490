"""Questions about samples, as SQL. Blocks: for a reader's thread."""

# ruff: noqa: S608 - only whole numbers and our own column names are put into SQL

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import duckdb
import numpy as np

from historian.grid import Grid
from historian.ports import Bucket
from telemetry.quality import Quality
from telemetry.sample import Sample

_HOUR_MS = 3_600_000
_LOOK_BACK_MS = (_HOUR_MS // 6, 12 * _HOUR_MS, 240 * _HOUR_MS)
_BEGINNING_MS = -(1 << 62)

_WHOLE = "value, text, items"


class Wanted(NamedTuple):
    """A series, or one element of an array's."""

    number: int
    signal: str
    """Name the samples carry in the answer."""
    element: int | None = None
    """Element, counted from 0."""


def buckets(
    connection: duckdb.DuckDBPyConnection, wanted: Wanted, start_ms: int, stop_ms: int, grid: Grid
) -> list[Bucket]:
    """Return the envelope of a series, one bucket for each interval that has samples."""
    first_ms = grid.start_of(start_ms)
    columns = "value" if wanted.element is None else f"{_element(wanted.element)} AS value"
    present = "" if wanted.element is None else "WHERE value IS NOT NULL OR NOT is_good"
    rows = connection.execute(
        f"""
        {_stored(connection, [wanted.number], columns, start_ms, stop_ms)},
        judged AS (
            SELECT (at_ms - {first_ms}) // {grid.width_ms} AS place, at_ms, value,
            quality = {Quality.GOOD.value} AS is_good, CASE WHEN is_good THEN value END AS good FROM stored
        )
        SELECT place, min(good), max(good), avg(good), arg_max(good, at_ms),
        countif(is_good), countif(NOT is_good) FROM judged {present} GROUP BY place ORDER BY place
        """
    ).fetchall()
    return [Bucket(first_ms + place * grid.width_ms, *rest) for place, *rest in rows]


def samples(
    connection: duckdb.DuckDBPyConnection, wanted: Sequence[Wanted], start_ms: int, stop_ms: int
) -> dict[Wanted, list[Sample]]:
    """Return every sample of each series in the range, in order of time."""
    found: dict[Wanted, list[Sample]] = {each: [] for each in wanted}
    by_number = _by_number(wanted)
    rows = connection.execute(
        f"{_stored(connection, by_number, _WHOLE, start_ms, stop_ms)}"
        f" SELECT series, at_ms, {_WHOLE}, quality FROM stored ORDER BY series, at_ms"
    )
    while some := rows.fetchmany(50_000):
        for number, *row in some:
            for each in by_number[number]:
                sample = _sample(each, *row)
                if sample is not None:
                    found[each].append(sample)
    return found


def last_before(
    connection: duckdb.DuckDBPyConnection, wanted: Iterable[Wanted], stop_ms: int
) -> dict[Wanted, Sample]:
    """Return the last sample of each series before an instant.

    Looks back step by step: most series have a sample in the last minutes, and
    only for the few that have none is the whole of history worth reading.
    """
    missing = _by_number(wanted)
    found: dict[Wanted, Sample] = {}
    high_ms = stop_ms
    for low_ms in (*(stop_ms - back_ms for back_ms in _LOOK_BACK_MS), _BEGINNING_MS):
        rows = connection.execute(
            f"{_stored(connection, missing, _WHOLE, low_ms, high_ms)}"
            f" SELECT series, max(at_ms), arg_max(row({_WHOLE}, quality), at_ms) FROM stored GROUP BY series"
        ).fetchall()
        for number, at_ms, row in rows:
            for each in missing.pop(number):
                sample = _sample(each, at_ms, *row)
                if sample is not None:
                    found[each] = sample
        if not missing:
            break
        high_ms = low_ms
    return found


def newest_ms(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the latest instant of all samples, 0 if there is none."""
    rows = connection.execute(
        "SELECT greatest((SELECT max(at_ms) FROM sample_recent), (SELECT max(at_ms) FROM sample))"
    ).fetchall()
    return rows[0][0] or 0


def _stored(
    connection: duckdb.DuckDBPyConnection, numbers: Iterable[int], columns: str, start_ms: int, stop_ms: int
) -> str:
    """Return the start of a query: the samples in a range as `stored`, each series and instant once.

    Of several the one written last counts: a recent one before one in sorted
    storage, and of recent ones the one with the highest row id. Only where
    recent samples lie is sorted storage compared with them: that is slow.
    """
    series = f"series IN ({', '.join(map(str, numbers))})"
    inside = f"{series} AND {_between(start_ms, stop_ms)}"
    [(low_ms, high_ms)] = connection.execute(
        f"SELECT min(at_ms), max(at_ms) + 1 FROM sample_recent WHERE {inside}"
    ).fetchall()
    sorted_samples = f"SELECT series, at_ms, {columns}, quality FROM sample WHERE {series} AND "
    if low_ms is None:
        return f"WITH stored AS ({sorted_samples} {_between(start_ms, stop_ms)})"
    return f"""
    WITH new AS MATERIALIZED (
        SELECT series, at_ms, {columns}, quality FROM sample_recent WHERE {inside}
        QUALIFY row_number() OVER (PARTITION BY series, at_ms ORDER BY rowid DESC) = 1
    ), stored AS (
        FROM new
        UNION ALL {sorted_samples} {_between(start_ms, low_ms)}
        UNION ALL {sorted_samples} {_between(high_ms, stop_ms)}
        UNION ALL {sorted_samples} {_between(low_ms, high_ms)}
        AND NOT EXISTS (FROM new WHERE new.series = sample.series AND new.at_ms = sample.at_ms)
    )
    """


def _between(start_ms: int, stop_ms: int) -> str:
    return f"at_ms >= {int(start_ms)} AND at_ms < {int(stop_ms)}"


def _by_number(wanted: Iterable[Wanted]) -> dict[int, list[Wanted]]:
    by_number: dict[int, list[Wanted]] = {}
    for each in wanted:
        by_number.setdefault(each.number, []).append(each)
    return by_number


def _element(index: int) -> str:
    element = f"items[{index + 1}]"
    return f"CASE WHEN items IS NULL THEN value WHEN isnan({element}) THEN NULL ELSE {element} END"


def _sample(
    wanted: Wanted, at_ms: int, value: float | None, text: str | None, items: list[float] | None, quality: int
) -> Sample | None:
    """Return the sample; None for an element that the array did not have."""
    if items is None:
        return Sample(wanted.signal, at_ms, value if text is None else text, Quality(quality))
    if wanted.element is None:
        return Sample(wanted.signal, at_ms, np.array(items, np.float64), Quality(quality))
    element = items[wanted.element] if wanted.element < len(items) else np.nan
    if np.isnan(element):
        lost = quality != Quality.GOOD
        return Sample(wanted.signal, at_ms, None, Quality(quality)) if lost else None
    return Sample(wanted.signal, at_ms, element, Quality(quality))
