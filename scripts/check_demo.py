"""Start the demo as a person does, look whether the plant is alive, stop it with Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

Answer = TypeVar("Answer")

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN_S = 60.0
ONLINE_WITHIN_S = 60.0
CHANGES_WITHIN_S = 20.0
COUNTS_WITHIN_S = 120.0
STOPS_WITHIN_S = 5.0
LONGEST_S = 300
"""The demo stops by itself after this, should this script be killed."""


class DemoError(Exception):
    """The demo does not do what it promises."""


def main() -> int:
    """Return 0 if the demo is alive and stops cleanly."""
    with tempfile.TemporaryDirectory(prefix="gigafloor-demo-") as folder:
        output = Path(folder) / "output.txt"
        process = start(Path(folder) / "data", output)
        try:
            look(output, process)
            stop(process)
            read_output(output)
        except DemoError as error:
            say(f"FAILED: {error}\n--- what the demo printed ---\n{output.read_text(errors='replace')}")
            return 1
        finally:
            for left in members(process.pid):
                left.kill()
            process.wait()
    say("the demo is alive and stops cleanly")
    return 0


def start(data: Path, output: Path) -> subprocess.Popen[bytes]:
    """Start `make demo` in a process group of its own, as a terminal would."""
    arguments = f"ARGS=--port 0 --duration {LONGEST_S} --data-dir {data}"
    with output.open("wb") as sink:
        return subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            ["make", "demo", arguments],  # noqa: S607 - the make a person would get
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def look(output: Path, process: subprocess.Popen[bytes]) -> None:
    """Check from outside that machines answer, values change and products are counted."""
    address = waited(lambda: address_in(output, process), STARTS_WITHIN_S, "an address on its output")
    say(f"the demo says {address}")
    with httpx.Client(base_url=f"{address}/api/v1", timeout=10.0, trust_env=False) as client:
        online = waited(lambda: all_online(client), ONLINE_WITHIN_S, "every station online")
        say(f"{online} of {online} stations online, health ok")
        before = good_values(client)
        changed = waited(lambda: changes(before, good_values(client)), CHANGES_WITHIN_S, "changing values")
        say(f"{changed} of {len(before)} good values changed")
        counted = good_count(client)
        made = waited(lambda: good_count(client) - counted, COUNTS_WITHIN_S, "rising good counts")
        say(f"{made:g} more good products counted")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Send Ctrl-C to the group; all of it must be gone in time."""
    began_s = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        raise DemoError(f"it still runs {STOPS_WITHIN_S:g} s after Ctrl-C") from None
    left = members(process.pid)
    if left:
        raise DemoError(f"these processes were left behind: {left}")
    say(f"stopped {time.monotonic() - began_s:.1f} s after Ctrl-C, nothing left behind")


def read_output(output: Path) -> None:
    """Refuse an output that a person would call an error."""
    text = output.read_text(errors="replace")
    for sign in ("Traceback", "never retrieved", "make: ***"):
        if sign in text:
            raise DemoError(f"its output has {sign!r}")


def address_in(output: Path, process: subprocess.Popen[bytes]) -> str | None:
    """Return the address the demo printed, if it has."""
    if process.poll() is not None:
        raise DemoError(f"it ended by itself with {process.returncode}")
    found = re.search(r"http://127\.0\.0\.1:\d+", output.read_text(errors="replace"))
    return found.group() if found else None


def all_online(client: httpx.Client) -> int | None:
    """Return the number of stations once the service is well and all of them answer."""
    health = ask(client, "/health")
    well = health["status"] == "ok" and health["stations_online"] == health["stations"] > 0
    return int(health["stations"]) if well else None


def good_values(client: httpx.Client) -> dict[tuple[str, ...], Any]:
    """Return every current value of good quality."""
    return {
        (*item["place"].values(), item["signal"]): item["current"]["value"]
        for item in ask(client, "/values?limit=1000")["items"]
        if item["current"] and item["current"]["quality"] == "good"
    }


def changes(before: dict[tuple[str, ...], Any], now: dict[tuple[str, ...], Any]) -> int | None:
    """Return how many values changed, once it is a third of them."""
    changed = sum(1 for key, value in before.items() if key in now and now[key] != value)
    return changed if before and changed * 3 >= len(before) else None


def good_count(client: httpx.Client) -> float:
    """Return the good products of all stations in the last hours."""
    return sum(float(item["good"]) for item in ask(client, "/production?from=-1h&limit=1000")["items"])


def ask(client: httpx.Client, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return the JSON answer."""
    response = client.get(path)
    if response.is_error:
        raise DemoError(f"{path} answers {response.status_code}: {response.text}")
    return response.json()


def waited(question: Callable[[], Answer | None], within_s: float, what: str) -> Answer:
    """Return the first answer that is something."""
    give_up_at_s = time.monotonic() + within_s
    while time.monotonic() < give_up_at_s:
        try:
            if answer := question():
                return answer
        except httpx.TransportError:
            pass  # it has said its address but does not listen yet
        time.sleep(0.25)
    raise DemoError(f"there is still not {what} after {within_s:g} s")


def members(group: int) -> list[psutil.Process]:
    """Return the processes of the group that still live."""
    living = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                living.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return living


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"   {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
