"""The file and its threads: one that writes, two that read, none that blocks the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import duckdb
import structlog

from historian.duckdb_store.writing import Writer
from historian.ports import HistorianUnavailableError

logger = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

_CONFIG = {
    "checkpoint_threshold": "64MB",  # of log before it is folded into the file; a restart replays it
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "true",  # row ids tell which of two samples was written last
}


class Database:
    """One open DuckDB file."""

    def __init__(self, path: str, *, memory_limit: str, threads: int, compact_after_rows: int) -> None:
        self._path = path
        self._config: dict[str, str | bool | int | float | list[str]] = {
            **_CONFIG,
            "memory_limit": memory_limit,
            "threads": str(threads),
        }
        self._compact_after_rows = compact_after_rows
        self._writing_thread = ThreadPoolExecutor(1, "historian-write")
        self._reading_threads = ThreadPoolExecutor(2, "historian-read")
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._writer: Writer | None = None
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._lock = threading.Lock()

    async def open(self) -> None:
        """Open the file, make it if there is none.

        Raises:
            HistorianUnavailableError: it cannot be opened; the message says why.
        """
        await self.write(_nothing)

    async def write(self, work: Callable[[Writer], Answer]) -> Answer:
        """Do the work in the writing thread.

        Raises:
            HistorianUnavailableError: it failed and nothing of it is stored.
        """
        return await _run(self._writing_thread, self._write, work)

    async def read(self, work: Callable[[duckdb.DuckDBPyConnection, Writer], Answer]) -> Answer:
        """Do the work in a reading thread, on a cursor of its own.

        Raises:
            HistorianUnavailableError: the file cannot be read.
        """
        if self._writer is None:
            await self.open()
        return await _run(self._reading_threads, self._read, work)

    async def close(self) -> None:
        """Break off what is being read, let the write end, fold the log into the file."""
        with self._lock:
            for cursor in self._cursors:
                cursor.interrupt()
        self._reading_threads.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(RuntimeError):  # closed before
            await asyncio.get_running_loop().run_in_executor(self._writing_thread, self._disconnect)
        self._writing_thread.shutdown(wait=False, cancel_futures=True)

    def _write(self, work: Callable[[Writer], Answer]) -> Answer:
        with self._errors():
            writer = self._writer or self._connect()
            try:
                return work(writer)
            finally:
                if writer.wants_compaction:
                    _compact(writer)

    def _read(self, work: Callable[[duckdb.DuckDBPyConnection, Writer], Answer]) -> Answer:
        connection, writer = self._connection, self._writer
        if connection is None or writer is None:
            raise HistorianUnavailableError(f"{self._path} is closed")
        with self._errors(), self._cursor(connection) as cursor:
            return work(cursor, writer)

    def _connect(self) -> Writer:
        if self._path != ":memory:":
            Path(self._path).parent.mkdir(parents=True, exist_ok=True)
        self._connection = duckdb.connect(self._path, config=self._config)
        self._writer = Writer(self._connection, compact_after_rows=self._compact_after_rows)
        return self._writer

    def _disconnect(self) -> None:
        connection, self._connection, self._writer = self._connection, None, None
        if connection is not None:
            connection.close()

    @contextlib.contextmanager
    def _cursor(self, connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = connection.cursor()
        with self._lock:
            self._cursors.add(cursor)
        try:
            yield cursor
        finally:
            with self._lock:
                self._cursors.discard(cursor)
            cursor.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except duckdb.FatalException as error:
            self._disconnect()  # the connection is of no use any more; the next call opens the file again
            raise HistorianUnavailableError(_sentence(self._path, error)) from error
        except (duckdb.Error, OSError) as error:
            raise HistorianUnavailableError(_sentence(self._path, error)) from error


async def _run(threads: ThreadPoolExecutor, function: Callable[..., Answer], work: object) -> Answer:
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, function, work)
    except RuntimeError as error:
        if "after shutdown" not in str(error):
            raise
        raise HistorianUnavailableError("the historian is closed") from error


def _nothing(_: Writer) -> None:
    """Do no more than what comes before any work: open the file."""


def _compact(writer: Writer) -> None:
    try:
        writer.compact()
    except duckdb.Error as error:
        logger.warning("samples stay unsorted until the next write", error=str(error))


def _sentence(path: str, error: Exception) -> str:
    holder = re.search(r"Conflicting lock is held in (.+?)\.(?: |$)", str(error))
    if holder:
        return (
            f"{path} is in use by another process, {holder[1]}: stop it, or give this one another file;"
            " only one process can open a DuckDB file"
        )
    return f"{path}: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
