"""The spool on disk: SQLite in write-ahead mode, written in a thread, many appends per commit."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import structlog
from typing_extensions import override

from edge_agent.exceptions import SpoolUnavailableError
from edge_agent.spool.spool import Batch, Entry, MetricKey, NodeMemory, Spool, SpoolStats
from edge_agent.spool.sqlite_file import Ranges, SpoolFile, is_corrupt, set_aside
from telemetry.clock import now_ms

logger = structlog.get_logger(__name__)

Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Work:
    """One append or acknowledgement that waits for the next commit."""

    entries: Sequence[Entry] = ()
    cursors: Mapping[tuple[str, str], bytes] = field(default_factory=dict)
    acknowledged: Ranges = ()
    batches: list[Batch] = field(default_factory=list)
    forgotten: int = 0
    error: SpoolUnavailableError | None = None
    done: bool = False


class SqliteSpool(Spool, NodeMemory):
    """Survives the end of the process and of the power at any moment.

    Appends that come while a commit is on its way share the next one, so that
    the disk is asked to flush some twenty times a second however many
    stations there are.
    """

    def __init__(self, path: Path, *, max_bytes: int = 2**30, max_age_s: float = 31 * 86400) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._max_age_ms = round(max_age_s * 1000)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._lock = asyncio.Lock()
        self._waiting: list[_Work] = []
        self._open_file: SpoolFile | None = None
        self._aliases: dict[MetricKey, int] = {}
        self._cursors: dict[tuple[str, str], bytes] = {}
        self._bd_seq: int | None = None
        self._stats = SpoolStats(0, 0, None, 0)
        self.files_set_aside = 0
        """Damaged files since this process began."""

    async def open(self) -> None:
        """Open the file, or begin a new one in place of a damaged one.

        Raises:
            SpoolUnavailableError: it cannot be opened or another agent holds it.
        """
        await self._in_thread(self._open)

    async def close(self) -> None:
        """Finish what was begun and let go of the file."""
        async with self._lock:
            together, self._waiting = self._waiting, []
            if together:  # their callers were cancelled, what they brought must not be lost
                await self._in_thread(lambda: self._commit(together))
            await self._in_thread(self._close)
        self._thread.shutdown(wait=False)  # it is idle; waiting for its end would block the loop

    @property
    @override
    def incarnation(self) -> str:
        """Return the random id of this spool file."""
        return self._file.incarnation

    @override
    async def append(
        self, entries: Sequence[Entry], cursors: Mapping[tuple[str, str], bytes] | None = None
    ) -> list[Batch]:
        work = _Work(entries, cursors or {})
        await self._commit_with_others(work)
        return work.batches

    @override
    async def acknowledge(self, ranges: Ranges) -> int:
        work = _Work(acknowledged=ranges)
        await self._commit_with_others(work)
        return work.forgotten

    @override
    async def read(self, after: int, limit: int) -> list[Batch]:
        return await self._in_thread(lambda: self._file.read(after, limit))

    @property
    @override
    def last_number(self) -> int:
        return self._file.last_number

    @override
    def stats(self) -> SpoolStats:
        return self._stats

    @override
    def depth(self, device: str) -> int:
        return self._file.depth(device)

    @override
    async def aliases(self, keys: Iterable[MetricKey]) -> dict[MetricKey, int]:
        wanted = list(keys)
        self._aliases = await self._in_thread(lambda: self._file.aliases(wanted))
        return dict(self._aliases)

    @override
    async def cursors(self) -> dict[tuple[str, str], bytes]:
        return dict(self._cursors)

    @override
    async def next_bd_seq(self) -> int:
        bd_seq = 0 if self._bd_seq is None else (self._bd_seq + 1) % 256
        await self._in_thread(lambda: self._file.set_bd_seq(bd_seq))
        self._bd_seq = bd_seq
        return bd_seq

    @property
    def _file(self) -> SpoolFile:
        if self._open_file is None:
            raise SpoolUnavailableError(f"the spool {self._path} is not open")
        return self._open_file

    async def _commit_with_others(self, work: _Work) -> None:
        self._waiting.append(work)
        async with self._lock:
            if not work.done:
                together, self._waiting = self._waiting, []
                await self._in_thread(lambda: self._commit(together))
        if work.error is not None:
            raise work.error

    def _commit(self, together: list[_Work]) -> None:
        cursors = {key: state for work in together for key, state in work.cursors.items()}
        try:
            added, forgotten = self._guarded(
                lambda: self._file.append(
                    [work.entries for work in together],
                    cursors,
                    [work.acknowledged for work in together],
                )
            )
        except SpoolUnavailableError as error:
            for work in together:
                work.error, work.done = error, True
            return
        self._cursors.update(cursors)
        for work, batches, count in zip(together, added, forgotten, strict=True):
            work.batches, work.forgotten, work.done = batches, count, True
        with contextlib.suppress(SpoolUnavailableError):
            self._stats = self._guarded(self._file.stats)

    async def _in_thread(self, action: Callable[[], Answer]) -> Answer:
        """Run one action in the spool's thread; a cancelled caller still waits for its end."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, action)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait({future})
            raise

    def _guarded(self, action: Callable[[], Answer]) -> Answer:
        """Do it; if the file turns out to be damaged, do it with a new one."""
        try:
            return action()
        except sqlite3.Error as error:
            if not is_corrupt(error):
                raise SpoolUnavailableError(f"the spool {self._path} cannot be used: {error}") from error
            damage = error
        try:
            self._replace(damage)
            return action()
        except sqlite3.Error as error:
            raise SpoolUnavailableError(f"the spool {self._path} cannot be used: {error}") from error

    def _open(self) -> None:
        if self._open_file is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._open_file = SpoolFile(self._path, self._max_bytes, self._max_age_ms)
        self._cursors = self._open_file.cursors()
        self._bd_seq = self._open_file.bd_seq()
        self._aliases = self._open_file.aliases([])
        self._stats = self._open_file.stats()

    def _close(self) -> None:
        if self._open_file is not None:
            self._open_file.close()
            self._open_file = None

    def _replace(self, error: sqlite3.Error) -> None:
        self._close()
        kept = set_aside(self._path, now_ms())
        self.files_set_aside += 1
        logger.error("the spool is damaged: its file is kept and a new one begun", kept=str(kept),
                     reason=str(error))  # fmt: skip
        new = SpoolFile(self._path, self._max_bytes, self._max_age_ms)
        new.restore(self._aliases, self._cursors, self._bd_seq)
        self._open_file = new
