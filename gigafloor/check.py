"""`gigafloor check`: what the description says, and what polling it will cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from edge_agent.sources.read_plan import PlanRow, describe_plan
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
    """
    plant = load_plant(sites=sites or None, directory=directory)
    if schema_folder is not None:
        _write_schemas(schema_folder)
    _print_plant(plant, console)
    rows = describe_plan(plant)
    console.print(_plan_table(rows))
    overloaded = _overloaded(rows)
    for connection, load in overloaded.items():
        console.print(
            f"{connection} would be reading {load:.0%} of the time. Lengthen poll periods, raise max_gap, "
            "or give the machine a connection of its own.",
            style="red",
            soft_wrap=True,
        )
    if not overloaded:
        console.print("The description is sound and every connection can keep its poll periods.")
    return 1 if overloaded else 0


def _print_plant(plant: Plant, console: Console) -> None:
    table = Table(title="Plant", title_justify="left")
    for heading in ("site", "line", "station", "profile", "signals", "rings"):
        table.add_column(heading, justify="right" if heading in ("signals", "rings") else "left")
    for path, _, profile, _ in plant.stations():
        rings = str(len(profile.result_rings))
        table.add_row(path.site, path.line, path.station, profile.profile, str(len(profile.signals)), rings)
    console.print(table)


def _plan_table(rows: Sequence[PlanRow]) -> Table:
    table = Table(title="Poll plan", title_justify="left")
    for heading in (
        "connection",
        "unit",
        "station",
        "class",
        "period s",
        "requests",
        "registers",
        "expected ms",
    ):
        table.add_column(
            heading, justify="left" if heading in ("connection", "station", "class") else "right"
        )
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    return table


def _write_schemas(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in json_schemas().items():
        (folder / f"{name}.schema.json").write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
