"""What the demo costs: time to the first live value, processor, memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

import httpx

from gigafloor.bench.measured import gigafloor, started, wait_until, watch
from gigafloor.bench.report import Figure
from gigafloor.ports import LOOPBACK, free_ports


def measure_demo(seconds: float) -> list[Figure]:
    """Run the demo with every packaged site and measure it after it has settled.

    Raises:
        StartError: it did not start.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = free_ports(1)[0]
        command = gigafloor("demo", "--port", str(port), "--data-dir", str(folder / "data"))
        with started("demo", command, folder) as demo:
            first_s = wait_until(lambda: is_live(port), 60, "the first live value", demo)
            watch(demo, min(10.0, seconds))
            cost = watch(demo, seconds)
    return [
        Figure("first live value on the API", first_s, "s", 10),
        Figure("processor", cost.cpu_share, "cores", 1),
        Figure("memory, peak", cost.peak_mib, "MiB", 600),
    ]


def is_live(port: int) -> bool:
    """Return whether the demo on that port shows a good value."""
    try:
        answer = httpx.get(f"http://{LOOPBACK}:{port}/api/v1/values", params={"limit": 500}, timeout=2)
    except httpx.HTTPError:
        return False  # it is still starting
    known = [item["current"] for item in answer.raise_for_status().json()["items"]]
    return any(current is not None and current["quality"] == "good" for current in known)
