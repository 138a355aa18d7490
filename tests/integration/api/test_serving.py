"""The real server on a real socket: the live stream, and how it stops."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.app import serve
from api.errors import AddressInUseError
from runtime.service import background
from telemetry.clock import now_ms
from telemetry.sample import Sample
from tests.integration.api.conftest import House, revive
from tests.support.ports import free_port

FILLER = "acc-douvrin/assembly-1/filler-1"


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:
    port, ready = free_port(), asyncio.Event()
    async with background("serve", serve(house.app, "127.0.0.1", port, ready)):
        await ready.wait()
        yield f"http://127.0.0.1:{port}/api/v1"


async def events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """Yield the data of each event."""
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def test_stream_tells_everything_known_and_then_each_change(house: House, address: str) -> None:
    async with (
        httpx.AsyncClient() as client,
        client.stream("GET", f"{address}/stream", params={"at": FILLER}) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        told = events(response)
        first = await anext(told)
        assert first["values"]["evacuation_mbar"]["value"] == 11.5
        filler = house.live.station(*FILLER.split("/"))
        filler.samples["evacuation_mbar"] = Sample("evacuation_mbar", now_ms(), 4.25)
        revive_only_revision(house)
        second = await anext(told)
        assert set(second["values"]) == {"evacuation_mbar"}
        assert second["values"]["evacuation_mbar"]["value"] == 4.25
        assert second["revision"] > first["revision"]


def revive_only_revision(house: House) -> None:
    filler = house.live.station(*FILLER.split("/"))
    house.live.revision += 1
    filler.revision = house.live.revision


async def test_stream_says_when_a_station_falls_silent(address: str) -> None:
    async with (
        httpx.AsyncClient() as client,
        client.stream("GET", f"{address}/stream", params={"at": FILLER, "signal": "state"}) as response,
    ):
        told = events(response)
        assert (await anext(told))["online"]
        silent = await anext(told)  # nothing arrives: only time passes
        assert (silent["online"], silent["state"]) == (False, None)
        assert silent["values"]["state"]["quality"] == "stale"


async def test_client_that_does_not_read_blocks_nobody(house: House, address: str) -> None:
    host, port = address.removeprefix("http://").split("/")[0].split(":")
    _, lazy = await asyncio.open_connection(host, int(port))
    lazy.write(f"GET /api/v1/stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    await lazy.drain()
    async with (
        httpx.AsyncClient() as client,
        client.stream("GET", f"{address}/stream", params={"at": FILLER}) as response,
    ):
        told = events(response)
        for _ in range(5):
            revive(house.live)
            assert (await anext(told))["place"]["station"] == "filler-1"
    lazy.close()


async def test_cancelled_server_stops_although_streams_are_open(house: House) -> None:
    port, ready = free_port(), asyncio.Event()
    task = asyncio.create_task(serve(house.app, "127.0.0.1", port, ready))
    await ready.wait()
    async with (
        httpx.AsyncClient() as client,
        client.stream("GET", f"http://127.0.0.1:{port}/api/v1/stream") as response,
    ):
        told = events(response)
        await anext(told)
        task.cancel()
        async with asyncio.timeout(10):  # a hang fails; how long it took is measured elsewhere
            with pytest.raises(asyncio.CancelledError):
                await task
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


async def test_port_in_use_is_a_sentence(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            AddressInUseError, match=f"cannot listen on 127.0.0.1:{port}.*choose another port"
        ):
            await serve(house.app, "127.0.0.1", port)
