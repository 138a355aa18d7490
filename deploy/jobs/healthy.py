"""Health check of a container; exit status 1 is unhealthy.

`healthy.py URL [LINE]` the page answers, with that line in it; `healthy.py HOST:PORT` somebody listens.
"""

from __future__ import annotations

import socket
import sys
import urllib.request

TIMEOUT_S = 4.0


def main(what: str, wanted: str = "") -> None:
    """Look.

    Raises:
        SystemExit: what is wrong.
    """
    try:
        if what.startswith("http://"):
            _page_says(what, wanted)
        else:
            host, _, port = what.rpartition(":")
            socket.create_connection((host, int(port)), TIMEOUT_S).close()
    except OSError as error:
        raise SystemExit(f"{what}: {error}") from None


def _page_says(url: str, line: str) -> None:
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - http only
        lines = answer.read().decode().splitlines()
    if line and line not in lines:
        raise SystemExit(f"{url} does not say '{line}'")


if __name__ == "__main__":
    main(*sys.argv[1:])
