"""`gigafloor bench ...`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from gigafloor.bench.report import print_figures

bench = typer.Typer(help="Measure speed and memory on this machine.", no_args_is_help=True)
_console = Console()

Seconds = Annotated[float, typer.Option("--seconds", min=3, help="How long each measurement lasts.")]


@bench.command()
def demo(seconds: Seconds = 30.0) -> None:
    """Measure the demo with both sites: first value, processor, memory."""
    from gigafloor.bench.demo import measure_demo  # noqa: PLC0415 - each command loads only what it runs

    with _console.status("measuring the demo ..."):
        figures = measure_demo(seconds)
    print_figures("Demo", figures, _console)


@bench.command()
def edge(
    signals: Annotated[int, typer.Option(min=1000, help="Signals at one second.")] = 10_000,
    seconds: Seconds = 30.0,
) -> None:
    """Measure one agent: processor and memory, every value changing."""
    from gigafloor.bench.edge import measure_edge  # noqa: PLC0415

    with _console.status("measuring one agent ..."):
        figures = measure_edge(signals, seconds)
    print_figures("Edge agent", figures, _console)


@bench.command()
def collector(
    influx: Annotated[
        str | None, typer.Option(help="Address of an InfluxDB to use instead of DuckDB.")
    ] = None,
    bucket: Annotated[str, typer.Option(help="Its bucket or database.")] = "gigafloor",
    seconds: Seconds = 15.0,
) -> None:
    """Measure one collector: values made durable per second (needs Mosquitto)."""
    from gigafloor.bench.collector import measure_collector  # noqa: PLC0415

    historian: dict[str, object] = {"kind": "duckdb"}
    if influx is not None:
        historian = {"kind": "influxdb", "url": influx, "bucket": bucket}
    with _console.status("measuring a collector ..."):
        figures = measure_collector(historian, seconds)
    print_figures("Collector", figures, _console)


@bench.command()
def latency(seconds: Seconds = 30.0) -> None:
    """Measure the demo's way from the read of a register to the live stream."""
    from gigafloor.bench.latency import measure_latency  # noqa: PLC0415

    with _console.status("measuring latency ..."):
        figures = measure_latency(seconds)
    print_figures("Latency", figures, _console)
