"""Free ports on the loopback."""

from __future__ import annotations

import contextlib
import socket
import time

HOST = "127.0.0.1"
_GIVEN: set[int] = set()


def free_port() -> int:
    """Return a TCP port nothing listens on, never the same one twice in a test run."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port


def free_ports(count: int) -> list[int]:
    """Return several different free ports."""
    return [free_port() for _ in range(count)]


def wait_for_listener(port: int, *, within_s: float = 10.0) -> None:
    """Return once something accepts connections on the port.

    Raises:
        TimeoutError: nothing did in time.
    """
    give_up_at_s = time.monotonic() + within_s
    while time.monotonic() < give_up_at_s:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1.0):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on {HOST}:{port} after {within_s:g} s")
