"""What one transaction stores."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import duckdb

from historian.acceptance import acceptable
from historian.duckdb_store.arrow import insert_by_name
from historian.duckdb_store.catalog import Catalog
from historian.duckdb_store.columns import sample_table
from historian.duckdb_store.compaction import compact
from historian.duckdb_store.result_tables import ResultTables
from historian.duckdb_store.schema import SCHEMA
from historian.duckdb_store.stored_numbers import StoredNumbers, ranges_of
from historian.ports import ProductionMinute, RejectedPointsError, StationBlock
from plant.packml import TimeClass


class Writer:
    """Stores blocks; lives in one thread. Its catalog and result tables are also read by readers."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, compact_after_rows: int) -> None:
        self._connection = connection
        self._compact_after_rows = compact_after_rows
        connection.execute(SCHEMA)
        self._load()

    def write(self, blocks: Sequence[StationBlock]) -> None:
        """Store the blocks that are not stored yet, all or nothing.

        Raises:
            RejectedPointsError: all but these points are stored.
            duckdb.Error: nothing is stored.
        """
        new = [block for block in blocks if block.number is None or block.number not in self._numbers]
        accepted, refused = acceptable(new)
        ranges = ranges_of(block.number for block in new if block.number is not None)
        samples = sample_table(accepted, self.catalog)
        with self._transaction():
            if samples.num_rows:
                insert_by_name(self._connection, "sample_recent", samples)
            refused += self.results.insert(self._connection, accepted, self.catalog)
            if ranges:
                self._connection.executemany("INSERT INTO stored_batch VALUES (?, ?, ?)", ranges)
            self.catalog.save(self._connection)
        self._numbers.add(ranges)
        self._recent_rows += samples.num_rows
        if refused:
            raise RejectedPointsError(refused)

    def write_production(self, minutes: Sequence[ProductionMinute]) -> None:
        """Store the minutes in place of those of the same station and start.

        Raises:
            duckdb.Error: nothing is stored.
        """
        rows = {(self.catalog.station(minute.path), minute.start_ms): minute for minute in minutes}
        with self._transaction():
            self._connection.executemany(
                "DELETE FROM production WHERE station = ? AND start_ms = ?", list(rows)
            )
            self._connection.executemany(
                "INSERT INTO production VALUES (?, ?, ?, ?, ?)",
                [(*key, minute.good, minute.reject, _seconds(minute)) for key, minute in rows.items()],
            )
            self.catalog.save(self._connection)

    @property
    def wants_compaction(self) -> bool:
        """Whether enough samples came since the last compaction to make one worth it."""
        return self._recent_rows >= self._compact_after_rows

    def compact(self) -> None:
        """Move recent samples to where they are found quickly."""
        with self._transaction():
            compact(self._connection, list(self._numbers))
        self._recent_rows = 0

    def _load(self) -> None:
        self.catalog = Catalog(self._connection)
        self.results = ResultTables(self._connection)
        self._numbers = StoredNumbers(self._connection.execute("FROM stored_batch").fetchall())
        self._recent_rows = self._connection.execute("SELECT count(*) FROM sample_recent").fetchall()[0][0]

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.begin()
        try:
            yield
            self._connection.commit()
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._connection.rollback()
            with contextlib.suppress(duckdb.Error):
                self._load()  # forget what the rolled back transaction made up
            raise


def _seconds(minute: ProductionMinute) -> dict[str, float]:
    return {TimeClass(name).value: seconds for name, seconds in (minute.seconds or {}).items() if seconds}
