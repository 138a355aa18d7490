"""What is sent when, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import async_solipsism

from edge_agent.commands import Acknowledgement
from edge_agent.exceptions import NotOnlineError
from edge_agent.spool.forwarder import Forwarder
from edge_agent.spool.memory import MemorySpool
from edge_agent.spool.spool import Batch, BatchClass, Entry
from edge_agent.vitals import EdgeVitals
from runtime.service import background
from runtime.vitals import Vitals
from telemetry.sample import BatchNumber

ACK_TIMEOUT_S = 30.0


class Sender:
    """A way to a host that can be cut."""

    def __init__(self) -> None:
        self.online = True
        self.sessions = 1
        self.sent: list[tuple[float, int, bool]] = []

    async def send(self, batch: Batch, number: BatchNumber | None, *, historical: bool) -> None:
        await asyncio.sleep(0)
        if not self.online:
            raise NotOnlineError("cut")
        assert number is not None
        self.sent.append((asyncio.get_running_loop().time(), batch.number, historical))

    def numbers(self, *, historical: bool) -> list[int]:
        return [number for _, number, was_historical in self.sent if was_historical is historical]

    def reconnect(self) -> None:
        self.online = True
        self.sessions += 1


class House:
    """A forwarder with a spool and a sender."""

    def __init__(self, *, backlog_per_s: float = 10.0, window: int = 50, acknowledged: bool = True) -> None:
        self.spool = MemorySpool()
        self.sender = Sender()
        self.forwarder = Forwarder(
            self.spool, self.sender, EdgeVitals(Vitals("edge")), backlog_per_s=backlog_per_s, window=window,
            ack_timeout_s=ACK_TIMEOUT_S, acknowledged=acknowledged,
        )  # fmt: skip

    async def append(self, count: int = 1) -> None:
        for _ in range(count):
            await self.forwarder.append([Entry("d", BatchClass.LIVE, 0, b"")])

    async def acknowledge(self, *ranges: tuple[int, int]) -> None:
        await self.forwarder.take_acknowledgement(Acknowledgement(self.spool.incarnation, list(ranges)))


def in_virtual_time(story: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=async_solipsism.EventLoop) as runner:
        runner.run(story)


def test_what_is_new_is_sent_at_once_as_live() -> None:
    async def story() -> None:
        house = House()
        async with background("forwarder", house.forwarder.run_forever()):
            await house.append(3)
            assert house.sender.numbers(historical=False) == [1, 2, 3]
            await house.acknowledge((1, 3))
            await asyncio.sleep(100)
            assert len(house.sender.sent) == 3
            assert house.spool.stats().batches == 0

    in_virtual_time(story())


def test_what_is_not_acknowledged_is_sent_again_as_historical_until_it_is() -> None:
    async def story() -> None:
        house = House()
        async with background("forwarder", house.forwarder.run_forever()):
            await house.append(3)
            await house.acknowledge((2, 2))
            await asyncio.sleep(ACK_TIMEOUT_S + 1)
            assert house.sender.numbers(historical=True) == [1, 3]
            await asyncio.sleep(ACK_TIMEOUT_S + 1)
            assert house.sender.numbers(historical=True) == [1, 3, 1, 3]

    in_virtual_time(story())


def test_backlog_goes_oldest_first_at_its_rate_while_live_data_stays_live() -> None:
    async def story() -> None:
        house = House(backlog_per_s=10, window=1000)
        house.sender.online = False
        await house.append(100)
        house.sender.reconnect()
        async with background("forwarder", house.forwarder.run_forever()):
            for _ in range(5):
                await asyncio.sleep(1)
                await house.append()
            assert house.sender.numbers(historical=False) == [101, 102, 103, 104, 105]
            backlog = house.sender.numbers(historical=True)
            assert backlog == sorted(backlog)
            assert 45 <= len(backlog) <= 55
            await asyncio.sleep(20)
            assert house.sender.numbers(historical=True)[:100] == list(range(1, 101))

    in_virtual_time(story())


def test_no_more_than_a_window_of_backlog_is_on_its_way() -> None:
    async def story() -> None:
        house = House(backlog_per_s=1000, window=20)
        house.sender.online = False
        await house.append(100)
        house.sender.reconnect()
        async with background("forwarder", house.forwarder.run_forever()):
            await asyncio.sleep(5)
            assert house.sender.numbers(historical=True) == list(range(1, 21))
            await house.acknowledge((1, 5))
            await asyncio.sleep(1)
            assert house.sender.numbers(historical=True) == list(range(1, 26))

    in_virtual_time(story())


def test_a_new_session_begins_with_the_oldest_batch_that_is_not_acknowledged() -> None:
    async def story() -> None:
        house = House()
        async with background("forwarder", house.forwarder.run_forever()):
            await house.append(4)
            await house.acknowledge((1, 2))
            house.sender.online = False
            await house.append(2)
            house.sender.reconnect()
            await asyncio.sleep(1)
            assert house.sender.numbers(historical=True) == [3, 4, 5, 6]

    in_virtual_time(story())


def test_a_session_that_breaks_under_a_batch_loses_nothing() -> None:
    async def story() -> None:
        house = House()
        async with background("forwarder", house.forwarder.run_forever()):
            entries = [Entry("d", BatchClass.LIVE, 0, b"") for _ in range(5)]
            asyncio.get_running_loop().call_soon(lambda: setattr(house.sender, "online", False))
            await house.forwarder.append(entries)
            house.sender.reconnect()
            await asyncio.sleep(2)
            assert {number for _, number, _ in house.sender.sent} == {1, 2, 3, 4, 5}

    in_virtual_time(story())


def test_an_acknowledgement_of_what_was_never_sent_deletes_nothing() -> None:
    async def story() -> None:
        house = House()
        house.sender.online = False
        await house.append(10)
        await house.acknowledge((1, 10**18))
        assert house.spool.stats().batches == 10

    in_virtual_time(story())


def test_an_acknowledgement_for_another_spool_deletes_nothing() -> None:
    async def story() -> None:
        house = House()
        await house.append(1)
        await house.forwarder.take_acknowledgement(Acknowledgement("another", [(1, 1)]))
        assert house.spool.stats().batches == 1

    in_virtual_time(story())


def test_a_station_has_nothing_unsent_once_all_is_on_its_way() -> None:
    async def story() -> None:
        house = House()
        house.sender.online = False
        await house.append(3)
        assert house.forwarder.has_unsent("d")
        house.sender.reconnect()
        async with background("forwarder", house.forwarder.run_forever()):
            await asyncio.sleep(1)
            assert not house.forwarder.has_unsent("d")

    in_virtual_time(story())


def test_without_acknowledgements_sent_is_delivered() -> None:
    async def story() -> None:
        house = House(acknowledged=False)
        house.sender.online = False
        await house.append(5)
        house.sender.reconnect()
        async with background("forwarder", house.forwarder.run_forever()):
            await house.append(5)
            await asyncio.sleep(100)
            assert house.spool.stats().batches == 0
            assert sorted(number for _, number, _ in house.sender.sent) == list(range(1, 11))

    in_virtual_time(story())
