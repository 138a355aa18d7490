"""Reads stations over Modbus as the agent does, and keeps what they report, without a broker."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from edge_agent.sources.modbus import ModbusConnection
from edge_agent.sources.modbus_link import ModbusLink
from edge_agent.sources.modbus_unit import ModbusUnit
from edge_agent.station import StationState, metric_keys
from edge_agent.vitals import EdgeVitals
from plant.model import ModbusAddress, PlacedStation, Plant
from runtime.vitals import Vitals
from telemetry.sample import Result, Sample
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.payload import RESULT_PREFIX, parse, quality_of, results_of, value_of
from tests.support.ports import HOST


def plant_of(profile: dict[str, Any], stations: Sequence[dict[str, Any]]) -> Plant:
    """Return a plant of one line; every station has the one profile."""
    described = {
        "profile": "machine", "measurement": "machine", "title": "", "stage": "X",
        "poll_classes": {"process": {"period_s": 0.1}}, "modbus": {"timeout_s": 0.2}, **profile,
    }  # fmt: skip
    signals = [{"title": "", **signal} for signal in described.get("signals", [])]
    placed = [{"title": "", "profile": "machine", **station} for station in stations]
    area = {"area": "assembly", "title": "", "lines": [{"line": "line-1", "title": "", "stations": placed}]}
    site = {"site": "site-1", "enterprise": "", "title": "", "areas": [area]}
    return Plant.model_validate({"sites": [site], "profiles": {"machine": {**described, "signals": signals}}})


def units_at(port: int, *units: int) -> list[dict[str, Any]]:
    """Return stations named by their unit ids."""
    return [
        {"station": f"unit-{unit}", "modbus": {"host": HOST, "port": port, "unit": unit}} for unit in units
    ]


@dataclass(slots=True)
class Watched:
    """A station and everything it has reported."""

    state: StationState
    unit: ModbusUnit
    samples: list[Sample] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def collect(self) -> None:
        """Take over what is new."""
        names = {definition.alias: definition for definition in self.state.definitions.values()}
        entries, _ = self.state.collect(0)
        for entry in entries:
            for metric in parse(entry.metrics).metrics:
                definition = names[metric.alias]
                if definition.datatype is DataType.DATASET:
                    kind = definition.name.removeprefix(RESULT_PREFIX)
                    self.results.extend(results_of(kind, metric))
                else:
                    value = value_of(metric, definition.datatype)
                    self.samples.append(Sample(definition.name, metric.timestamp, value, quality_of(metric)))

    def last(self, signal: str) -> Sample | None:
        """Return the last sample of a signal."""
        self.collect()
        return next((sample for sample in reversed(self.samples) if sample.signal == signal), None)


def watched(placed: PlacedStation, vitals: EdgeVitals) -> Watched:
    """Return the station ready to be polled."""
    aliases = dict(zip(metric_keys(placed), count(1), strict=False))
    state = StationState(placed, aliases, {})
    return Watched(state, ModbusUnit(state, placed.station.modbus or ModbusAddress(), vitals))


@contextlib.asynccontextmanager
async def polling(plant: Plant) -> AsyncIterator[tuple[dict[str, Watched], EdgeVitals]]:
    """Poll the plant's stations, all behind the address of the first, for the length of a block."""
    vitals = EdgeVitals(Vitals("edge"))
    stations = {placed.path.station: watched(placed, vitals) for placed in plant.stations()}
    first = next(iter(plant.stations()))
    address = first.station.modbus or ModbusAddress()
    link = ModbusLink(address.host, address.port, first.profile.modbus.timeout_s)
    connection = ModbusConnection(link, [each.unit for each in stations.values()], vitals)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(connection.run_forever())
        yield stations, vitals
        task.cancel()


async def until(condition: Callable[[], object], *, within_s: float = 10.0) -> None:
    """Return once the condition holds.

    Raises:
        AssertionError: it does not within the time.
    """
    give_up_at_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up_at_s, "did not happen in time"
        await asyncio.sleep(0.01)
