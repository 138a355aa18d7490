"""Finding the points a server refuses, so that all others are stored."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from historian.influx.line_protocol import Fragment, lines_of
from historian.ports import HistorianError, RejectedPoint

Send = Callable[[Sequence[str]], Awaitable[None]]
"""Writes lines; raises PointsRefusedError."""

_DROPPED = re.compile(r"dropped=(\d+)")
_CONFLICT = re.compile(r'input field "(?P<field>.*?)" on measurement')


class PointsRefusedError(HistorianError):
    """The server refused some of the lines of a request, and says only so much about which."""


async def store_all_but(send: Send, pieces: Sequence[Fragment]) -> list[RejectedPoint]:
    """Write the pieces, return those the server refuses.

    Halves what was refused until single fields remain. To be told of a field
    whose type conflicts sets the pieces of that field apart at once.
    """
    refused: list[RejectedPoint] = []
    waiting: list[Sequence[Fragment]] = [pieces]
    while waiting:
        some = waiting.pop()
        if not some:
            continue
        lines = lines_of(some)
        try:
            await send(lines)
        except PointsRefusedError as error:
            reason = str(error)
            if len(some) == 1 or (len(lines) == len(some) and _dropped(reason) == len(lines)):
                refused += [piece.point._replace(reason=reason) for piece in some]
            else:
                waiting += _split(some, reason)
    return refused


def _dropped(reason: str) -> int | None:
    match = _DROPPED.search(reason)
    return int(match[1]) if match else None


def _split(pieces: Sequence[Fragment], reason: str) -> tuple[Sequence[Fragment], Sequence[Fragment]]:
    conflict = _CONFLICT.search(reason)
    if conflict:
        named = [piece for piece in pieces if piece.fields.startswith(f"{conflict['field']}=")]
        others = [piece for piece in pieces if not piece.fields.startswith(f"{conflict['field']}=")]
        if named and others:
            return others, named
    middle = len(pieces) // 2
    return pieces[:middle], pieces[middle:]
