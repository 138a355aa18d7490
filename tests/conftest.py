"""The guards that hold for every test, and the fixtures most of them share."""

from __future__ import annotations

import asyncio
import inspect
import ipaddress
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import HealthCheck, settings

from tests.support.mosquitto import Login, Mosquitto, mosquitto_broker

_Address = tuple[Any, ...] | str | bytes
_OUR_COROUTINES = ["edge_agent", "collector", "historian", "runtime", "hardware_sim"]
"""The API is left out: its screens' framework reads files while it serves."""
_TASKS_END_WITHIN_S = 5.0
"""A task cancelled in a test's last step may still need some turns of the loop."""

# How long an example takes is the machine's affair; CI repeats the same examples every time.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


def pytest_configure(config: pytest.Config) -> None:
    """Declare our markers."""
    config.addinivalue_line("markers", "may_block(reason): coroutines of this test may block the event loop")


@pytest.fixture(autouse=True)
def no_blocking_calls(request: pytest.FixtureRequest) -> Iterator[BlockBuster | None]:
    """Fail a test whose coroutine blocks the event loop."""
    if request.node.get_closest_marker("may_block") is not None:
        yield None
        return
    with blockbuster_ctx(_OUR_COROUTINES) as guard:
        yield guard


@pytest.fixture(autouse=True)
def no_network_but_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that reaches for another machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded_connect(self: socket.socket, address: _Address) -> None:
        _refuse_unless_loopback(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: _Address) -> int:
        _refuse_unless_loopback(self.family, address)
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)


def _refuse_unless_loopback(family: int, address: _Address) -> None:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0]) if isinstance(address, tuple) else str(address)
    if host == "localhost" or _is_loopback(host):
        return
    pytest.fail(f"a test reached for {host}; tests talk to 127.0.0.1 only")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_leftover_tasks(request: pytest.FixtureRequest) -> None:
    """Fail a test that ends with tasks still running."""
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("watch_tasks")


@pytest.fixture
async def watch_tasks() -> AsyncIterator[None]:
    """Compare the tasks of the event loop after a test with those before."""
    before = asyncio.all_tasks()
    yield
    leftover = _tasks_since(before)
    give_up_at_s = time.monotonic() + _TASKS_END_WITHIN_S
    while leftover and time.monotonic() < give_up_at_s:
        await asyncio.sleep(0.01)
        leftover = _tasks_since(before)
    assert not leftover, f"still running: {leftover}"


def _tasks_since(before: set[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - before - {asyncio.current_task()}


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """Share one broker in a test run; tests keep apart by their topics."""
    with mosquitto_broker(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture
def own_mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """Run a broker for one test alone, which may stop, kill and restart it."""
    with mosquitto_broker(tmp_path / "mosquitto") as broker:
        yield broker


@pytest.fixture
def mosquitto_with_password(tmp_path: Path) -> Iterator[Mosquitto]:
    """Run a broker that lets one user in."""
    with mosquitto_broker(tmp_path / "mosquitto", Login("edge", "correct horse")) as broker:
        yield broker
