"""The whole simulator: registers against the truth, sensors, faults, a clean end."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from pymodbus.client import AsyncModbusTcpClient

from hardware_sim.app import Simulator
from hardware_sim.exceptions import UnknownFaultError
from hardware_sim.servers.modbus import LinkFault
from hardware_sim.settings import SimSettings
from hardware_sim.truth import TruthReader
from plant.model import Encoding, Plant, ResultRing, StationPath, WordOrder
from telemetry.clock import now_ms
from telemetry.registers import Words, decode_numbers, decode_text
from telemetry.sample import Result
from tests.integration.hardware_sim.conftest import Start
from tests.integration.hardware_sim.test_modbus_server import client_of
from tests.support.mosquitto import Mosquitto

STACKER = StationPath("acc-douvrin", "assembly", "assembly-1", "stacker-1")
EOL = StationPath("acc-douvrin", "finishing", "finishing-1", "eol-1")
DRY_ROOM = StationPath("acc-douvrin", "utilities", "utilities-1", "dry-room-1")


async def words_of(client: AsyncModbusTcpClient, address: int, count: int, unit: int) -> Words:
    words: list[int] = []
    while len(words) < count:
        part = min(100, count - len(words))
        answer = await client.read_holding_registers(address + len(words), count=part, device_id=unit)
        assert not answer.isError()
        words += answer.registers
    return np.array(words, dtype=np.uint16)


async def test_ring_in_the_plc_holds_what_was_really_made(plant: Plant, start: Start, tmp_path: Path) -> None:
    profile = plant.profiles["stacker"]
    ring, order = profile.result_rings[0], profile.modbus.word_order
    async with start(speed=50.0):
        await asyncio.sleep(2.0)
        client = await client_of(plant, STACKER)
        head = int(decode_numbers(await words_of(client, ring.head, 2, 1), Encoding.UINT32, order)[0])
        assert head >= 5
        slots = [
            await words_of(client, ring.first_slot + (n - 1) % ring.slots * ring.stride, ring.stride, 1)
            for n in range(max(1, head - 4), head + 1)
        ]
        client.close()
    reader = TruthReader(tmp_path / "truth")
    true = {result.number: result for result in await asyncio.to_thread(reader.results, path=STACKER)}
    for slot in slots:
        number = int(decode_numbers(slot[0:2], Encoding.UINT32, order)[0])
        _compare(ring, slot, true[number], order)


def _compare(ring: ResultRing, slot: Words, true: Result, order: WordOrder) -> None:
    for field in ring.fields:
        words = slot[field.at : field.at + field.width]
        meant = true.fields[field.name]
        if field.encoding is Encoding.STRING:
            assert decode_text(words, field.word_order or order) == meant
        else:
            assert isinstance(meant, int | float)
            raw = float(decode_numbers(words, field.encoding, field.word_order or order)[0])
            assert raw * field.scale + field.offset == pytest.approx(
                meant, rel=1e-5, abs=field.scale / 2 + 1e-9
            )


async def test_truth_is_complete_after_a_stop(start: Start, tmp_path: Path) -> None:
    async with start(speed=50.0, truth_flush_s=0.3) as simulator:
        await asyncio.sleep(1.5)
    reader = TruthReader(tmp_path / "truth")
    counts = await asyncio.to_thread(reader.counts)
    for path, equipment in simulator.plant.stations.items():
        for kind, slots in equipment.plc.image.rings.items():
            assert counts.get((path, kind), 0) == slots.number, path
    keys = [result.key for result in await asyncio.to_thread(reader.results, "cell", EOL)]
    assert len(keys) == len(set(keys)) > 0


async def test_truth_taken_while_every_thread_is_busy_is_not_lost_by_a_stop(
    start: Start, tmp_path: Path
) -> None:
    busy = threading.Event()
    loop = asyncio.get_running_loop()
    async with start(speed=50.0, truth_flush_s=0.2) as simulator:
        waiting = [loop.run_in_executor(None, busy.wait) for _ in range(64)]
        await asyncio.sleep(1.0)
        loop.call_later(0.3, busy.set)
    await asyncio.gather(*waiting)
    counts = await asyncio.to_thread(TruthReader(tmp_path / "truth").counts)
    made = {
        (path, kind): slots.number
        for path, equipment in simulator.plant.stations.items()
        for kind, slots in equipment.plc.image.rings.items()
        if slots.number
    }
    assert made
    assert counts == made


async def test_results_are_stamped_by_the_wall_clock(start: Start, tmp_path: Path) -> None:
    before = now_ms()
    async with start(speed=50.0):
        await asyncio.sleep(1.0)
    after = now_ms()
    results = await asyncio.to_thread(TruthReader(tmp_path / "truth").results)
    stamps = [result.at_ms for result in results]
    assert stamps
    assert all(before - 200 <= stamp <= after for stamp in stamps)


def _listen(broker: Mosquitto, topic: str, count: int) -> list[tuple[str, bytes]]:
    """Receive with a client that is not ours."""
    heard: list[tuple[str, bytes]] = []
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _data, message: heard.append((message.topic, bytes(message.payload)))
    client.connect(broker.settings.host, broker.port)
    client.subscribe(topic)
    for _ in range(200):
        client.loop(0.1)
        if len(heard) >= count:
            break
    client.disconnect()
    return heard


async def test_sensor_messages_are_valid_json_with_a_time_of_now(start: Start, mosquitto: Mosquitto) -> None:
    async with start():
        heard = await asyncio.to_thread(_listen, mosquitto, "acc-douvrin/sensors/#", 4)
    assert len(heard) >= 4
    for topic, payload in heard:
        document = json.loads(payload)
        if topic.endswith("gauge-1"):
            assert abs(document["meta"]["timestamp"] - now_ms()) < 60_000
            assert 0.5 < document["vibration"]["rms"] < 2.5


async def test_sensors_come_back_after_the_broker_was_away(start: Start, own_mosquitto: Mosquitto) -> None:
    async with start(mqtt=own_mosquitto.settings):
        assert await asyncio.to_thread(_listen, own_mosquitto, "#", 1)
        await asyncio.to_thread(own_mosquitto.restart)
        assert await asyncio.to_thread(_listen, own_mosquitto, "#", 1)


async def test_broker_that_is_away_does_not_stop_the_plcs(
    plant: Plant, start: Start, own_mosquitto: Mosquitto
) -> None:
    settings = own_mosquitto.settings
    await asyncio.to_thread(own_mosquitto.stop)
    async with start(mqtt=settings):
        client = await client_of(plant, STACKER)
        assert not (await client.read_holding_registers(4000, count=1, device_id=1)).isError()
        client.close()


async def test_planned_link_fault_silences_the_plc_and_ends(start: Start, tmp_path: Path) -> None:
    fault = {"fault": "F47", "station": str(STACKER), "after_s": 0, "lasts_s": 10}
    async with start(speed=10.0, faults=[fault]) as simulator:
        unit = simulator.units[STACKER]
        await _until(lambda: unit.fault is LinkFault.DEAD)
        await _until(lambda: unit.fault is LinkFault.NONE)
    faults = await asyncio.to_thread(TruthReader(tmp_path / "truth").table, "faults")
    assert [(row["fault"], row["begins"]) for row in faults] == [("F47", True), ("F47", False)]


async def test_silent_sensor_sends_nothing(start: Start, own_mosquitto: Mosquitto) -> None:
    async with start(mqtt=own_mosquitto.settings) as simulator:
        simulator.inject("F47", DRY_ROOM, 1000)
        await _until(lambda: simulator.sensors[DRY_ROOM].silent)
        heard = await asyncio.to_thread(_listen, own_mosquitto, "#", 4)
    assert heard
    assert not [topic for topic, _ in heard if "dry-room" in topic]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not holds():  # noqa: ASYNC110 (the simulator has no event for it)
            await asyncio.sleep(0.02)


def test_planned_fault_that_cannot_be_is_refused_before_anything_runs(plant: Plant) -> None:
    planned = {"fault": "F09", "station": str(STACKER), "after_s": 0, "lasts_s": 1}
    settings = SimSettings.model_validate({"faults": [planned]})
    with pytest.raises(UnknownFaultError, match="web break"):
        Simulator(settings, plant, started_at_ms=0)
