"""Lifecycle of a process: run until asked to stop, then stop within a bound."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

import structlog

logger = structlog.get_logger(__name__)

SHUTDOWN_S = 4.0
"""A process is gone within five seconds of the request; the rest is for the interpreter."""


LEAVE_S = 0.8
"""For what the event loop and the interpreter still have to close after that."""
FAILED_LEAVE_S = 10.0
"""The same after an error, which nobody asked for and somebody still has to say."""


def run_process(
    main: Callable[[], Coroutine[None, None, None]], *, stop_after_s: float | None = None
) -> None:
    """Run `main` as a whole process, which is gone soon after it was asked to stop, whatever hangs.

    Errors of `main` are raised.
    """
    runner = asyncio.Runner()
    status, leave_s = 1, FAILED_LEAVE_S
    try:
        if not runner.run(run_until_stopped(main, stop_after_s=stop_after_s)):
            _leave(status)
        status, leave_s = 0, LEAVE_S
    finally:
        # Closing waits for every thread, and so does the interpreter; one may hang for ever.
        last_resort = threading.Timer(leave_s, _leave, (status,))
        last_resort.daemon = True
        last_resort.start()
        runner.close()


def _leave(status: int) -> None:
    """End the process now; what `main` had to put away, it has, or never will."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


async def run_until_stopped(
    main: Callable[[], Coroutine[None, None, None]], *, stop_after_s: float | None = None
) -> bool:
    """Run `main` until it ends, a signal asks to stop, or the time is over.

    The main coroutine is cancelled, and gets `SHUTDOWN_S` seconds to put
    things away; return whether that was enough. Errors of `main` are raised.
    """
    stop = asyncio.Event()
    with _signals_set(stop):
        task = asyncio.create_task(main(), name="main")
        waiter = asyncio.create_task(_wait(stop, stop_after_s), name="stop")
        try:
            await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiter.cancel()
            task.cancel()
        await asyncio.wait({task}, timeout=SHUTDOWN_S)
        if not task.done():
            logger.warning("gave up waiting for a clean stop", after_s=SHUTDOWN_S)
            return False
        with contextlib.suppress(asyncio.CancelledError):
            task.result()
        return True


async def _wait(stop: asyncio.Event, stop_after_s: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(stop_after_s):
            await stop.wait()


@contextlib.contextmanager
def _signals_set(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@contextlib.asynccontextmanager
async def background(name: str, work: Coroutine[None, None, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Own a task for the length of a block: cancel it at the end, raise what it raised."""
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
