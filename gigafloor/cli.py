"""The command `gigafloor`: the only place that reads arguments and the environment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from gigafloor.bench.commands import bench
from gigafloor.errors import sentence_in

app = typer.Typer(
    help="Plant-floor telemetry and monitoring for battery gigafactories.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(bench, name="bench")
console = Console(stderr=True)

PlantOption = Annotated[
    Path | None,
    typer.Option(
        "--plant", help="Folder with profiles/ and sites/ of your own; they add to the packaged ones."
    ),
]
SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="YAML settings file; GIGAFLOOR_... variables override it."),
]
LevelOption = Annotated[str, typer.Option("--log-level", help="DEBUG, INFO, WARNING or ERROR.")]
DurationOption = Annotated[
    float | None, typer.Option("--duration", help="Stop by itself after this many seconds.")
]


def main() -> None:
    """Run the command line; a foreseeable mistake is a sentence, not a traceback."""
    try:
        app()
    except Exception as failure:
        error = sentence_in(failure)
        if error is None:
            raise
        console.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(2)


@app.command()
def demo(
    site: Annotated[
        list[str] | None, typer.Option(help="Only this site; may be given several times.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.1, max=200, help="Machines run this many times faster.")
    ] = 1.0,
    data_dir: Annotated[
        Path, typer.Option(help="Where history is kept; the next start continues it.")
    ] = Path("data/demo"),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the screens; another is chosen if it is taken.")
    ] = 8080,
    duration: DurationOption = None,
    seed: Annotated[int, typer.Option(help="Same seed, same plant.")] = 1,
    plant: PlantOption = None,
    log_level: LevelOption = "WARNING",
) -> None:
    """Show a plant alive: simulated PLCs and sensors, agents, broker, historian, screens, in one process."""
    from gigafloor.demo import Demo, DemoOptions  # noqa: PLC0415 - each command loads only what it runs

    options = DemoOptions(tuple(site or ()), speed, data_dir, port, seed, plant)
    _run("demo", log_level, Demo(options, Console()).run, duration)


@app.command()
def sim(
    settings: SettingsOption = None,
    plant: PlantOption = None,
    duration: DurationOption = None,
    log_level: LevelOption = "INFO",
) -> None:
    """Serve simulated PLCs (Modbus TCP) and sensors (MQTT)."""
    from gigafloor.processes.sim import run_sim  # noqa: PLC0415

    _run("sim", log_level, lambda: run_sim(settings, plant), duration)


@app.command()
def edge(
    settings: SettingsOption = None,
    plant: PlantOption = None,
    duration: DurationOption = None,
    log_level: LevelOption = "INFO",
) -> None:
    """Read the machines of one line and deliver what they say."""
    from gigafloor.processes.edge import run_edge  # noqa: PLC0415

    _run("edge", log_level, lambda: run_edge(settings, plant), duration)


@app.command()
def collector(
    settings: SettingsOption = None,
    plant: PlantOption = None,
    duration: DurationOption = None,
    log_level: LevelOption = "INFO",
) -> None:
    """Write what the agents deliver to the historian, then acknowledge it."""
    from gigafloor.processes.collector import run_collector  # noqa: PLC0415

    _run("collector", log_level, lambda: run_collector(settings, plant), duration)


@app.command()
def api(
    settings: SettingsOption = None,
    plant: PlantOption = None,
    duration: DurationOption = None,
    log_level: LevelOption = "INFO",
) -> None:
    """Serve the API and the screens."""
    from gigafloor.processes.api import run_api  # noqa: PLC0415

    _run("api", log_level, lambda: run_api(settings, plant), duration)


@app.command()
def check(
    site: Annotated[
        list[str] | None, typer.Option(help="Only this site; may be given several times.")
    ] = None,
    plant: PlantOption = None,
    schema: Annotated[
        Path | None, typer.Option(help="Also write the JSON schemas for editors to this folder.")
    ] = None,
) -> None:
    """Validate the plant description and print the poll plan of every connection."""
    from gigafloor.check import print_check  # noqa: PLC0415

    sys.exit(print_check(site, plant, schema, Console()))


def _run(
    process: str, level: str, work: Callable[[], Coroutine[Any, Any, None]], duration_s: float | None
) -> None:
    from runtime.logs import configure_logs  # noqa: PLC0415
    from runtime.service import run_process  # noqa: PLC0415

    configure_logs(process, level=level.upper())
    run_process(work, stop_after_s=duration_s)
