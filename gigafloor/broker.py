"""The demo's broker: MQTT 3.1.1 in this process, on the loopback only."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

from amqtt.broker import Broker
from typing_extensions import override

Subscriptions = dict[str, list[Any]]


class _SteadySubscriptions(Subscriptions):
    """Subscriptions that may change while somebody walks them.

    The broker awaits inside its loops over them, and fails a client's session
    if another client subscribes meanwhile (amqtt 0.12).
    """

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(list(self.keys()))

    @override
    def items(self) -> Any:
        return list(super().items())


@contextlib.asynccontextmanager
async def embedded_broker(port: int) -> AsyncIterator[None]:
    """Hold a broker on 127.0.0.1; for a plant use Mosquitto or a clustered broker."""
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.ERROR)
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    broker._subscriptions = _SteadySubscriptions()  # noqa: SLF001 - there is no other way in
    await broker.start()
    try:
        yield
    finally:
        await broker.shutdown()
