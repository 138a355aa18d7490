"""Child processes of a test: started with their output kept, stopped by their own id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOP_S = 5.0
"""How long a process may take to put its things away before it is killed."""


class Child:
    """A running child process."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self._process = process
        self._output = output

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs, negative if a signal killed it."""
        return self._process.poll()

    def output(self) -> str:
        """Return what it has printed so far, both streams."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def wait_for_output(self, text: str, *, within_s: float = 20.0) -> str:
        """Return the first printed line that contains the text.

        Raises:
            TimeoutError: it was not printed in time, or the process ended without it.
        """
        give_up_at_s = time.monotonic() + within_s
        while True:
            ended = self.returncode is not None
            for line in self.output().splitlines():
                if text in line:
                    return line
            if ended or time.monotonic() > give_up_at_s:
                state = f"ended with {self.returncode}" if ended else f"{within_s:g} s passed"
                raise TimeoutError(f"{text!r} was not printed: {state}; output:\n{self.output()}")
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process itself."""
        self._process.send_signal(number)

    def wait(self, *, within_s: float = STOP_S) -> int:
        """Return how the process ended.

        Raises:
            TimeoutError: it still runs.
        """
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"still runs after {within_s:g} s; output:\n{self.output()}") from None

    def kill(self) -> None:
        """End the process without warning, as a power cut does."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ask the process to stop, and end it if it does not."""
        if self.returncode is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def child(
    command: Sequence[str | Path], folder: Path, *, environment: Mapping[str, str] | None = None
) -> Iterator[Child]:
    """Run a command for the length of a block; `folder` receives its output."""
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
    running = Child(process, output)
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def gigafloor(*arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Child]:
    """Run `python -m gigafloor ...` for the length of a block."""
    with child([sys.executable, "-m", "gigafloor", *arguments], folder, environment=environment) as running:
        yield running
