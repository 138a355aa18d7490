"""The host's STATE messages, as Sparkplug B 3.0 asks for them (operational behaviour of a host)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from collector.app import CollectorSettings
from historian.duckdb_store import DuckDbHistorian
from historian.ports import Historian
from plant.model import Plant
from runtime.mqtt_session import Message, MqttSession, MqttSettings, connect
from runtime.service import background
from telemetry.clock import now_ms
from tests.integration.collector.conftest import eventually, running_collector
from tests.integration.collector.test_outages import COLLECT
from tests.support.mosquitto import Mosquitto
from tests.support.processes import child

STATE = "spBv1.0/STATE/gigafloor"


class Watcher:
    """Sees every STATE message."""

    def __init__(self, session: MqttSession) -> None:
        self.session = session
        self.seen: list[Message] = []

    @property
    def states(self) -> list[Any]:
        return [json.loads(message.payload) for message in self.seen]

    async def watch_forever(self) -> None:
        async for message in self.session.messages():
            self.seen.append(message)


@contextlib.asynccontextmanager
async def watcher(settings: MqttSettings) -> AsyncIterator[Watcher]:
    async with connect(settings, "watcher") as session:
        await session.subscribe([(STATE, 1)])
        watching = Watcher(session)
        async with background("watch", watching.watch_forever()):
            yield watching


async def test_clean_stop_says_offline_with_the_current_time(
    settings: CollectorSettings, plant: Plant, historian: Historian
) -> None:
    async with watcher(settings.mqtt) as watching:
        began_ms = now_ms()
        async with running_collector(settings, plant, historian):
            await eventually(lambda: len(watching.seen) == 1, "online")
            stopped_ms = now_ms()
        await eventually(lambda: len(watching.seen) == 2, "offline")
        online, offline = watching.states
    assert online["online"] is True
    assert offline["online"] is False
    assert began_ms <= online["timestamp"] <= stopped_ms <= offline["timestamp"] <= now_ms()


async def test_state_is_retained_for_those_who_come_later(
    settings: CollectorSettings, plant: Plant, historian: Historian
) -> None:
    async with running_collector(settings, plant, historian), watcher(settings.mqtt) as watching:
        await eventually(lambda: len(watching.seen) == 1, "the retained state")
        assert watching.seen[0].retain
        assert watching.states[0]["online"] is True


async def test_will_of_a_killed_collector_has_the_timestamp_of_its_birth(
    own_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with watcher(own_mosquitto.settings) as watching:
        with child(
            [sys.executable, "-c", COLLECT, str(own_mosquitto.port), str(tmp_path)], tmp_path
        ) as process:
            await eventually(lambda: len(watching.seen) == 1, "online")
            process.kill()
        await eventually(lambda: len(watching.seen) == 2, "the will")
    online, will = watching.states
    assert (online["online"], will["online"]) == (True, False)
    assert will["timestamp"] == online["timestamp"]


async def test_late_will_of_an_earlier_session_is_contradicted(
    settings: CollectorSettings, plant: Plant, historian: DuckDbHistorian
) -> None:
    async with running_collector(settings, plant, historian), watcher(settings.mqtt) as watching:
        await eventually(lambda: len(watching.seen) == 1, "online")
        late = json.dumps({"online": False, "timestamp": 1}).encode()
        await watching.session.publish(STATE, late, qos=1, retain=True)
        await eventually(lambda: len(watching.seen) == 3, "the contradiction")
        await asyncio.sleep(0.1)
    assert [state["online"] for state in watching.states] == [True, False, True]
    assert watching.states[2] == watching.states[0]
