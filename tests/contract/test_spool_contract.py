"""What every spool promises; and what only one on a disk can."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge_agent.exceptions import SpoolUnavailableError
from edge_agent.spool.memory import MemorySpool
from edge_agent.spool.spool import BatchClass, Entry, MetricKey, Spool
from edge_agent.spool.sqlite import SqliteSpool
from telemetry.sparkplug.datatype import DataType

SMALL = 2000
"""Bytes the bounded spools of these tests hold."""
MAX_AGE_MS = 100_000


def live(text: str, at_ms: int = 0, device: str = "coater-1") -> Entry:
    return Entry(device, BatchClass.LIVE, at_ms, text.encode())


def result(text: str, at_ms: int = 0) -> Entry:
    return Entry("coater-1", BatchClass.RESULT, at_ms, text.encode())


async def contents(spool: Spool) -> list[str]:
    return [batch.metrics.decode() for batch in await spool.read(0, 10_000)]


@pytest.fixture(params=["memory", "sqlite"])
async def spool(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Spool]:
    if request.param == "memory":
        yield MemorySpool(max_bytes=SMALL, max_age_ms=MAX_AGE_MS)
        return
    on_disk = SqliteSpool(tmp_path / "spool.sqlite", max_bytes=SMALL, max_age_s=MAX_AGE_MS / 1000)
    await on_disk.open()
    yield on_disk
    await on_disk.close()


async def test_batches_come_back_in_order_with_rising_numbers(spool: Spool) -> None:
    first = await spool.append([live("a"), live("b")])
    second = await spool.append([result("c")])
    numbers = [batch.number for batch in (*first, *second)]
    assert numbers == sorted(set(numbers))
    assert spool.last_number == numbers[-1]
    assert await spool.read(0, 10) == [*first, *second]
    assert await spool.read(numbers[0], 1) == [first[1]]
    assert await spool.read(numbers[-1], 10) == []


async def test_an_acknowledgement_forgets_exactly_its_ranges(spool: Spool) -> None:
    batches = await spool.append([live(text) for text in "abcdef"])
    first = batches[0].number
    assert await spool.acknowledge([(first, first + 1), (first + 4, first + 4)]) == 3
    assert await contents(spool) == ["c", "d", "f"]
    assert await spool.acknowledge([(first, first + 1)]) == 0


async def test_a_number_is_not_given_again_after_everything_was_forgotten(spool: Spool) -> None:
    (batch,) = await spool.append([live("a")])
    await spool.acknowledge([(batch.number, batch.number)])
    (following,) = await spool.append([live("b")])
    assert following.number > batch.number


async def test_it_knows_how_full_it_is(spool: Spool) -> None:
    await spool.append([live("abc", 500), live("de", 700, device="mixer-1")])
    stats = spool.stats()
    assert (stats.batches, stats.bytes, stats.oldest_ms, stats.dropped) == (2, 5, 500, 0)
    assert (spool.depth("coater-1"), spool.depth("mixer-1"), spool.depth("other")) == (1, 1, 0)
    await spool.acknowledge([(0, spool.last_number)])
    stats = spool.stats()
    assert (stats.batches, stats.bytes, stats.oldest_ms) == (0, 0, None)


async def test_a_full_spool_drops_the_oldest_live_data_and_counts_it(spool: Spool) -> None:
    block = "x" * (SMALL // 10)
    for index in range(15):
        await spool.append([live(block + str(index % 10))])
    kept = await contents(spool)
    assert [text[-1] for text in kept] == ["6", "7", "8", "9", "0", "1", "2", "3", "4"]
    assert spool.stats().bytes <= SMALL
    assert spool.stats().dropped == 6


async def test_results_stay_while_live_data_can_go(spool: Spool) -> None:
    block = "x" * (SMALL // 10 - 10)
    await spool.append([result(f"cell {block}")])
    for _ in range(20):
        await spool.append([live(block)])
    assert (await contents(spool))[0] == f"cell {block}"


async def test_results_go_last_but_they_do_go(spool: Spool) -> None:
    block = "x" * (SMALL // 10)
    for index in range(12):
        await spool.append([result(block + str(index % 10)), live(block)])
    kept = await contents(spool)
    assert len(kept) == 9
    assert [text[-1] for text in kept] == ["3", "4", "5", "6", "7", "8", "9", "0", "1"]


async def test_what_is_too_old_is_dropped_and_counted(spool: Spool) -> None:
    await spool.append([live("old", 1_000_000), live("young", 1_000_000 + MAX_AGE_MS)])
    await spool.append([live("new", 1_000_000 + MAX_AGE_MS + 20_000)])
    assert await contents(spool) == ["young", "new"]
    assert spool.stats().dropped == 1


async def test_appends_at_the_same_time_all_arrive_once(spool: Spool) -> None:
    appended = await asyncio.gather(*(spool.append([live(f"{index:03}")]) for index in range(100)))
    assert sorted(await contents(spool)) == [f"{index:03}" for index in range(100)]
    read = await spool.read(0, 1000)
    assert sorted(batch for batches in appended for batch in batches) == read


# Only on a disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.sqlite"


def overwrite(path: Path, at: int, data: bytes) -> None:
    """Do what failing storage does."""
    path.touch()
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


async def opened(path: Path) -> SqliteSpool:
    spool = SqliteSpool(path)
    await spool.open()
    return spool


async def test_everything_is_there_when_it_is_opened_again(path: Path) -> None:
    key = MetricKey("coater-1", "speed", DataType.DOUBLE)
    spool = await opened(path)
    incarnation = spool.incarnation
    alias = (await spool.aliases([key]))[key]
    await spool.append([live("a"), live("b")], {("coater-1", "roll"): b"17"})
    assert [await spool.next_bd_seq(), await spool.next_bd_seq()] == [0, 1]
    await spool.close()

    again = await opened(path)
    assert again.incarnation == incarnation
    assert await contents(again) == ["a", "b"]
    assert again.stats()[:2] == (2, 2)
    assert await again.cursors() == {("coater-1", "roll"): b"17"}
    assert (await again.aliases([]))[key] == alias
    assert await again.next_bd_seq() == 2
    await again.close()


async def test_an_alias_never_changes_and_another_type_is_another_metric(path: Path) -> None:
    keys = [MetricKey("coater-1", f"s{index}", DataType.DOUBLE) for index in range(5)]
    spool = await opened(path)
    before = await spool.aliases(keys)
    changed = keys[0]._replace(datatype=DataType.INT32)
    after = await spool.aliases([changed, *reversed(keys)])
    assert {key: after[key] for key in keys} == before
    assert after[changed] not in before.values()
    await spool.close()


async def test_the_session_number_returns_to_0_after_255(path: Path) -> None:
    spool = await opened(path)
    assert [await spool.next_bd_seq() for _ in range(258)][-4:] == [254, 255, 0, 1]
    await spool.close()


async def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(path: Path) -> None:
    overwrite(path, 0, b"this was never a database" * 1000)
    spool = await opened(path)
    await spool.append([live("a")])
    assert await contents(spool) == ["a"]
    assert spool.files_set_aside == 1
    (kept,) = path.parent.glob("spool.sqlite.damaged-*")
    assert kept.read_bytes().startswith(b"this was never")
    await spool.close()


async def test_a_torn_page_in_a_full_file_is_noticed_at_start(path: Path) -> None:
    spool = await opened(path)
    await spool.append([live("x" * 3000) for _ in range(50)])
    await spool.close()
    overwrite(path, 8192, b"\xff" * 208)
    again = await opened(path)
    await again.append([live("still here")])
    assert again.files_set_aside == 1
    await again.close()


async def test_damage_while_it_runs_loses_no_alias_and_no_cursor(path: Path) -> None:
    key = MetricKey("coater-1", "speed", DataType.DOUBLE)
    spool = await opened(path)
    alias = (await spool.aliases([key]))[key]
    await spool.append([live("x" * 3000) for _ in range(2000)], {("coater-1", "roll"): b"17"})
    await spool.next_bd_seq()
    await spool.close()
    spool = await opened(path)
    first = spool.incarnation
    overwrite(path, 2**16, b"\xff" * 5 * 2**20)

    assert await contents(spool) == []
    await spool.append([live("c")])
    assert await contents(spool) == ["c"]
    assert spool.files_set_aside == 1
    assert spool.incarnation != first
    assert (await spool.aliases([]))[key] == alias
    assert await spool.cursors() == {("coater-1", "roll"): b"17"}
    assert await spool.next_bd_seq() == 1
    await spool.close()


async def test_a_second_agent_cannot_open_the_same_file(path: Path) -> None:
    spool = await opened(path)
    other = SqliteSpool(path)
    with pytest.raises(SpoolUnavailableError, match="locked"):
        await other.open()
    await other.close()
    await spool.close()


async def test_a_disk_that_refuses_is_said_and_later_forgiven(path: Path) -> None:
    spool = await opened(path)
    await spool.append([live("a")])
    assert spool._open_file is not None
    pages = spool._open_file._db.execute("PRAGMA page_count").fetchone()[0]
    spool._open_file._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(SpoolUnavailableError, match="full"):
        await spool.append([live("x" * 100_000)], {("coater-1", "roll"): b"1"})
    assert await contents(spool) == ["a"]
    assert await spool.cursors() == {}
    spool._open_file._db.execute("PRAGMA max_page_count = 1000000")
    await spool.append([live("b")])
    assert await contents(spool) == ["a", "b"]
    await spool.close()


async def test_an_append_whose_caller_is_cancelled_is_whole_or_not_at_all(path: Path) -> None:
    spool = await opened(path)
    for index in range(20):
        task = asyncio.create_task(spool.append([live(f"{index}a"), live(f"{index}b")]))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await spool.close()
    again = await opened(path)
    kept = await contents(again)
    assert len(kept) == len(set(kept))
    assert {text[:-1] for text in kept if text.endswith("a")} == {
        text[:-1] for text in kept if text.endswith("b")
    }
    await again.close()


_WRITER = """
import asyncio, sys
from pathlib import Path
from edge_agent.spool.spool import BatchClass, Entry
from edge_agent.spool.sqlite import SqliteSpool

async def main():
    spool = SqliteSpool(Path(sys.argv[1]))
    await spool.open()
    for index in range(1_000_000):
        entries = [Entry("d", BatchClass.RESULT, index, f"{index}".encode() * 50)]
        (batch,) = await spool.append(entries, {("d", "cell"): f"{index}".encode()})
        print(batch.number, index, flush=True)

asyncio.run(main())
"""


def write_until_killed(path: Path, lines: int) -> int:
    """Run a writer, kill it after so many batches it reported durable, return how many there were."""
    command = [sys.executable, "-c", _WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        reported = sum(1 for _ in zip(range(lines), process.stdout, strict=False))
        os.kill(process.pid, signal.SIGKILL)
        return reported + sum(line.endswith("\n") for line in process.stdout)


@pytest.mark.parametrize("lines", [1, 20, 150])
async def test_what_was_reported_durable_survives_kill_9(path: Path, lines: int) -> None:
    reported = await asyncio.to_thread(write_until_killed, path, lines)
    spool = await opened(path)
    assert spool.files_set_aside == 0
    kept = await spool.read(0, 1_000_000)
    assert [batch.number for batch in kept] == list(range(1, len(kept) + 1))
    assert len(kept) >= reported >= lines
    last = kept[-1].created_ms
    assert kept[-1].metrics == f"{last}".encode() * 50
    # The cursor and the batch with its results are one transaction: neither is ahead of the other.
    assert await spool.cursors() == {("d", "cell"): f"{last}".encode()}
    (following,) = await spool.append([live("after")])
    assert following.number == kept[-1].number + 1
    await spool.close()
