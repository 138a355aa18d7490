"""How old a value is when it reaches a viewer: from the read of the register to the live stream."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx

from gigafloor.bench.demo import is_live
from gigafloor.bench.measured import gigafloor, started, wait_until
from gigafloor.bench.report import Figure
from gigafloor.ports import LOOPBACK, free_ports
from telemetry.clock import now_ms, to_ms

SETTLE_S = 10.0


def measure_latency(seconds: float) -> list[Figure]:
    """Follow the demo's live stream and compare each value's arrival with its read.

    A register is read once in its poll period, so from its change to the
    viewer it takes up to one period more.

    Raises:
        StartError: the demo did not start.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = free_ports(1)[0]
        command = gigafloor("demo", "--port", str(port), "--data-dir", str(folder / "data"))
        with started("demo", command, folder) as demo:
            wait_until(lambda: is_live(port), 60, "the first live value", demo)
            time.sleep(SETTLE_S)
            ages_ms = sorted(_ages_ms(f"http://{LOOPBACK}:{port}/api/v1/stream", seconds))
    return [
        Figure("values seen", len(ages_ms), ""),
        Figure("read to live stream, median", statistics.median(ages_ms), "ms"),
        Figure("read to live stream, p99", ages_ms[int(0.99 * len(ages_ms))], "ms", 150),
    ]


def _ages_ms(address: str, seconds: float) -> Iterator[float]:
    """Yield how old each new value was on arrival; what was known before is not new."""
    known: dict[tuple[str, str], str] = {}
    began_s = time.monotonic()
    with httpx.stream("GET", address, timeout=30) as answer:
        for line in answer.iter_lines():
            if time.monotonic() - began_s > seconds:
                return
            if not line.startswith("data: "):
                continue
            change = json.loads(line.removeprefix("data: "))
            arrived_ms = now_ms()
            station = json.dumps(change["place"])
            for signal, current in change["values"].items():
                before = known.get((station, signal))
                known[station, signal] = current["at"]
                if before is not None and current["at"] > before:
                    yield arrived_ms - to_ms(datetime.fromisoformat(current["at"]))
