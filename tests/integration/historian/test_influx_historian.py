"""The historian in InfluxDB and the server under it: set up, stopped, restarted, refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from historian.influx.setup import prepare
from historian.influx.store import InfluxHistorian
from historian.ports import HistorianUnavailableError, StationBlock
from historian.settings import HistorianSettings
from plant.model import StationPath
from telemetry.sample import Sample
from tests.support.influx import Influx, Influx1, Influx2, influx_server
from tests.support.ports import free_port

PATH = StationPath("douvrin", "electrode", "line-1", "coater-1")
BLOCK = StationBlock(PATH, "coater", [Sample("x", 1_760_000_000_000, 1.0)])
FOREVER = (0, 4_000_000_000_000)


@pytest.fixture(scope="module")
def influx_2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    with influx_server(Influx2, tmp_path_factory.mktemp("influx-2")) as server:
        yield server


@pytest.fixture(params=[Influx1, Influx2], ids=["1.8", "2"])
def influx(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Influx]:
    with influx_server(request.param, tmp_path) as server:
        yield server


async def test_stored_samples_survive_a_kill_of_the_server(influx: Influx) -> None:
    settings = await asyncio.to_thread(influx.prepared)
    historian = InfluxHistorian(settings)
    await historian.write([BLOCK])
    await asyncio.to_thread(influx.kill)
    with pytest.raises(HistorianUnavailableError, match=f"InfluxDB at {settings.url}"):
        await historian.write([BLOCK])
    with pytest.raises(HistorianUnavailableError):
        await historian.last([PATH], "coater", ["x"])
    assert not (await historian.health()).ok
    await asyncio.to_thread(influx.start)
    await historian.write([BLOCK])
    assert await historian.last([PATH], "coater", ["x"]) == {(PATH, "x"): BLOCK.samples[0]}
    await historian.close()


async def test_preparing_twice_changes_nothing(influx: Influx) -> None:
    first = await asyncio.to_thread(influx.prepared)
    second = await asyncio.to_thread(influx.prepared)
    assert await prepare(first) == first.token
    for settings in (first, second):
        historian = InfluxHistorian(settings)
        await historian.write([BLOCK])
        found = await historian.samples([PATH], "coater", ["x"], *FOREVER)
        assert found[PATH, "x"] == list(BLOCK.samples)
        await historian.close()


async def test_token_reaches_our_bucket_and_nothing_else(influx_2: Influx) -> None:
    ours = await asyncio.to_thread(influx_2.prepared)
    admin = influx_2.settings.model_copy(update={"bucket": "theirs"})
    await prepare(admin)
    theirs = InfluxHistorian(ours.model_copy(update={"bucket": "theirs"}))
    with pytest.raises(HistorianUnavailableError):
        await theirs.write([BLOCK])
    with pytest.raises(HistorianUnavailableError):
        await theirs.last([PATH], "coater", ["x"])
    await theirs.close()
    assert ours.token is not None
    headers = {"Authorization": f"Token {ours.token.get_secret_value()}"}
    async with httpx.AsyncClient(base_url=ours.url, headers=headers, trust_env=False) as client:
        made = await client.post("/api/v2/orgs", json={"name": "more"})
    assert made.status_code in (401, 403)


async def test_a_readers_token_reads_and_never_writes(influx_2: Influx) -> None:
    writing = await asyncio.to_thread(influx_2.prepared)
    writer = InfluxHistorian(writing)
    await writer.write([BLOCK])
    await writer.close()
    token = await prepare(influx_2.settings, read_only=True)
    reader = InfluxHistorian(writing.model_copy(update={"token": token}))
    assert await reader.last([PATH], "coater", ["x"]) == {(PATH, "x"): BLOCK.samples[0]}
    with pytest.raises(HistorianUnavailableError):
        await reader.write([BLOCK])
    await reader.close()


async def test_wrong_token_is_unavailable_and_no_point_is_given_up(influx_2: Influx) -> None:
    await asyncio.to_thread(influx_2.prepared)
    settings = HistorianSettings(kind="influxdb", url=influx_2.settings.url, token=SecretStr("wrong"))
    historian = InfluxHistorian(settings)
    with pytest.raises(HistorianUnavailableError, match="401"):
        await historian.write([BLOCK])
    with pytest.raises(HistorianUnavailableError, match="check the token"):
        await historian.last([PATH], "coater", ["x"])
    await historian.close()


async def test_missing_bucket_is_unavailable(influx_2: Influx) -> None:
    settings = await asyncio.to_thread(influx_2.prepared)
    historian = InfluxHistorian(settings.model_copy(update={"bucket": "nowhere"}))
    with pytest.raises(HistorianUnavailableError, match="nowhere"):
        await historian.write([BLOCK])
    await historian.close()


async def test_preparing_without_user_says_what_to_give(influx_2: Influx) -> None:
    settings = HistorianSettings(kind="influxdb", url=influx_2.settings.url)
    with pytest.raises(HistorianUnavailableError, match="give 'username' and 'password'"):
        await prepare(settings)


async def test_preparing_a_server_that_is_not_there_is_unavailable() -> None:
    settings = HistorianSettings(kind="influxdb", url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(HistorianUnavailableError, match=settings.url):
        await prepare(settings)


async def test_write_larger_than_one_request_is_stored_whole(influx_2: Influx) -> None:
    historian = InfluxHistorian(await asyncio.to_thread(influx_2.prepared))
    samples = [Sample("recipe", 1_760_000_000_000 + n, "r" * 1000) for n in range(9000)]
    block = StationBlock(PATH._replace(station="mixer-1"), "mixer", samples)
    await historian.write([block])
    found = await historian.samples([block.path], "mixer", ["recipe"], *FOREVER)
    assert found[block.path, "recipe"] == samples
    await historian.close()


async def test_overloaded_server_says_when_to_come_back() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\n"
            b"Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    historian = InfluxHistorian(HistorianSettings(kind="influxdb", url=f"http://127.0.0.1:{port}"))
    with pytest.raises(HistorianUnavailableError) as busy:
        await historian.write([BLOCK])
    assert busy.value.retry_after_s == 7.0
    with pytest.raises(HistorianUnavailableError) as busy:
        await historian.last([PATH], "coater", ["x"])
    assert busy.value.retry_after_s == 7.0
    await historian.close()
    server.close()
    await server.wait_closed()
