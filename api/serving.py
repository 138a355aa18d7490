"""Serving an app inside our own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from api.errors import AddressInUseError

CLOSE_S = 1
"""Open streams and websockets get this long to end by themselves."""
_GIVE_UP_S = 2.0
_READY_POLL_S = 0.01


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the process's signals to `runtime.service`."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: FastAPI, host: str, port: int, ready: asyncio.Event | None = None) -> None:
    """Serve until cancelled; then close within two seconds, streams included.

    Raises:
        AddressInUseError: another program listens there, or it is not ours to use.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=CLOSE_S,
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # costs more time than a plant network saves
        server_header=False,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        await _announce(server, task, ready)
        await asyncio.shield(task)
    finally:
        app.state.closing.set()
        server.should_exit = True
        if not task.done():
            await asyncio.wait({task}, timeout=_GIVE_UP_S)
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_GIVE_UP_S)
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AddressInUseError(
            f"cannot listen on {host}:{port} ({reason.lower()}); stop what uses it, or choose another port"
        ) from error


async def _announce(server: _Server, task: asyncio.Task[None], ready: asyncio.Event | None) -> None:
    while ready is not None and not task.done():
        if server.started:
            ready.set()
            return
        await asyncio.sleep(_READY_POLL_S)
