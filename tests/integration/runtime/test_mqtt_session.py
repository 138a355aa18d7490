"""Sessions with a real broker, and with one that misbehaves."""

from __future__ import annotations

import asyncio
import gc
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest
from pydantic import SecretStr

from runtime.mqtt_session import Message, MqttSettings, MqttUnavailableError, Will, connect
from tests.support.mosquitto import Mosquitto
from tests.support.ports import HOST, free_port

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
CONNACK = bytes.fromhex("20 02 00 00")


@pytest.fixture
def topic() -> str:
    """Return a topic no other test uses."""
    return f"test/{secrets.token_hex(4)}"


@asynccontextmanager
async def broker_that(talks: Talk) -> AsyncIterator[MqttSettings]:
    """Serve a scripted broker."""
    port = free_port()
    server = await asyncio.start_server(talks, HOST, port)
    async with server:
        yield MqttSettings(host=HOST, port=port, connect_timeout_s=0.3)


async def received(settings: MqttSettings, topic: str, count: int, ready: asyncio.Event) -> list[Message]:
    """Return the first messages on the topic."""
    messages: list[Message] = []
    async with connect(settings, "reader") as session:
        await session.subscribe([(topic, 1)])
        ready.set()
        async for message in session.messages():
            messages.append(message)
            if len(messages) == count:
                break
    return messages


@pytest.mark.parametrize("qos", [0, 1])
async def test_messages_arrive_in_order_with_their_bytes(mosquitto: Mosquitto, topic: str, qos: int) -> None:
    ready = asyncio.Event()
    reading = asyncio.create_task(received(mosquitto.settings, topic, 500, ready))
    await ready.wait()
    payloads = [bytes([number % 256, 0, 255]) * 3 for number in range(500)]
    async with connect(mosquitto.settings, "writer") as session:
        for payload in payloads:
            await session.publish(topic, payload, qos=qos)
        assert [message.payload for message in await reading] == payloads


async def test_empty_payload_is_empty_bytes(mosquitto: Mosquitto, topic: str) -> None:
    ready = asyncio.Event()
    reading = asyncio.create_task(received(mosquitto.settings, topic, 1, ready))
    await ready.wait()
    async with connect(mosquitto.settings, "writer") as session:
        await session.publish(topic, b"", qos=1)
    assert await reading == [Message(topic, b"", retain=False)]


async def test_retained_message_waits_for_its_reader_and_says_so(mosquitto: Mosquitto, topic: str) -> None:
    async with connect(mosquitto.settings, "writer") as session:
        await session.publish(topic, b"online", qos=1, retain=True)
    assert await received(mosquitto.settings, topic, 1, asyncio.Event()) == [
        Message(topic, b"online", retain=True)
    ]


async def test_will_is_published_when_the_process_vanishes(own_mosquitto: Mosquitto, topic: str) -> None:
    ready = asyncio.Event()
    reading = asyncio.create_task(received(own_mosquitto.settings, topic, 1, ready))
    await ready.wait()
    async with connect(own_mosquitto.settings, "doomed", Will(topic, b"gone")) as session:
        connection = cast("socket.socket", session._client._client.socket())
        connection.shutdown(socket.SHUT_RDWR)  # without DISCONNECT, as a process that vanishes
        assert await asyncio.wait_for(reading, 10) == [Message(topic, b"gone", retain=False)]


async def test_clean_end_publishes_no_will(mosquitto: Mosquitto, topic: str) -> None:
    ready = asyncio.Event()
    reading = asyncio.create_task(received(mosquitto.settings, topic, 1, ready))
    await ready.wait()
    async with connect(mosquitto.settings, "polite", Will(topic, b"gone")):
        pass
    async with connect(mosquitto.settings, "writer") as session:
        await session.publish(topic, b"after", qos=1)
    assert [message.payload for message in await reading] == [b"after"]


async def publish_until_refused(settings: MqttSettings, topic: str, connected: asyncio.Event) -> None:
    """Publish with QoS 0, which no broker confirms, until the loss shows."""
    async with connect(settings, "writer") as session:
        connected.set()
        while True:
            await session.publish(topic, b"x")
            await asyncio.sleep(0.01)


async def test_reader_and_writer_notice_a_killed_broker_and_a_new_session_works(
    own_mosquitto: Mosquitto, topic: str
) -> None:
    reads, writes = asyncio.Event(), asyncio.Event()
    reading = asyncio.create_task(received(own_mosquitto.settings, f"{topic}/other", 1, reads))
    writing = asyncio.create_task(publish_until_refused(own_mosquitto.settings, topic, writes))
    await reads.wait()
    await writes.wait()
    await asyncio.to_thread(own_mosquitto.kill)
    for lost in (reading, writing):
        with pytest.raises(MqttUnavailableError):
            await lost
    await asyncio.to_thread(own_mosquitto.start)
    async with connect(own_mosquitto.settings, "writer") as session:
        await session.publish(topic, b"x", qos=1)


async def test_session_that_lost_its_broker_leaves_no_unretrieved_error(own_mosquitto: Mosquitto) -> None:
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with connect(own_mosquitto.settings, "idle"):
        await asyncio.to_thread(own_mosquitto.kill)
        await asyncio.sleep(0.2)
    gc.collect()
    assert complaints == []


async def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(MqttUnavailableError):
        async with connect(MqttSettings(host=HOST, port=free_port()), "nobody"):
            pass


async def test_password_opens_and_a_wrong_one_is_refused(mosquitto_with_password: Mosquitto) -> None:
    settings = mosquitto_with_password.settings
    async with connect(settings, "edge") as session:
        await session.publish("test", b"x", qos=1)
    wrong = settings.model_copy(update={"password": SecretStr("wrong")})
    for refused in (wrong, settings.model_copy(update={"username": None, "password": None})):
        with pytest.raises(MqttUnavailableError, match=r"[Nn]ot authori[sz]ed"):
            async with connect(refused, "intruder"):
                pass


async def test_broker_that_never_answers_is_given_up_and_its_connection_closed() -> None:
    closed = asyncio.Event()

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        closed.set()
        writer.close()

    async with broker_that(silence) as settings:
        with pytest.raises(MqttUnavailableError):
            async with connect(settings, "patient"):
                pass
        await asyncio.wait_for(closed.wait(), 5)


@pytest.mark.parametrize("turns", range(5))
async def test_cancellation_in_the_moment_of_the_confirmation_is_not_lost(turns: int) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(CONNACK)
        while await reader.read(1000):
            pass
        writer.close()

    async with broker_that(accept) as settings, connect(settings, "writer") as session:
        publishing = asyncio.create_task(session.publish("x", b"x", qos=1))
        waiting = session._client._pending_publishes
        await asyncio.sleep(0)
        next(iter(waiting.values())).set()
        for _ in range(turns):
            await asyncio.sleep(0)
        in_time = publishing.cancel()
        await asyncio.wait({publishing})
        assert publishing.cancelled() or not in_time


async def test_refused_subscription_is_named() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(CONNACK)
        subscribe = await reader.read(1000)
        writer.write(bytes.fromhex("90 04") + subscribe[2:4] + bytes.fromhex("00 80"))
        while await reader.read(1000):
            pass
        writer.close()

    async with broker_that(refuse) as settings:
        with pytest.raises(MqttUnavailableError, match="refuses the subscription to secret/#"):
            async with connect(settings, "curious") as session:
                await session.subscribe([("open/#", 0), ("secret/#", 0)])
