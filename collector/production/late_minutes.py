"""Minutes to compute again that a restart would otherwise forget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from collector.local_file import LocalFile
from plant.model import StationPath

Minutes = Mapping[StationPath, Iterable[int]]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS late_minute (
    site TEXT NOT NULL, area TEXT NOT NULL, line TEXT NOT NULL, station TEXT NOT NULL,
    minute INTEGER NOT NULL,
    PRIMARY KEY (site, area, line, station, minute)
) WITHOUT ROWID;
"""


class LateMinutes:
    """A SQLite table of minutes touched by late data. Its methods block: call them from a thread.

    Every method raises LocalFileError if the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._file = LocalFile(path, _SCHEMA)

    def remember(self, minutes: Minutes) -> None:
        """Note minutes; returning means durable."""
        with self._file.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO late_minute VALUES (?, ?, ?, ?, ?)", _rows(minutes))

    def forget(self, minutes: Minutes) -> None:
        """Remove minutes that were computed."""
        with self._file.transaction() as connection:
            connection.executemany(
                "DELETE FROM late_minute"
                " WHERE site = ? AND area = ? AND line = ? AND station = ? AND minute = ?",
                _rows(minutes),
            )

    def all(self) -> dict[StationPath, set[int]]:
        """Return what is remembered."""
        found: dict[StationPath, set[int]] = {}
        with self._file.transaction() as connection:
            for *path, minute in connection.execute(
                "SELECT site, area, line, station, minute FROM late_minute"
            ):
                found.setdefault(StationPath(*path), set()).add(minute)
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _rows(minutes: Minutes) -> Iterable[tuple[str, str, str, str, int]]:
    return [(*path, minute) for path, starts in minutes.items() for minute in starts]
