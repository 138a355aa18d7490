"""A process's own measurements over HTTP."""

from __future__ import annotations

import httpx
import pytest

from runtime.vitals import Vitals
from tests.support.ports import HOST, free_port


async def _asked(port: int) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://{HOST}:{port}/metrics")).text


async def test_metrics_are_served_for_the_length_of_the_block() -> None:
    vitals = Vitals("edge")
    polls = vitals.counter("polls", "Polls made")
    port = free_port()
    async with vitals.served(port):
        polls.inc(3)
        assert "gigafloor_edge_polls_total 3.0" in await _asked(port)
    with pytest.raises(httpx.ConnectError):
        await _asked(port)


async def test_no_port_serves_nothing() -> None:
    async with Vitals("edge").served(None):
        pass
