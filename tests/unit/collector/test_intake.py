"""The queue: bounded, grouped, patient only while the historian answers."""

from __future__ import annotations

import asyncio

from collector.intake import Arrival, Intake
from telemetry.sample import EdgeNode


def arrival(values: int) -> Arrival:
    return Arrival(EdgeNode("north", "cells"), None, None, values=values - 1)


def intake(*, most: int = 100, group: int = 50) -> Intake:
    return Intake(most_values=most, group_values=group, linger_s=0.0)


async def test_group_takes_what_waits_up_to_its_size() -> None:
    queue = intake(group=30)
    for _ in range(5):
        assert await queue.offer(arrival(20))
    assert len(await queue.group()) == 2
    queue.done()
    assert len(await queue.group()) == 2
    queue.done()
    assert len(await queue.group()) == 1


async def test_values_in_hand_count_until_they_are_durable() -> None:
    queue = intake()
    queue.set_answering(False)
    assert await queue.offer(arrival(100))
    await queue.group()
    assert queue.values == 100
    assert not await queue.offer(arrival(1))
    queue.done()
    assert queue.values == 0
    assert await queue.offer(arrival(1))


async def test_full_queue_makes_the_reader_wait_while_the_historian_works() -> None:
    queue = intake()
    assert await queue.offer(arrival(100))
    await queue.group()
    offered = asyncio.create_task(queue.offer(arrival(10)))
    await asyncio.sleep(0)
    assert not offered.done()
    queue.done()
    assert await offered


async def test_full_queue_refuses_at_once_when_the_historian_goes_down() -> None:
    queue = intake()
    assert await queue.offer(arrival(100))
    waiting = asyncio.create_task(queue.offer(arrival(10)))
    await asyncio.sleep(0)
    queue.set_answering(False)
    assert not await waiting


async def test_full_queue_that_never_empties_is_not_waited_for_for_ever() -> None:
    queue = intake()
    assert await queue.offer(arrival(100))
    assert not await queue.offer(arrival(10))


async def test_batch_larger_than_the_bound_passes_when_there_is_nothing_else() -> None:
    assert await intake().offer(arrival(1000))
