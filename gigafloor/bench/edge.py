"""What one agent costs: many signals at one second, through the whole chain."""

from __future__ import annotations

import tempfile
from pathlib import Path

import httpx

from gigafloor.bench.measured import broker, gigafloor, started, wait_until, watch
from gigafloor.bench.plant_files import NODE, write_plant, write_yaml
from gigafloor.bench.report import Figure
from gigafloor.errors import StartError
from gigafloor.ports import LOOPBACK, free_ports

SIGNALS_PER_MACHINE = 1000


def measure_edge(signals: int, seconds: float) -> list[Figure]:
    """Run simulator, agent and collector as processes; measure the agent.

    Every signal is a float32 that changes with every read and has no
    deadband, so that every value is reported: the worst case.

    Raises:
        StartError: a process did not start.
    """
    machines = max(1, signals // SIGNALS_PER_MACHINE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with broker(folder) as broker_port:
            metrics_port = free_ports(1)[0]
            _describe(folder, machines, broker_port, metrics_port)
            plant = ("--plant", str(folder / "plant"))
            with (
                started(
                    "sim", gigafloor("sim", "--settings", str(folder / "sim.yaml"), *plant), folder
                ) as sim,
                started(
                    "collector",
                    gigafloor("collector", "--settings", str(folder / "collector.yaml"), *plant),
                    folder,
                ),
                started(
                    "edge", gigafloor("edge", "--settings", str(folder / "edge.yaml"), *plant), folder
                ) as edge,
            ):
                wait_until(lambda: edge.cpu_s() > 3, 60, "the agent to poll", sim, edge)
                watch(edge, 10)
                before = _values_written(metrics_port)
                cost = watch(edge, seconds)
                delivered_per_s = (_values_written(metrics_port) - before) / cost.seconds
    return [
        Figure("signals at 1 s", machines * SIGNALS_PER_MACHINE, ""),
        Figure("values delivered and durable", delivered_per_s, "values/s"),
        Figure("processor of the agent", cost.cpu_share, "cores", 0.30),
        Figure("memory of the agent, peak", cost.peak_mib, "MiB", 150),
    ]


def _values_written(metrics_port: int) -> float:
    """Return how many values the collector has made durable."""
    text = httpx.get(f"http://{LOOPBACK}:{metrics_port}/metrics", timeout=5).text
    for line in text.splitlines():
        if line.startswith("gigafloor_collector_values_written_total "):
            return float(line.split()[1])
    raise StartError("The collector does not say how many values it has written.")


def _describe(folder: Path, machines: int, broker_port: int, metrics_port: int) -> None:
    signals = [
        {
            "name": f"value_{index}",
            "title": f"Value {index}",
            "modbus": {"table": "holding", "address": 2 * index, "encoding": "float32", "word_order": "cdab"},
            "limits": {"nominal": 100.0 + index},
            "noise": {"sigma": 1.0},
        }
        for index in range(SIGNALS_PER_MACHINE)
    ]
    mqtt = {"host": LOOPBACK, "port": broker_port}
    write_plant(folder / "plant", signals, free_ports(machines))
    write_yaml(folder / "sim.yaml", {"sites": [NODE.site], "mqtt": mqtt})
    write_yaml(
        folder / "edge.yaml",
        {"site": NODE.site, "line": NODE.line, "mqtt": mqtt, "spool_path": str(folder / "spool.sqlite")},
    )
    write_yaml(
        folder / "collector.yaml",
        {
            "sites": [NODE.site],
            "mqtt": mqtt,
            "historian": {"kind": "duckdb", "path": str(folder / "history.duckdb")},
            "dead_letter_path": str(folder / "dead.sqlite"),
            "metrics_port": metrics_port,
        },
    )
