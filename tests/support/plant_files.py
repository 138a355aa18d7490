"""A plant folder of a test's own: packaged sites with their PLCs on free ports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.support.ports import free_port

_SITES = Path(__file__).resolve().parents[2] / "plant" / "sites"


def write_plant(folder: Path, *sites: str) -> Path:
    """Return a folder for `--plant` with these sites only, stations that shared a port still sharing one."""
    moved: dict[int, int] = {}
    for site in sites:
        described = yaml.safe_load((_SITES / f"{site}.yaml").read_text(encoding="utf-8"))
        for station in _stations(described):
            if "modbus" in station:
                old = station["modbus"]["port"]
                station["modbus"]["port"] = moved.setdefault(old, free_port())
        target = folder / "sites" / f"{site}.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(described, sort_keys=False), encoding="utf-8")
    return folder


def _stations(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [station for area in described["areas"] for line in area["lines"] for station in line["stations"]]
