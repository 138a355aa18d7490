"""The spool's SQLite file: what is in it, and each thing done to it as one transaction (blocking)."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from edge_agent.spool.spool import EXPIRY_PERIOD_MS, Batch, BatchClass, Entry, MetricKey, SpoolStats
from telemetry.sparkplug.datatype import DataType

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch (
    number INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, class INTEGER NOT NULL,
    created_ms INTEGER NOT NULL, metrics BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS batch_by_class ON batch (class, number);
CREATE TABLE IF NOT EXISTS alias (
    alias INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, name TEXT NOT NULL,
    datatype INTEGER NOT NULL, UNIQUE (device, name, datatype));
CREATE TABLE IF NOT EXISTS cursor (
    device TEXT NOT NULL, kind TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (device, kind)) WITHOUT ROWID;
"""
_CHECKED_BYTES = 256 * 2**20
"""A larger file is not checked at start, which would take longer than a machine may go unread."""
_BATCH = "SELECT number, device, class, created_ms, metrics FROM batch"

Cursors = Mapping[tuple[str, str], bytes]
Ranges = Sequence[tuple[int, int]]


class SpoolFile:
    """One open spool file; only one process at a time can hold it."""

    def __init__(self, path: Path, max_bytes: int, max_age_ms: int) -> None:
        self._max_bytes = max_bytes
        self._max_age_ms = max_age_ms
        self._expired_ms = 0
        self._depths: Counter[str] = Counter()
        self._bytes = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1.0)
        try:
            self._prepare(path)
        except sqlite3.Error:
            self._db.close()
            raise

    def _prepare(self, path: Path) -> None:
        # Exclusive: two agents on one spool would take each other's batches.
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL",
                       "journal_size_limit=16777216"):  # fmt: skip
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        if path.stat().st_size <= _CHECKED_BYTES:
            (verdict,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(f"database disk image is malformed: {verdict}")
        self._db.executescript(_SCHEMA)
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('incarnation', ?)", (secrets.token_hex(4),))
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('dropped', '0')")
        self.incarnation = self._meta("incarnation")
        self._dropped = int(self._meta("dropped"))
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batch'").fetchone()
        self.last_number = int(row[0]) if row else 0
        for device, count, size in self._db.execute(
            "SELECT device, count(*), sum(length(metrics)) FROM batch GROUP BY device"
        ):
            self._depths[device] = count
            self._bytes += size

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def append(
        self, groups: Sequence[Sequence[Entry]], cursors: Cursors, acknowledged: Iterable[Ranges]
    ) -> tuple[list[list[Batch]], list[int]]:
        """Keep groups of entries and the cursors, forget groups of acknowledged batches.

        Return the numbered batches of each group, and how many each acknowledgement forgot.
        """
        with self._transaction():
            forgotten = [[row for each in ranges for row in self._delete(*each)] for ranges in acknowledged]
            gone = [row for rows in forgotten for row in rows]
            added = [[self._insert(entry) for entry in entries] for entries in groups]
            self._keep(cursors)
            flat = [batch for batches in added for batch in batches]
            size = self._bytes + sum(len(batch.metrics) for batch in flat) - sum(row[1] for row in gone)
            now_ms = max((batch.created_ms for batch in flat), default=0)
            dropped = [*self._expire(now_ms), *self._make_room(size)]
            if dropped:
                total = str(self._dropped + len(dropped))
                self._db.execute("UPDATE meta SET value = ? WHERE name = 'dropped'", (total,))
        self.last_number = max([self.last_number, *(batch.number for batch in flat)])
        self._dropped += len(dropped)
        self._depths.update(batch.device for batch in flat)
        self._depths.subtract(device for device, _ in [*gone, *dropped])
        self._bytes += sum(len(batch.metrics) for batch in flat)
        self._bytes -= sum(length for _, length in [*gone, *dropped])
        return added, [len(rows) for rows in forgotten]

    def _insert(self, entry: Entry) -> Batch:
        row = self._db.execute(
            "INSERT INTO batch (device, class, created_ms, metrics) VALUES (?, ?, ?, ?)", entry
        )
        return Batch(row.lastrowid or 0, *entry)

    def _keep(self, cursors: Cursors) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)",
            [(device, kind, state) for (device, kind), state in cursors.items()],
        )

    def _expire(self, now_ms: int) -> list[tuple[str, int]]:
        if now_ms - self._expired_ms < EXPIRY_PERIOD_MS:
            return []
        self._expired_ms = now_ms
        return self._db.execute(
            "DELETE FROM batch WHERE created_ms < ? RETURNING device, length(metrics)",
            (now_ms - self._max_age_ms,),
        ).fetchall()

    def _make_room(self, size: int) -> list[tuple[str, int]]:
        """Delete the oldest batches of the lowest class until the rest fits."""
        dropped: list[tuple[str, int]] = []
        for batch_class in BatchClass:
            if size <= self._max_bytes:
                break
            numbers = []
            for number, length in self._db.execute(
                "SELECT number, length(metrics) FROM batch WHERE class = ? ORDER BY number", (batch_class,)
            ):
                if size <= self._max_bytes:
                    break
                numbers.append(number)
                size -= length
            dropped.extend(row for number in numbers for row in self._delete(number, number))
        return dropped

    def _delete(self, first: int, last: int) -> list[tuple[str, int]]:
        return self._db.execute(
            "DELETE FROM batch WHERE number BETWEEN ? AND ? RETURNING device, length(metrics)", (first, last)
        ).fetchall()

    def read(self, after: int, limit: int) -> list[Batch]:
        """Return the oldest batches above a number."""
        rows = self._db.execute(f"{_BATCH} WHERE number > ? ORDER BY number LIMIT ?", (after, limit))
        return [_batch(row) for row in rows]

    def stats(self) -> SpoolStats:
        """Return how full the file is."""
        (oldest,) = self._db.execute(
            "SELECT created_ms FROM batch ORDER BY number LIMIT 1").fetchone() or (None,)  # fmt: skip
        return SpoolStats(self._depths.total(), self._bytes, oldest, self._dropped)

    def depth(self, device: str) -> int:
        """Return how many batches one station has; safe from any thread."""
        return self._depths[device]

    def aliases(self, keys: Iterable[MetricKey]) -> dict[MetricKey, int]:
        """Return all aliases, after giving new ones to new keys."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO alias (device, name, datatype) VALUES (?, ?, ?)",
                [(key.device, key.name, int(key.datatype)) for key in keys],
            )
        return {
            MetricKey(device, name, DataType(datatype)): alias
            for alias, device, name, datatype in self._db.execute(
                "SELECT alias, device, name, datatype FROM alias"
            )
        }

    def cursors(self) -> dict[tuple[str, str], bytes]:
        """Return every ring cursor."""
        rows = self._db.execute("SELECT device, kind, state FROM cursor")
        return {(device, kind): state for device, kind, state in rows}

    def set_bd_seq(self, bd_seq: int) -> None:
        """Keep the number of the MQTT session now beginning."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('bd_seq', ?)", (str(bd_seq),))

    def bd_seq(self) -> int | None:
        """Return the number of the last MQTT session, if there was one."""
        row = self._db.execute("SELECT value FROM meta WHERE name = 'bd_seq'").fetchone()
        return int(row[0]) if row else None

    def restore(self, aliases: Mapping[MetricKey, int], cursors: Cursors, bd_seq: int | None) -> None:
        """Write down in a new file what the process still knows of a lost one."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO alias VALUES (?, ?, ?, ?)",
                [(alias, key.device, key.name, int(key.datatype)) for key, alias in aliases.items()],
            )
            self._keep(cursors)
        if bd_seq is not None:
            self.set_bd_seq(bd_seq)

    def _meta(self, name: str) -> str:
        (value,) = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(value)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise


def _batch(row: tuple[int, str, int, int, bytes]) -> Batch:
    return Batch(row[0], row[1], BatchClass(row[2]), row[3], row[4])


def is_corrupt(error: sqlite3.Error) -> bool:
    """Return whether the file itself is damaged, rather than the disk full or the file in use."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "malformed" in str(error)


def set_aside(path: Path, now_ms: int) -> Path:
    """Rename a damaged file and what belongs to it, so that it can be examined; return its new name."""
    kept = path.with_name(f"{path.name}.damaged-{now_ms}")
    for suffix in ("-wal", "-shm", ""):
        piece = path.with_name(path.name + suffix)
        if piece.exists():
            piece.rename(kept.with_name(kept.name + suffix))
    return kept
