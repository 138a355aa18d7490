"""A SQLite file beside the collector, opened the way a crash cannot hurt it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from collector.exceptions import LocalFileError


class LocalFile:
    """One connection with its lock; shared by threads, one at a time."""

    def __init__(self, path: Path, schema: str) -> None:
        """Open the file, made if it is missing.

        Raises:
            LocalFileError: it cannot be made, or is something else.
        """
        self._path = path
        self._lock = threading.Lock()
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, check_same_thread=False, timeout=5)
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=FULL")
                self._connection.executescript(schema)
            except sqlite3.Error:
                self._connection.close()
                raise

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection; leaving the block commits, durably.

        Raises:
            LocalFileError: the file cannot be used; nothing of the block is stored.
        """
        with self._lock, self._explained(), self._connection:
            yield self._connection

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise LocalFileError(
                f"cannot use the file {self._path}: {error};"
                " is it ours, the folder writable and the disk not full?"
            ) from error
