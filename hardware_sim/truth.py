"""What really happened, written down beside every measurement path.

A directory of Parquet files, four tables:

* `results`: site, area, line, station, kind, number, key, at_ms, good, fields (JSON object)
* `states`: site, area, line, station, at_ms, state (PackML number), reason
* `counts`: site, area, line, station, at_ms, good, reject (totals since the start, never wrapped)
* `faults`: site, area, line, station, at_ms, fault, begins
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from plant.model import StationPath
from plant.packml import PackmlState
from telemetry.sample import Result

_PLACE = [pa.field(name, pa.string()) for name in StationPath._fields]
_AT = pa.field("at_ms", pa.int64())

SCHEMAS: dict[str, pa.Schema] = {
    "results": pa.schema(
        [
            *_PLACE,
            pa.field("kind", pa.string()),
            pa.field("number", pa.int64()),
            pa.field("key", pa.string()),
            _AT,
            pa.field("good", pa.bool_()),
            pa.field("fields", pa.string()),
        ]
    ),
    "states": pa.schema([*_PLACE, _AT, pa.field("state", pa.int32()), pa.field("reason", pa.string())]),
    "counts": pa.schema([*_PLACE, _AT, pa.field("good", pa.float64()), pa.field("reject", pa.float64())]),
    "faults": pa.schema([*_PLACE, _AT, pa.field("fault", pa.string()), pa.field("begins", pa.bool_())]),
}
PART_ROWS = 20_000
"""A part file is rewritten at each flush until it has so many rows; then the next begins."""

Row = tuple[Any, ...]
Fields = dict[str, Any]


class TruthLog:
    """Takes down the truth in memory; `TruthFiles` puts it on disk."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {name: [] for name in SCHEMAS}

    def result(self, path: StationPath, result: Result, *, good: bool) -> None:
        """Note a finished product."""
        fields = json.dumps(dict(result.fields))
        row = (*path, result.kind, result.number, result.key, result.at_ms, good, fields)
        self.rows["results"].append(row)

    def state(self, path: StationPath, at_ms: int, state: PackmlState, reason: str) -> None:
        """Note a change of state."""
        self.rows["states"].append((*path, at_ms, int(state), reason))

    def counts(self, path: StationPath, at_ms: int, good: float, reject: float) -> None:
        """Note the totals since the start."""
        self.rows["counts"].append((*path, at_ms, good, reject))

    def fault(self, path: StationPath, at_ms: int, fault: str, *, begins: bool) -> None:
        """Note the start or end of a fault."""
        self.rows["faults"].append((*path, at_ms, fault, begins))

    def take(self) -> dict[str, list[Row]]:
        """Return what was noted since the last call."""
        taken, self.rows = self.rows, {name: [] for name in SCHEMAS}
        return taken


class TruthFiles:
    """Rotating Parquet files; readable at any time, also after a crash."""

    def __init__(self, directory: Path, run: str) -> None:
        self._directory = directory
        self._run = run
        """Part of the file names, so that runs into one directory add up."""
        self._open_rows: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
        self._unwritten = dict.fromkeys(SCHEMAS, False)
        self._part = dict.fromkeys(SCHEMAS, 0)
        self._lock = threading.Lock()
        """A cancelled flush still runs in its thread when the last one begins."""

    def write(self, rows: dict[str, list[Row]]) -> None:
        """Append rows; blocking. What cannot be written is kept for the next call.

        Raises:
            OSError: the directory cannot be written.
        """
        with self._lock:
            for table, new in rows.items():
                self._open_rows[table].extend(new)
                self._unwritten[table] |= bool(new)
            for table in SCHEMAS:
                if self._unwritten[table]:
                    self._write_part(table)
                    self._unwritten[table] = False

    def _write_part(self, table: str) -> None:
        folder = self._directory / table
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self._run}-{self._part[table]:05d}.parquet"
        columns = zip(*self._open_rows[table], strict=True)
        schema = SCHEMAS[table]
        arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
        unfinished = path.with_suffix(".tmp")
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), unfinished)
        unfinished.replace(path)
        if len(self._open_rows[table]) >= PART_ROWS:
            self._open_rows[table] = []
            self._part[table] += 1


class TruthReader:
    """Reads a directory of truth, for tests and scoring."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def table(self, name: str) -> list[Fields]:
        """Return all rows of a table, in order of time."""
        files = sorted((self._directory / name).glob("*.parquet"))
        rows = [row for file in files for row in pq.read_table(file, schema=SCHEMAS[name]).to_pylist()]
        return sorted(rows, key=lambda row: row["at_ms"])

    def results(self, kind: str | None = None, path: StationPath | None = None) -> list[Result]:
        """Return the results, optionally of one kind or station."""
        return [
            _result(row)
            for row in self.table("results")
            if kind in (None, row["kind"]) and path in (None, _path(row))
        ]

    def counts(self) -> dict[tuple[StationPath, str], int]:
        """Return how many results each station made of each kind."""
        counts: dict[tuple[StationPath, str], int] = {}
        for row in self.table("results"):
            place = (_path(row), str(row["kind"]))
            counts[place] = counts.get(place, 0) + 1
        return counts

    def by_key(self, key: str) -> list[tuple[StationPath, Result]]:
        """Return every result of a product, in order of time."""
        return [(_path(row), _result(row)) for row in self.table("results") if row["key"] == key]

    def totals(self) -> dict[StationPath, tuple[float, float]]:
        """Return the last known good and reject totals of each machine."""
        return {_path(row): (row["good"], row["reject"]) for row in self.table("counts")}


def _path(row: Fields) -> StationPath:
    return StationPath(*(str(row[name]) for name in StationPath._fields))


def _result(row: Fields) -> Result:
    return Result(row["kind"], row["at_ms"], row["number"], row["key"], json.loads(row["fields"]))
