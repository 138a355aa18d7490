"""Moving recent samples to sorted storage, where a trend reads only what it needs.

DuckDB skips a row group (122,880 rows) whose smallest and largest series or
instant exclude what is asked. Samples arrive by time with all series mixed, so
nothing would ever be skipped by series; sorted by series, nearly all is.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from historian.duckdb_store.stored_numbers import BatchRange

COMPACT_AFTER_ROWS = 2_000_000
"""16 row groups: a trend reads 1 or 2 of them; sorted in under a second, 60 MB unsorted."""

_NEWEST = """
    SELECT series, at_ms, value, text, items, quality FROM sample_recent
    QUALIFY row_number() OVER (PARTITION BY series, at_ms ORDER BY rowid DESC) = 1
"""


def compact(connection: duckdb.DuckDBPyConnection, ranges: Sequence[BatchRange]) -> None:
    """Move all recent samples as part of the connection's transaction; join the ranges of batches.

    Afterwards each series and instant stands once in `sample`: what is
    replaced by a recent sample is deleted.
    """
    low, high = connection.execute("SELECT min(at_ms), max(at_ms) FROM sample_recent").fetchall()[0]
    if low is not None:
        connection.execute(
            "DELETE FROM sample USING sample_recent AS new"
            " WHERE sample.at_ms BETWEEN ? AND ? AND sample.series = new.series AND sample.at_ms = new.at_ms",
            [low, high],
        )
        connection.execute(f"INSERT INTO sample FROM ({_NEWEST}) ORDER BY series, at_ms")
        connection.execute("DELETE FROM sample_recent")
    connection.execute("DELETE FROM stored_batch")
    if ranges:
        connection.executemany("INSERT INTO stored_batch VALUES (?, ?, ?)", ranges)
