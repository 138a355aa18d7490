"""Lifecycle inside a process; whole processes are in integration/runtime."""

from __future__ import annotations

import asyncio

import pytest

from runtime import service
from runtime.service import background, run_until_stopped


async def test_main_that_ends_ends_the_run() -> None:
    done = []

    async def main() -> None:
        done.append(True)

    assert await run_until_stopped(main)
    assert done


async def test_error_of_main_is_raised() -> None:
    async def main() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await run_until_stopped(main)


async def test_main_is_cancelled_when_its_time_is_over_and_may_put_things_away() -> None:
    put_away = []

    async def main() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            put_away.append(True)

    assert await run_until_stopped(main, stop_after_s=0.01)
    assert put_away


async def test_error_while_putting_away_is_not_lost() -> None:
    async def main() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await run_until_stopped(main, stop_after_s=0.01)


async def test_main_that_will_not_stop_is_left_after_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SHUTDOWN_S", 0.05)
    release = asyncio.Event()

    async def main() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    assert not await run_until_stopped(main, stop_after_s=0.01)
    release.set()


async def test_cancelled_run_takes_main_with_it() -> None:
    cancelled = asyncio.Event()

    async def main() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    run = asyncio.create_task(run_until_stopped(main))
    await asyncio.sleep(0.01)
    run.cancel()
    await asyncio.wait_for(cancelled.wait(), 5)


async def test_background_work_ends_with_its_block() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with background("work", work()) as task:
        await asyncio.sleep(0)
        assert task.get_name() == "work"
    assert ended.is_set()


async def test_background_error_is_raised_at_the_end_of_the_block() -> None:
    async def work() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        async with background("work", work()):
            await asyncio.sleep(0.01)
