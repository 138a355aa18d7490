"""Health check of a container: `healthy.py URL [LINE]` or `healthy.py HOST:PORT`; status 1 is unhealthy."""

from __future__ import annotations

import socket
import sys
import urllib.request

TIMEOUT_S = 4.0


def main(address: str, line: str | None = None) -> None:
    """Connect, and look for the line in the answer.

    Raises:
        SystemExit: what is missing.
    """
    try:
        if not address.startswith("http://"):
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), TIMEOUT_S).close()
            return
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:  # noqa: S310 - http only
            lines = answer.read().decode().splitlines()
    except OSError as error:
        raise SystemExit(f"{address}: {error}") from None
    if line is not None and line not in lines:
        raise SystemExit(f"{address} does not say '{line}'")


if __name__ == "__main__":
    main(*sys.argv[1:])
