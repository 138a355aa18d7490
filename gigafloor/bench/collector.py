"""How much a collector takes from the broker and makes durable."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from gigafloor.bench.load import Load, MakeMetrics, array_load, scalar_load
from gigafloor.bench.measured import Child, broker, gigafloor, started, watch
from gigafloor.bench.plant_files import NODE, station, write_plant, write_yaml
from gigafloor.bench.report import Figure
from gigafloor.ports import LOOPBACK
from runtime.mqtt_session import MqttSettings
from telemetry.sparkplug.datatype import ARRAY_DTYPES
from telemetry.sparkplug.payload import MetricDef

SCALARS = 1000
ARRAYS, ELEMENTS = 12, 256
WINDOW = 64
UNUSED_PORT = 1502
"""Of the machine, which is not polled here."""


def measure_collector(historian: dict[str, object], seconds: float) -> list[Figure]:
    """Measure a collector with this historian: scalars, then formation arrays.

    Raises:
        StartError: a process did not start.
    """
    name = str(historian["kind"])
    scalar_rate, scalar_share = _measure(historian, *scalar_load(SCALARS), seconds)
    array_rate, array_share = _measure(historian, *array_load(ARRAYS, ELEMENTS), seconds)
    return [
        Figure(f"{name}: scalar values durable", SCALARS * scalar_rate, "values/s", 100_000, at_least=True),
        Figure(f"{name}: processor meanwhile", scalar_share, "cores"),
        Figure(
            f"{name}: array values durable",
            ARRAYS * ELEMENTS * array_rate,
            "values/s",
            500_000,
            at_least=True,
        ),
        Figure(f"{name}: processor meanwhile", array_share, "cores"),
    ]


def _measure(
    historian: dict[str, object], metrics: list[MetricDef], make: MakeMetrics, seconds: float
) -> tuple[float, float]:
    """Return batches per second and the collector's processor share."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with broker(folder) as port:
            mqtt = {"host": LOOPBACK, "port": port}
            settings = {
                "sites": [NODE.site],
                "mqtt": mqtt,
                "historian": {"path": str(folder / "history.duckdb")} | historian
                if historian["kind"] == "duckdb"
                else historian,
                "dead_letter_path": str(folder / "dead.sqlite"),
            }
            write_yaml(folder / "collector.yaml", settings)
            write_plant(folder / "plant", _signals(metrics), [UNUSED_PORT])
            command = gigafloor(
                "collector", "--settings", str(folder / "collector.yaml"), "--plant", str(folder / "plant")
            )
            with started("collector", command, folder) as collector:
                return asyncio.run(
                    _drive(MqttSettings(host=LOOPBACK, port=port), collector, metrics, make, seconds)
                )


async def _drive(
    mqtt: MqttSettings, collector: Child, metrics: list[MetricDef], make: MakeMetrics, seconds: float
) -> tuple[float, float]:
    await asyncio.sleep(3)  # the collector loads its libraries
    load = Load(NODE, station(0), metrics, make, WINDOW)
    warm_up_s = 3.0
    running = asyncio.create_task(load.run(mqtt, seconds, warm_up_s))
    await asyncio.sleep(warm_up_s)
    cost = await asyncio.to_thread(watch, collector, seconds)
    return await running, cost.cpu_share


def _signals(metrics: list[MetricDef]) -> list[dict[str, object]]:
    """Return profile signals for the metrics, scalars or arrays."""
    elements = ELEMENTS if metrics[0].datatype in ARRAY_DTYPES else 1
    return [
        {
            "name": metric.name,
            "title": metric.name,
            "modbus": {"address": 2 * elements * index, "encoding": "float32", "count": elements},
        }
        for index, metric in enumerate(metrics)
    ]
