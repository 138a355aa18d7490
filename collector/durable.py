"""Makes blocks and dead letters durable, however long it takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import structlog

from collector.dead_letter import DeadLetter, DeadLetterStore, Kind
from collector.exceptions import LocalFileError
from collector.vitals import CollectorVitals
from historian.ports import (
    HistorianUnavailableError,
    RejectedPoint,
    RejectedPointsError,
    SampleWriter,
    StationBlock,
)
from runtime.backoff import RetryDelays, full_jitter
from telemetry.clock import now_ms
from telemetry.sample import EdgeNode

logger = structlog.get_logger(__name__)

Stored = Callable[[Sequence[StationBlock]], Awaitable[None]]
"""Is told what is stored now, before it is acknowledged; raises LocalFileError if it cannot note it."""


class DurableStore:
    """The historian and the dead letters beside it, as one store that always takes everything in the end."""

    def __init__(
        self,
        historian: SampleWriter,
        dead_letters: DeadLetterStore,
        vitals: CollectorVitals,
        *,
        stored: Stored,
        answering: Callable[[bool], None],
        retry_delays: RetryDelays = full_jitter,
    ) -> None:
        self._historian = historian
        self._dead_letters = dead_letters
        self._vitals = vitals
        self._stored = stored
        self._answering = answering
        self._retry_delays = retry_delays

    async def keep(self, blocks: Sequence[StationBlock], letters: Sequence[DeadLetter]) -> None:
        """Return once everything is durable: written, or put aside because it can never be written."""
        delays = self._retry_delays()
        refused: list[DeadLetter] | None = None
        while True:
            try:
                if refused is None:
                    refused = await self._write(blocks)
                await self._stored(blocks)
                await self._put_aside([*letters, *refused])
            except (HistorianUnavailableError, LocalFileError) as error:
                await self._pause(error, next(delays))
            else:
                self._set_answering(answers=True)
                return

    async def _write(self, blocks: Sequence[StationBlock]) -> list[DeadLetter]:
        """Return what the historian will never take; everything else is stored."""
        if not blocks:
            return []
        began_s = time.monotonic()
        try:
            await self._historian.write(blocks)
        except RejectedPointsError as error:
            logger.warning("the historian refused points", count=len(error.points), reason=str(error))
            return list(_letters(error.points))
        finally:
            self._vitals.write_s.observe(time.monotonic() - began_s)
        return []

    async def _put_aside(self, letters: Sequence[DeadLetter]) -> None:
        if not letters:
            return
        await asyncio.to_thread(self._dead_letters.add, letters)
        self._vitals.put_aside(letters)
        first = letters[0]
        logger.warning("put aside", count=len(letters), node=str(first.node), station=first.station,
                       kind=first.kind.value, reason=first.reason)  # fmt: skip

    async def _pause(self, error: HistorianUnavailableError | LocalFileError, delay_s: float) -> None:
        retry_after_s = error.retry_after_s if isinstance(error, HistorianUnavailableError) else None
        delay_s = max(delay_s, retry_after_s or 0.0)
        self._set_answering(answers=False)
        self._vitals.writes_failed.inc()
        logger.warning("cannot store now", retry_in_s=round(delay_s, 1), reason=str(error))
        await asyncio.sleep(delay_s)

    def _set_answering(self, *, answers: bool) -> None:
        self._answering(answers)
        self._vitals.historian_answers.set(int(answers))


def _letters(points: Iterable[RejectedPoint]) -> Iterable[DeadLetter]:
    for path, what, at_ms, reason in points:
        body = f"{what} of {path} at {at_ms} ms".encode()
        yield DeadLetter(now_ms(), EdgeNode(path.site, path.line), path.station, Kind.REFUSED, reason, body)
