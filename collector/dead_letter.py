"""What could not be understood or written: kept for a person to look at, bounded, oldest out."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from collector.local_file import LocalFile
from telemetry.sample import EdgeNode

MOST_LETTERS = 10_000
MOST_BYTES = 64 * 1024 * 1024
MOST_BODY_BYTES = 256 * 1024
"""A longer body is cut: one letter must not push out all others."""
SPARE_PART = 10
"""A full store makes room for a tenth more than it needs, so as not to do it at every letter."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dead_letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, site TEXT NOT NULL, line TEXT NOT NULL,
    station TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS dead_letters_dropped (only_row INTEGER PRIMARY KEY, dropped INTEGER NOT NULL);
INSERT OR IGNORE INTO dead_letters_dropped VALUES (1, 0);
"""


class Kind(StrEnum):
    """Why something became a dead letter; also a label of the vitals."""

    UNDECODABLE = "undecodable"
    UNKNOWN_STATION = "unknown_station"
    UNKNOWN_SIGNAL = "unknown_signal"
    IMPOSSIBLE_TIME = "impossible_time"
    REFUSED = "refused"
    """By the historian."""


class DeadLetter(NamedTuple):
    """One thing that could not be understood or written."""

    at_ms: int
    """When it was put aside."""
    node: EdgeNode
    station: str
    """Empty for the edge node itself."""
    kind: Kind
    reason: str
    body: bytes
    """The message as it arrived, or the points as JSON."""
    id: int = 0
    """Given by the store; rises."""


class DeadLetterStore:
    """A SQLite file of dead letters. Its methods block: call them from a thread.

    Every method raises LocalFileError if the file cannot be used.
    """

    def __init__(self, path: Path, *, most_letters: int = MOST_LETTERS, most_bytes: int = MOST_BYTES) -> None:
        self._most_letters = most_letters
        self._most_bytes = most_bytes
        self._file = LocalFile(path, _SCHEMA)
        with self._file.transaction() as connection:
            self._count, self._bytes = _one(
                connection, "SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0) FROM dead_letter"
            )

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Store letters; returning means durable. The oldest go when there are too many."""
        rows = [
            (each.at_ms, *each.node, each.station, each.kind, each.reason, each.body[:MOST_BODY_BYTES])
            for each in letters
        ]
        count, size = self._count + len(rows), self._bytes + sum(len(row[-1]) for row in rows)
        with self._file.transaction() as connection:
            connection.executemany(
                "INSERT INTO dead_letter (at_ms, site, line, station, kind, reason, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            dropped, dropped_bytes = self._make_room(connection, count, size)
        self._count, self._bytes = count - dropped, size - dropped_bytes

    def list(self, limit: int = 100, after: int = 0) -> list[DeadLetter]:
        """Return letters with an id above `after`, oldest first."""
        with self._file.transaction() as connection:
            rows = connection.execute(
                "SELECT at_ms, site, line, station, kind, reason, body, id FROM dead_letter"
                " WHERE id > ? ORDER BY id LIMIT ?",
                (after, limit),
            ).fetchall()
        return [
            DeadLetter(at_ms, EdgeNode(site, line), station, Kind(kind), reason, body, number)
            for at_ms, site, line, station, kind, reason, body, number in rows
        ]

    def count(self) -> int:
        """Return how many letters are kept."""
        return self._count

    def dropped(self) -> int:
        """Return how many letters had to go for newer ones, ever."""
        with self._file.transaction() as connection:
            return _one(connection, "SELECT dropped FROM dead_letters_dropped")[0]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _make_room(self, connection: sqlite3.Connection, count: int, size: int) -> tuple[int, int]:
        """Delete the oldest letters beyond the bounds; return how many and their bytes."""
        if count <= self._most_letters and size <= self._most_bytes:
            return 0, 0
        fewest = max(0, count - self._most_letters + self._most_letters // SPARE_PART)
        least_bytes = max(0, size - self._most_bytes + self._most_bytes // SPARE_PART)
        newest, dropped, dropped_bytes = 0, 0, 0
        for number, length in connection.execute("SELECT id, LENGTH(body) FROM dead_letter ORDER BY id"):
            newest = number
            dropped += 1
            dropped_bytes += length
            too_many = count > self._most_letters and dropped < fewest
            too_large = size > self._most_bytes and dropped_bytes < least_bytes
            if not too_many and not too_large:
                break
        connection.execute("DELETE FROM dead_letter WHERE id <= ?", (newest,))
        connection.execute("UPDATE dead_letters_dropped SET dropped = dropped + ?", (dropped,))
        return dropped, dropped_bytes


def _one(connection: sqlite3.Connection, query: str) -> tuple[int, ...]:
    row: tuple[int, ...] = connection.execute(query).fetchone()
    return row
