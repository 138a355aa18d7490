"""What one agent costs: many signals at one second, through the whole chain."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml

from gigafloor.bench.measured import broker, gigafloor, started, wait_until, watch
from gigafloor.bench.report import Figure
from gigafloor.ports import LOOPBACK, free_ports

SIGNALS_PER_MACHINE = 1000
SITE, LINE = "bench-site", "bench-1"


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
            _describe(folder, machines, broker_port)
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
                cost = watch(edge, seconds)
    return [
        Figure("signals at 1 s", machines * SIGNALS_PER_MACHINE, ""),
        Figure("processor of the agent", cost.cpu_share, "cores", 0.30),
        Figure("memory of the agent, peak", cost.peak_mib, "MiB", 150),
    ]


def _describe(folder: Path, machines: int, broker_port: int) -> None:
    ports = free_ports(machines)
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
    profile = {
        "profile": "bench-machine",
        "measurement": "bench",
        "title": "Machine with many signals",
        "stage": "BENCH",
        "poll_classes": {"process": {"period_s": 1.0}},
        "signals": signals,
    }
    stations = [
        {
            "station": f"machine-{index}",
            "title": f"Machine {index}",
            "profile": "bench-machine",
            "modbus": {"host": LOOPBACK, "port": port},
        }
        for index, port in enumerate(ports)
    ]
    line = {"line": LINE, "title": "Bench line", "stations": stations}
    site = {
        "site": SITE,
        "enterprise": "bench",
        "title": "Bench",
        "areas": [{"area": "bench", "title": "Bench", "lines": [line]}],
    }
    mqtt = {"host": LOOPBACK, "port": broker_port}
    _write(folder / "plant" / "profiles" / "bench-machine.yaml", profile)
    _write(folder / "plant" / "sites" / f"{SITE}.yaml", site)
    _write(folder / "sim.yaml", {"sites": [SITE], "mqtt": mqtt})
    _write(
        folder / "edge.yaml",
        {"site": SITE, "line": LINE, "mqtt": mqtt, "spool_path": str(folder / "spool.sqlite")},
    )
    _write(
        folder / "collector.yaml",
        {
            "sites": [SITE],
            "mqtt": mqtt,
            "historian": {"kind": "duckdb", "path": str(folder / "history.duckdb")},
            "dead_letter_path": str(folder / "dead.sqlite"),
        },
    )


def _write(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
