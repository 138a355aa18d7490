"""`gigafloor check`: what the description says, and what polling it will cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from edge_agent.exceptions import PlanError
from edge_agent.sources.read_plan import PlanRow, describe_plan
from gigafloor.errors import StartError
from plant.load import json_schemas, load_plant
from plant.model import Plant

TIGHT = 0.8
"""Share of a connection's time spent reading above which ticks will be missed."""


def print_check(
    sites: Sequence[str] | None, directory: Path | None, schema_folder: Path | None, console: Console
) -> int:
    """Print the plan; return the exit status, 1 if a connection cannot keep its poll periods.

    Raises:
        DescriptionError: the description has mistakes.
        StartError: a profile describes what the device cannot answer.
    """
    plant = load_plant(sites=sites or None, directory=directory)
    if schema_folder is not None:
        _write_schemas(schema_folder)
    try:
        rows = describe_plan(plant.stations())
    except PlanError as error:
        raise StartError(str(error)) from None
    console.print(_plant_table(plant))
    console.print(_plan_table(rows))
    overloaded = {connection: load for connection, load in _loads(rows).items() if load > TIGHT}
    for connection, load in overloaded.items():
        console.print(
            f"{connection} would be reading {load:.0%} of the time. Lengthen poll periods, raise max_gap, "
            "or give the machine a connection of its own.",
            style="red",
            soft_wrap=True,
        )
    if not overloaded:
        console.print("The description is sound, and every connection can keep its poll periods.")
    return 1 if overloaded else 0


def _loads(rows: Sequence[PlanRow]) -> dict[str, float]:
    """Return the share of its time each connection spends reading."""
    loads: dict[str, float] = {}
    for row in rows:
        loads[row.connection] = loads.get(row.connection, 0.0) + row.load
    return loads


def _plant_table(plant: Plant) -> Table:
    table = Table(title="Plant", title_justify="left")
    for heading in ("site", "line", "station", "profile", "signals", "rings"):
        table.add_column(heading, justify="right" if heading in ("signals", "rings") else "left")
    for path, _, profile, _ in plant.stations():
        rings = ", ".join(ring.kind for ring in profile.result_rings)
        table.add_row(path.site, path.line, path.station, profile.profile, str(len(profile.signals)), rings)
    return table


def _plan_table(rows: Sequence[PlanRow]) -> Table:
    table = Table(title="Poll plan", title_justify="left")
    for heading in ("connection", "stations", "class"):
        table.add_column(heading)
    for heading in ("period s", "requests", "registers", "requests/s", "expected ms", "load"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row.connection,
            ", ".join(row.stations),
            row.poll,
            f"{row.period_s:g}",
            str(row.requests),
            str(row.registers),
            f"{row.requests_per_s:.1f}",
            f"{row.expected_ms:.0f}",
            f"{row.load:.0%}",
        )
    return table


def _write_schemas(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in json_schemas().items():
        (folder / f"{name}.schema.json").write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
