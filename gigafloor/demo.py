"""The demo: every process of the product in one, on embedded parts.

The same code as in a plant, wired to an embedded broker and DuckDB. Nothing
in it knows that the machines are simulated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from api.app import Services, create_app, serve
from collector.app import Collector
from collector.settings import CollectorSettings
from edge_agent.app import EdgeAgent
from edge_agent.settings import EdgeSettings
from gigafloor.broker import embedded_broker
from gigafloor.data_folder import claimed
from gigafloor.ports import LOOPBACK, free_ports, preferred_or_free
from hardware_sim.app import Simulator
from hardware_sim.settings import SimSettings
from historian.open import opened
from historian.ports import Historian
from historian.settings import HistorianSettings
from plant.load import load_plant
from plant.model import Plant
from plant.variants import endpoints, faster, relocated
from runtime.mqtt_session import MqttSettings
from telemetry.clock import now_ms


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the person who starts the demo may choose."""

    sites: Sequence[str]
    speed: float
    data_dir: Path
    port: int
    seed: int
    plant_directory: Path | None = None


class Demo:
    """Builds the parts, runs them under one owner, and says where to look."""

    def __init__(self, options: DemoOptions, console: Console) -> None:
        self._options = options
        self._console = console

    async def run(self) -> None:
        """Run until cancelled.

        Raises:
            StartError: the data folder is in use, or no port is free.
            DescriptionError: the plant description has mistakes.
        """
        options = self._options
        described = load_plant(sites=options.sites or None, directory=options.plant_directory)
        simulated = _on_free_ports(described)
        plant = faster(simulated, options.speed)
        mqtt = MqttSettings(host=LOOPBACK, port=free_ports(1)[0])
        with claimed(options.data_dir):
            self._say_plant(plant)
            async with embedded_broker(mqtt.port), opened(self._historian_settings) as historian:
                await self._run_processes(simulated, plant, mqtt, historian)

    @property
    def _historian_settings(self) -> HistorianSettings:
        return HistorianSettings(kind="duckdb", path=self._options.data_dir / "history.duckdb")

    async def _run_processes(
        self, simulated: Plant, plant: Plant, mqtt: MqttSettings, historian: Historian
    ) -> None:
        port = preferred_or_free(self._options.port)
        collector = self._collector(plant, mqtt, historian)
        # Loading the screens holds the event loop for a second: before anyone waits for an answer.
        app = create_app(
            Services(plant=plant, reader=historian, live=collector.live, vitals=(collector.vitals,))
        )
        simulating, serving = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._simulator(simulated, mqtt).run(simulating), name="simulator")
            await simulating.wait()
            tasks.create_task(collector.run(), name="collector")
            for agent in self._agents(plant, mqtt):
                tasks.create_task(agent.run(), name=f"edge {agent.node}")
            tasks.create_task(serve(app, host=LOOPBACK, port=port, ready=serving), name="api")
            await serving.wait()
            self._say_ready(port)

    def _simulator(self, plant: Plant, mqtt: MqttSettings) -> Simulator:
        options = self._options
        settings = SimSettings(
            sites=_site_ids(plant),
            seed=options.seed,
            speed=options.speed,
            truth_dir=options.data_dir / "truth",
            mqtt=mqtt,
        )
        return Simulator(settings, plant, started_at_ms=now_ms())

    def _collector(self, plant: Plant, mqtt: MqttSettings, historian: Historian) -> Collector:
        settings = CollectorSettings(
            sites=_site_ids(plant),
            mqtt=mqtt,
            historian=self._historian_settings,
            dead_letter_path=self._options.data_dir / "dead-letters.sqlite",
        )
        return Collector(settings, plant, historian)

    def _agents(self, plant: Plant, mqtt: MqttSettings) -> list[EdgeAgent]:
        spools = self._options.data_dir / "spool"
        lines = dict.fromkeys((placed.path.site, placed.path.line) for placed in plant.stations())
        return [
            EdgeAgent(
                EdgeSettings(site=site, line=line, mqtt=mqtt, spool_path=spools / f"{site}-{line}.sqlite"),
                plant,
            )
            for site, line in lines
        ]

    def _say_plant(self, plant: Plant) -> None:
        lines = {placed.path[:3] for placed in plant.stations()}
        stations = sum(1 for _ in plant.stations())
        titles = " and ".join(site.title for site in plant.sites)
        self._console.print(
            f"Starting {titles}: {len(lines)} lines, {stations} stations ...", highlight=False
        )

    def _say_ready(self, port: int) -> None:
        options = self._options
        if options.port and port != options.port:
            self._console.print(f"Port {options.port} is taken, using {port}.", highlight=False)
        self._console.print(
            f"""
  http://{LOOPBACK}:{port}

  Open it and look at: the plants, then a line (state, rate against plan, good and reject,
  the last cells), then a station (every signal with its limits, quality and trend).
  The API is described at /api/v1/docs. History is kept in {options.data_dir}. Stop with Ctrl-C.
""",
            highlight=False,
            soft_wrap=True,
        )


def _site_ids(plant: Plant) -> tuple[str, ...]:
    return tuple(site.site for site in plant.sites)


def _on_free_ports(plant: Plant) -> Plant:
    """Return the plant with its PLCs on free ports, so that two demos can run side by side."""
    described = endpoints(plant)
    moves = {old: (LOOPBACK, port) for old, port in zip(described, free_ports(len(described)), strict=True)}
    return relocated(plant, moves)
