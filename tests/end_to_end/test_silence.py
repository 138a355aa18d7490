"""Machines that stop answering look it, on an API that runs by itself, and come back by themselves."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.influx import Influx1
from tests.support.mosquitto import Mosquitto
from tests.support.stack import Reader, Stack, eventually, running

SITE, LINES = "acc-douvrin", ("assembly-1", "utilities-1")

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def influx(tmp_path: Path) -> Iterator[Influx1]:
    server = Influx1(tmp_path / "influx")
    server.start()
    yield server
    server.stop()


def _qualities(reader: Reader, line: str) -> set[str]:
    """Return the qualities the API gives the line's values now."""
    values = reader.items("/values", site=SITE, line=line)
    return {value["current"]["quality"] if value["current"] else "never read" for value in values}


def _answering(reader: Reader, line: str) -> list[bool]:
    stations: list[dict[str, Any]] = [
        station
        for site in reader.get("/plant")["sites"]
        for area in site["areas"]
        for each in area["lines"]
        if each["line"] == line
        for station in each["stations"]
    ]
    return [station["online"] for station in stations]


def test_silent_plcs_are_stale_on_the_api_and_good_again_when_they_answer(
    influx: Influx1, own_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    stack = Stack(tmp_path, SITE, LINES, own_mosquitto.settings, influx.prepared())
    with running(stack):
        reader, line = stack.reader, LINES[0]
        eventually(lambda: _qualities(reader, line) == {"good"}, within_s=60, what="all values good")
        stack.children["sim"].send(signal.SIGSTOP)  # every connection stays open, nothing answers
        silent_s = time.monotonic()
        eventually(lambda: not any(_answering(reader, line)), within_s=30, what="all machines silent")
        eventually(lambda: _qualities(reader, line) == {"stale"}, within_s=30, what="all values stale")
        print(f"stale {time.monotonic() - silent_s:.1f} s after the machines fell silent")  # noqa: T201 - with -s
        stack.children["sim"].send(signal.SIGCONT)
        eventually(lambda: _qualities(reader, line) == {"good"}, within_s=60, what="all values good again")
        assert all(_answering(reader, line))
        assert reader.get("/health")["broker"]["ok"]
