"""The plant a benchmark measures: one line of machines with nothing but many signals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from gigafloor.ports import LOOPBACK
from telemetry.sample import EdgeNode

NODE = EdgeNode("bench-site", "bench-1")


def station(index: int) -> str:
    """Return the id of the station of that number."""
    return f"machine-{index}"


def write_plant(folder: Path, signals: Sequence[dict[str, Any]], ports: Sequence[int]) -> Path:
    """Return a folder for `--plant` with a machine on each port, all of one profile with these signals."""
    profile = {
        "profile": "bench-machine",
        "measurement": "bench",
        "title": "Machine with many signals",
        "stage": "BENCH",
        "poll_classes": {"process": {"period_s": 1.0}},
        "signals": list(signals),
    }
    stations = [
        {
            "station": station(index),
            "title": f"Machine {index}",
            "profile": "bench-machine",
            "modbus": {"host": LOOPBACK, "port": port},
        }
        for index, port in enumerate(ports)
    ]
    line = {"line": NODE.line, "title": "Bench line", "stations": stations}
    area = {"area": "bench", "title": "Bench", "lines": [line]}
    site = {"site": NODE.site, "enterprise": "bench", "title": "Bench", "areas": [area]}
    write_yaml(folder / "profiles" / "bench-machine.yaml", profile)
    write_yaml(folder / "sites" / f"{NODE.site}.yaml", site)
    return folder


def write_yaml(path: Path, data: object) -> Path:
    """Write a settings or description file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path
