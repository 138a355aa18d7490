"""Child processes of a benchmark and what they cost."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from gigafloor.errors import StartError
from gigafloor.ports import LOOPBACK, free_ports, is_free

MIB = 1024 * 1024


class Cost(NamedTuple):
    """What a process used between two looks."""

    seconds: float
    cpu_share: float
    """Processor seconds per second: 1.0 is one core."""
    peak_mib: float
    """Largest resident memory seen, with children."""


@dataclass(slots=True)
class Child:
    """A started process and its log."""

    name: str
    process: psutil.Popen
    log: Path

    def is_running(self) -> bool:
        """Return whether it still runs."""
        return self.process.poll() is None

    def require_running(self) -> None:
        """Raise StartError with the end of its log if the process has ended."""
        if not self.is_running():
            tail = self.log.read_text(errors="replace")[-1500:]
            raise StartError(f"{self.name} ended by itself (status {self.process.returncode}):\n{tail}")

    def cpu_s(self) -> float:
        """Return processor seconds used so far, children included."""
        return sum(sum(each.cpu_times()[:2]) for each in self._family())

    def rss_mib(self) -> float:
        """Return resident memory now, children included."""
        return sum(each.memory_info().rss for each in self._family()) / MIB

    def _family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextlib.contextmanager
def started(name: str, command: Sequence[str], folder: Path) -> Iterator[Child]:
    """Run a command for the length of a block; end it by its own process id."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = psutil.Popen(
            list(command), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        yield Child(name, process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait()


def gigafloor(*arguments: str) -> list[str]:
    """Return the command line of one of the product's own commands."""
    return [sys.executable, "-m", "gigafloor", *arguments]


@contextlib.contextmanager
def broker(folder: Path) -> Iterator[int]:
    """Run Mosquitto on a free port of the loopback.

    Raises:
        StartError: Mosquitto is not installed or does not start.
    """
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise StartError(
            "This benchmark needs Mosquitto (Debian package 'mosquitto'); it is not on the PATH."
        )
    port = free_ports(1)[0]
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} {LOOPBACK}\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n"
        "max_inflight_messages 0\nlog_type error\n"
    )
    with started("mosquitto", [program, "-c", str(config)], folder) as child:
        wait_until(lambda: not is_free(port), 10, "Mosquitto to listen", child)
        yield port


def wait_until(condition: Callable[[], bool], seconds: float, what: str, *children: Child) -> float:
    """Wait for a condition; return how long it took in seconds.

    Raises:
        StartError: it did not come true in time, or a child ended.
    """
    began_s = time.monotonic()
    while not condition():
        for child in children:
            child.require_running()
        if time.monotonic() - began_s > seconds:
            raise StartError(f"Waited {seconds:.0f} s for {what}, in vain.")
        time.sleep(0.05)
    return time.monotonic() - began_s


def watch(child: Child, seconds: float) -> Cost:
    """Measure a process for a while."""
    began_s, cpu_s, peak_mib = time.monotonic(), child.cpu_s(), 0.0
    while time.monotonic() - began_s < seconds:
        child.require_running()
        peak_mib = max(peak_mib, child.rss_mib())
        time.sleep(0.25)
    elapsed_s = time.monotonic() - began_s
    return Cost(elapsed_s, (child.cpu_s() - cpu_s) / elapsed_s, peak_mib)
