"""MQTT sessions: the only place that knows the MQTT library."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

import aiomqtt
from pydantic import BaseModel, ConfigDict, Field, SecretStr


class MqttUnavailableError(ConnectionError):
    """The broker cannot be reached, refuses us, or the connection broke: connect again."""


class MqttSettings(BaseModel):
    """How to reach the broker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=1883, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    tls: bool = False
    ca_file: Path | None = None
    """Certificate authority to trust; None takes the system's."""
    certificate_file: Path | None = None
    key_file: Path | None = None
    keepalive_s: int = Field(default=10, ge=2, le=600)
    connect_timeout_s: float = Field(default=5.0, gt=0)


class Message(NamedTuple):
    """A message as it arrived."""

    topic: str
    payload: bytes
    retain: bool


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes if the connection breaks."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False


class MqttSession:
    """One connection to a broker, from CONNECT to DISCONNECT or loss."""

    def __init__(self, client: aiomqtt.Client, inbox: _Inbox) -> None:
        self._client = client
        self._inbox = inbox

    async def subscribe(self, filters: Sequence[tuple[str, int]]) -> None:
        """Subscribe to topic filters, each with its QoS.

        Raises:
            MqttUnavailableError: the connection is lost or the broker refused.
        """
        with _mqtt_errors():
            granted = await self._client.subscribe(list(filters))
        codes = [code if isinstance(code, int) else code.value for code in granted]
        refused = [name for (name, _), code in zip(filters, codes, strict=False) if code >= _REFUSED]
        if refused:
            raise MqttUnavailableError(f"the broker refuses the subscription to {', '.join(refused)}")

    async def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> None:
        """Publish; with QoS 1 return once the broker has it.

        Raises:
            MqttUnavailableError: the connection is lost.
        """
        with _mqtt_errors():
            await self._client.publish(topic, payload, qos=qos, retain=retain, timeout=10)

    async def messages(self) -> AsyncIterator[Message]:
        """Yield messages until the connection is lost.

        Raises:
            MqttUnavailableError: the connection is lost.
        """
        with _mqtt_errors():
            while True:
                # The library starts a task for each message it is asked for; what waits already needs none.
                message = (
                    await anext(self._client.messages) if self._inbox.empty() else self._inbox.get_nowait()
                )
                payload = message.payload
                data = payload if isinstance(payload, bytes) else str(payload or "").encode()
                yield Message(str(message.topic), data, bool(message.retain))


_Inbox = asyncio.Queue[aiomqtt.Message]
_REFUSED = 0x80
"""Return codes of a SUBACK from here on are failures (MQTT 3.1.1, 3.9.3)."""


@contextlib.asynccontextmanager
async def connect(
    settings: MqttSettings, client_id: str, will: Will | None = None
) -> AsyncIterator[MqttSession]:
    """Hold a clean session; leaving the block disconnects.

    MQTT 3.1.1 with Clean Session, which Sparkplug asks for and every broker
    speaks. The client id gets a random end: two agents started by mistake
    with one id would otherwise take the session from each other for ever.

    Raises:
        MqttUnavailableError: cannot connect, or lost while in the block.
    """
    inbox: _Inbox = asyncio.Queue()
    client = aiomqtt.Client(
        hostname=settings.host,
        port=settings.port,
        username=settings.username,
        password=settings.password.get_secret_value() if settings.password else None,
        identifier=f"{client_id}-{secrets.token_hex(4)}",
        protocol=aiomqtt.ProtocolVersion.V311,
        clean_session=True,
        keepalive=settings.keepalive_s,
        timeout=settings.connect_timeout_s,
        tls_context=_tls_context(settings) if settings.tls else None,
        will=aiomqtt.Will(will.topic, will.payload, will.qos, will.retain) if will else None,
        queue_type=cast("type[_Inbox]", lambda **_: inbox),
    )
    try:
        with _mqtt_errors():
            await client.__aenter__()
    except BaseException:
        client._client.disconnect()  # noqa: SLF001 - the library leaves a socket without answer open
        raise
    try:
        yield MqttSession(client, inbox)
    finally:
        with contextlib.suppress(MqttUnavailableError), _mqtt_errors():
            await client.__aexit__(None, None, None)
        _forget_loss(client)


def _forget_loss(client: aiomqtt.Client) -> None:
    """Keep the event loop from complaining about a loss that nobody was waiting for."""
    disconnected = client._disconnected  # noqa: SLF001 - the library does not look at it itself
    if disconnected.done() and not disconnected.cancelled():
        disconnected.exception()


def _tls_context(settings: MqttSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.certificate_file is not None:
        context.load_cert_chain(settings.certificate_file, settings.key_file)
    return context


@contextlib.contextmanager
def _mqtt_errors() -> Iterator[None]:
    """Translate the library's errors, and let no cancellation get lost in it.

    It waits with `asyncio.wait_for`, which in Python 3.11 forgets that it was
    cancelled if what it waits for happens in the same moment.
    """
    task = asyncio.current_task()
    requests = task.cancelling() if task else 0
    failure: MqttUnavailableError | None = None
    try:
        yield
    except MqttUnavailableError as error:
        failure = error
    except (aiomqtt.MqttError, OSError, TimeoutError) as error:
        failure = MqttUnavailableError(str(error) or type(error).__name__)
        failure.__cause__ = error
    if task and task.cancelling() > requests:
        raise asyncio.CancelledError
    if failure:
        raise failure
