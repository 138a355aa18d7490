"""Wires an edge agent: sources, stations, spool, uplink."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import structlog

from edge_agent.exceptions import EdgeError
from edge_agent.node_metrics import NodeMetrics, node_metric_keys
from edge_agent.publisher import Publisher
from edge_agent.settings import EdgeSettings
from edge_agent.sources.modbus import ModbusConnection
from edge_agent.sources.modbus_link import ModbusLink
from edge_agent.sources.modbus_unit import ModbusUnit
from edge_agent.sources.mqtt_sensor import SensorListener, SensorStation
from edge_agent.sources.read_plan import check_plan
from edge_agent.spool.forwarder import Forwarder
from edge_agent.spool.sqlite import SqliteSpool
from edge_agent.station import RetiredStation, StationState, metric_keys
from edge_agent.uplink import Device, Uplink
from edge_agent.vitals import EdgeVitals
from plant.model import PlacedStation, Plant
from runtime.vitals import Vitals
from telemetry.sample import EdgeNode
from telemetry.sparkplug.payload import MetricDef

logger = structlog.get_logger(__name__)


class EdgeAgent:
    """Reads the stations of one line and delivers what they say, for ever."""

    def __init__(self, settings: EdgeSettings, plant: Plant, vitals: Vitals | None = None) -> None:
        """Check the plan of every station.

        Raises:
            EdgeError: there is no such line, or a profile cannot be read.
        """
        self.node = EdgeNode(settings.site, settings.line)
        self.vitals = EdgeVitals(vitals or Vitals("edge"))
        self._settings = settings
        self._placed = list(plant.stations(site=settings.site, line=settings.line))
        if not self._placed:
            known = ", ".join(sorted({f"{each.path.site}/{each.path.line}" for each in plant.stations()}))
            raise EdgeError(f"the plant has no line {self.node}; there are: {known}")
        for placed in self._placed:
            check_plan(placed.profile)

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Run until cancelled; `ready` is set when the sources are being read.

        Raises:
            SpoolUnavailableError: the spool cannot be opened.
        """
        settings = self._settings
        spool = SqliteSpool(
            settings.spool_path, max_bytes=settings.spool_max_bytes, max_age_s=settings.spool_max_age_s
        )
        await spool.open()
        try:
            async with self.vitals.served(settings.metrics_port):
                await self._run_with(spool, ready)
        finally:
            await spool.close()

    async def _run_with(self, spool: SqliteSpool, ready: asyncio.Event | None) -> None:
        settings = self._settings
        stations, retired, metrics = await self._remembered(spool)
        devices: dict[str, Device] = {**stations, **retired}
        uplink = Uplink(settings.mqtt, self.node, devices, metrics, spool, primary_host=settings.primary_host)
        forwarder = Forwarder(
            spool,
            uplink,
            self.vitals,
            backlog_per_s=settings.backlog_per_s,
            window=settings.window,
            ack_timeout_s=settings.ack_timeout_s,
            acknowledged=settings.acknowledged,
        )
        publisher = Publisher(list(stations.values()), forwarder, uplink, self.vitals, settings)
        connections = self._connections(stations)
        listener = self._listener(stations)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(uplink.run_forever(forwarder.take_acknowledgement), name="uplink")
                tasks.create_task(forwarder.run_forever(), name="forwarder")
                tasks.create_task(publisher.run_forever(), name="publisher")
                tasks.create_task(publisher.tell_reads_forever(), name="read instants")
                tasks.create_task(publisher.tell_vitals_forever(), name="vitals")
                for name, connection in connections.items():
                    tasks.create_task(connection.run_forever(), name=f"modbus {name}")
                if listener is not None:
                    tasks.create_task(listener.run_forever(), name="sensors")
                    tasks.create_task(listener.watch_forever(), name="sensor silence")
                logger.info("reading", node=str(self.node), stations=len(stations),
                            connections=len(connections), kept=spool.stats().batches)  # fmt: skip
                if ready is not None:
                    ready.set()
        finally:
            await publisher.save_rest()

    async def _remembered(
        self, spool: SqliteSpool
    ) -> tuple[dict[str, StationState], dict[str, RetiredStation], NodeMetrics]:
        """Return the stations and the node's metrics, with the aliases and cursors of earlier runs.

        What the description no longer has is still declared while batches of
        an earlier run that need it wait in the spool.
        """
        wanted = [key for placed in self._placed for key in metric_keys(placed)]
        aliases = await spool.aliases([*wanted, *node_metric_keys(self.vitals)])
        cursors = await spool.cursors()
        current = set(wanted)
        old: dict[str, list[MetricDef]] = defaultdict(list)
        for key, alias in aliases.items():
            if key.device and key not in current and spool.depth(key.device):
                old[key.device].append(MetricDef(key.name, key.datatype, alias))
        stations = {
            placed.path.station: StationState(
                placed,
                aliases,
                {kind: state for (device, kind), state in cursors.items() if device == placed.path.station},
                retired=old.pop(placed.path.station, []),
            )
            for placed in self._placed
        }
        gone = {device: RetiredStation(definitions) for device, definitions in old.items()}
        return stations, gone, NodeMetrics(self.vitals, aliases)

    def _connections(self, stations: dict[str, StationState]) -> dict[str, ModbusConnection]:
        together: dict[tuple[str, int], list[ModbusUnit]] = defaultdict(list)
        for placed in self._placed:
            address = placed.station.modbus
            if address is not None and _has_modbus(placed):
                unit = ModbusUnit(stations[placed.path.station], address, self.vitals)
                together[address.host, address.port].append(unit)
        return {
            f"{host}:{port}": self._connection(host, port, units, index / len(together))
            for index, ((host, port), units) in enumerate(together.items())
        }

    def _connection(
        self, host: str, port: int, units: Sequence[ModbusUnit], stagger: float
    ) -> ModbusConnection:
        timeout_s = max(unit.station.placed.profile.modbus.timeout_s for unit in units)
        return ModbusConnection(ModbusLink(host, port, timeout_s), units, self.vitals, stagger=stagger)

    def _listener(self, stations: dict[str, StationState]) -> SensorListener | None:
        sensors = [SensorStation(station, self.vitals) for station in stations.values()]
        listening = [sensor for sensor in sensors if sensor.topics]
        if not listening:
            return None
        mqtt = self._settings.sensors or self._settings.mqtt
        return SensorListener(mqtt, f"sensors-{self.node.site}-{self.node.line}", listening)


def _has_modbus(placed: PlacedStation) -> bool:
    profile = placed.profile
    return bool(profile.result_rings) or any(signal.modbus for signal in profile.signals)


__all__ = ["EdgeAgent", "EdgeSettings"]
