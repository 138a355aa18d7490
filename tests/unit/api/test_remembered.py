from __future__ import annotations

import asyncio

import pytest

from api.services.remembered import Remembered


class Source:
    """Counts how often it was asked; fails while `broken`."""

    def __init__(self) -> None:
        self.asked = 0
        self.broken = False

    async def fetch(self) -> int:
        self.asked += 1
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionError
        return self.asked


async def test_many_who_ask_at_once_share_one_query() -> None:
    source, answers = Source(), Remembered[int](1.0, monotonic=lambda: 0.0)
    found = await asyncio.gather(*(answers.get("key", source.fetch) for _ in range(50)))
    assert found == [1] * 50


async def test_answer_is_fetched_again_when_it_is_old() -> None:
    now_s = 0.0
    source, answers = Source(), Remembered[int](1.0, monotonic=lambda: now_s)
    assert await answers.get("key", source.fetch) == 1
    now_s = 0.9
    assert await answers.get("key", source.fetch) == 1
    now_s = 1.0
    assert await answers.get("key", source.fetch) == 2


async def test_failure_is_raised_and_not_remembered() -> None:
    source, answers = Source(), Remembered[int](1.0, monotonic=lambda: 0.0)
    source.broken = True
    with pytest.raises(ConnectionError):
        await answers.get("key", source.fetch)
    source.broken = False
    assert await answers.get("key", source.fetch) == 2


async def test_one_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    source, answers = Source(), Remembered[int](1.0, monotonic=lambda: 0.0)
    first = asyncio.create_task(answers.get("key", source.fetch))
    second = asyncio.create_task(answers.get("key", source.fetch))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 2


async def test_keys_do_not_pile_up() -> None:
    now_s = 0.0
    source, answers = Source(), Remembered[int](1.0, monotonic=lambda: now_s)
    for key in range(5000):
        now_s = float(key)
        await answers.get(key, source.fetch)
    assert len(answers._slots) <= 2001
