"""The simulator as a process: steps the plant in time, serves it, writes down the truth."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from hardware_sim.exceptions import UnknownFaultError
from hardware_sim.faults import fault_for
from hardware_sim.scenario import Scenario, station_path
from hardware_sim.servers.modbus import LinkFault, ModbusPort, ModbusUnit
from hardware_sim.servers.mqtt_sensor import Sensor, publish_forever
from hardware_sim.settings import SimSettings
from hardware_sim.simulated_plant import SimulatedPlant
from hardware_sim.truth import TruthFiles, TruthLog
from plant.model import Plant, StationPath
from runtime.backoff import full_jitter
from runtime.schedule import ticks
from telemetry.clock import now_ms as wall_clock_ms

logger = structlog.get_logger(__name__)

LONGEST_CATCH_UP_S = 5.0
"""Wall time a late step makes good; what a sleeping laptop missed is not simulated."""


class Simulator:
    """A plant on the network. Construct, then `run`."""

    def __init__(
        self,
        settings: SimSettings,
        plant: Plant,
        *,
        started_at_ms: int,
        now_ms: Callable[[], int] = wall_clock_ms,
    ) -> None:
        self._settings = settings
        self._now_ms = now_ms
        self._truth = TruthLog()
        chosen = plant.only(*settings.sites) if settings.sites else plant
        self.plant = SimulatedPlant(chosen, self._truth, seed=settings.seed, started_at_ms=started_at_ms)
        self.servers: dict[tuple[str, int], ModbusPort] = {}
        """Listening addresses; stop and start them to cut a PLC's power."""
        self.units: dict[StationPath, ModbusUnit] = {}
        """The station's PLC on the network; set its `fault` to make it fail."""
        self.sensors: dict[StationPath, Sensor] = {}
        self._connect(chosen)
        self._link_faults: dict[StationPath, float] = {}
        self._scenario = Scenario(settings.faults)
        self._files = (
            TruthFiles(settings.truth_dir, f"{started_at_ms}") if settings.truth_dir is not None else None
        )
        self.elapsed_s = 0.0
        """Seconds of physics since the start."""
        self._stepped_to_ms = float(started_at_ms)
        self._check_scenario()

    def _connect(self, plant: Plant) -> None:
        for placed in plant.stations():
            equipment = self.plant.stations[placed.path]
            if placed.station.modbus is not None:
                address = placed.station.modbus
                port = self.servers.setdefault(
                    (address.host, address.port), ModbusPort(address.host, address.port)
                )
                unit = ModbusUnit(str(placed.path), equipment.plc.image)
                port.units[address.unit] = self.units[placed.path] = unit
            if placed.station.mqtt is not None:
                self.sensors[placed.path] = Sensor(
                    str(placed.path), placed.station.mqtt.topic, placed.profile, equipment.plc.readings
                )

    def _check_scenario(self) -> None:
        """Refuse a planned fault that could never begin, before anything runs."""
        for planned in self._settings.faults:
            equipment = self.plant.stations.get(station_path(planned.station))
            if equipment is None:
                raise UnknownFaultError(
                    f"planned fault {planned.fault}: there is no station {planned.station}"
                )
            fault_for(planned.fault, equipment.profile.measurement)

    def inject(self, fault_id: str, path: StationPath, lasts_s: float) -> None:
        """Begin a fault now; it ends by itself after so many seconds of physics.

        Raises:
            UnknownFaultError: no such fault or station, or the machine cannot have it.
        """
        self.plant.inject(fault_id, path, lasts_s, self._now_ms())

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Serve and step until cancelled; close ports and truth in the end.

        Raises:
            PortUnavailableError: a PLC's port cannot be listened on.
        """
        try:
            for port in self.servers.values():
                await port.start()
            logger.info("simulating", stations=len(self.plant.stations), ports=len(self.servers))
            async with asyncio.TaskGroup() as tasks:
                if self.sensors:
                    sensors = list(self.sensors.values())
                    work = publish_forever(self._settings.mqtt, sensors, self._now_ms, full_jitter)
                    tasks.create_task(work, name="sensors")
                if self._files is not None:
                    tasks.create_task(self._flush_forever(self._files), name="truth")
                tasks.create_task(self._step_forever(ready), name="steps")
        finally:
            for port in self.servers.values():
                await port.stop()
            if self._files is not None:
                await asyncio.to_thread(self._files.write, self._truth.take())

    async def _step_forever(self, ready: asyncio.Event | None) -> None:
        step_s = self._settings.step_s
        self._stepped_to_ms = self._now_ms() - 1000 * step_s
        async with contextlib.aclosing(ticks(step_s)) as due:
            async for missed in due:
                self.step(min(LONGEST_CATCH_UP_S, step_s * (1 + missed)))
                if ready is not None:
                    ready.set()

    def step(self, wall_s: float) -> None:
        """Advance the plant by so much wall time, at the speed of the settings."""
        now_ms = max(float(self._now_ms()), self._stepped_to_ms + 1e-3)
        dt_s = wall_s * self._settings.speed
        self._begin_planned()
        self.plant.step(dt_s, self._stepped_to_ms, now_ms)
        self.elapsed_s += dt_s
        self._stepped_to_ms = now_ms
        self._follow_links()

    def _begin_planned(self) -> None:
        for planned in self._scenario.due(self.elapsed_s):
            self.inject(planned.fault, station_path(planned.station), planned.lasts_s)

    def _follow_links(self) -> None:
        """Let links fail and come back with their faults."""
        for path, equipment in self.plant.stations.items():
            fails = any(active.fault.at_the_link for active in equipment.faults.values())
            if fails == (path in self._link_faults):
                continue
            self._set_link(path, fails=fails)

    def _set_link(self, path: StationPath, *, fails: bool) -> None:
        unit, sensor = self.units.get(path), self.sensors.get(path)
        if unit is not None:
            unit.fault = LinkFault.DEAD if fails else LinkFault.NONE
        if sensor is not None:
            sensor.silent = fails
        if fails:
            self._link_faults[path] = self.elapsed_s
        else:
            self._link_faults.pop(path, None)
        logger.info("link fails" if fails else "link is back", station=str(path))

    async def _write_truth(self, files: TruthFiles) -> None:
        """Write what was noted; once taken it is written, even if we are cancelled before a thread is free.

        Raises:
            OSError: the directory cannot be written.
        """
        writing = asyncio.create_task(asyncio.to_thread(files.write, self._truth.take()), name="truth file")
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise

    async def _flush_forever(self, files: TruthFiles) -> None:
        async with contextlib.aclosing(ticks(self._settings.truth_flush_s)) as due:
            async for _ in due:
                try:
                    await self._write_truth(files)
                except OSError as error:
                    logger.exception("the truth cannot be written, will try again", reason=str(error))
