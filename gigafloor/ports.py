"""Free TCP ports on the loopback."""

from __future__ import annotations

import contextlib
import socket

from gigafloor.errors import StartError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Return whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """Return as many different free ports.

    Raises:
        StartError: this machine has none left.
    """
    with contextlib.ExitStack() as held:
        ports = []
        for _ in range(count):
            try:
                probe = held.enter_context(socket.socket())
                probe.bind((LOOPBACK, 0))
            except OSError as error:
                raise StartError(
                    f"No free TCP port on {LOOPBACK} ({error}). "
                    "Stop other programs that hold ports, then try again."
                ) from None
            ports.append(probe.getsockname()[1])
        return ports


def preferred_or_free(port: int, tries: int = 20) -> int:
    """Return the port, or the next free one after it, or any free one; 0 means any."""
    if port:
        for candidate in range(port, min(port + tries, 65536)):
            if is_free(candidate):
                return candidate
    return free_ports(1)[0]
