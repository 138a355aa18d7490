"""A Modbus server that shares no code with us: libmodbus, compiled when it is first needed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.parts import lacking, program
from tests.support.ports import free_port, wait_for_listener
from tests.support.processes import child

_SOURCE = Path(__file__).with_name("libmodbus_server.c")
BLOCK = 64
"""Registers from the block of one word order to that of the next."""
SIZE = 256
"""First address the server does not have."""


@contextmanager
def libmodbus_server(folder: Path) -> Iterator[int]:
    """Run the server for the length of a block; give its port."""
    binary = folder / "libmodbus_server"
    command = [program("cc"), "-O1", _SOURCE, "-I/usr/include/modbus", "-lmodbus", "-o", binary]
    compiled = subprocess.run([str(part) for part in command], check=False, capture_output=True)
    if compiled.returncode != 0:
        lacking(f"libmodbus-dev is not installed: {compiled.stderr.decode()[:200]}")
    port = free_port()
    with child([binary, str(port)], folder):
        wait_for_listener(port)
        yield port
