"""The demo's broker under what the demo does to it."""

from __future__ import annotations

import asyncio

from gigafloor.broker import embedded_broker
from runtime.mqtt_session import MqttSession, MqttSettings, connect
from tests.support.ports import HOST, free_port

CLIENTS, TOPICS, ROUNDS = 12, 20, 3
STAGGER_S = 0.005
"""One connects while others subscribe."""


async def _subscribe_and_hear(settings: MqttSettings, index: int) -> None:
    await asyncio.sleep(index * STAGGER_S)
    async with connect(settings, f"client-{index}") as session:
        for topic in range(TOPICS):
            await session.subscribe([(f"plant/{index}/{topic}", 1)])
        await session.publish(f"plant/{index}/0", b"here", qos=1)
        await _hear(session, b"here")


async def _hear(session: MqttSession, wanted: bytes) -> None:
    async with asyncio.timeout(10):
        async for message in session.messages():
            if message.payload == wanted:
                return
    raise AssertionError("the session ended without the message")


async def test_clients_that_come_together_all_get_their_session() -> None:
    """A retained message behind each subscription makes the broker pause in the midst of walking them."""
    settings = MqttSettings(host=HOST, port=free_port())
    async with embedded_broker(settings.port):
        async with connect(settings, "retaining") as session:
            for index in range(CLIENTS):
                for topic in range(TOPICS):
                    await session.publish(f"plant/{index}/{topic}", b"kept", qos=1, retain=True)
        for _ in range(ROUNDS):
            await asyncio.gather(*(_subscribe_and_hear(settings, index) for index in range(CLIENTS)))
