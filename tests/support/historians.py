"""What tests of historians ask, and names nothing else in the store has."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from historian.ports import Historian, RejectedPoint, RejectedPointsError, StationBlock
from telemetry.sample import Result, Sample

T0 = 1_760_000_000_000
FOREVER = (0, 4_000_000_000_000)

_numbers = itertools.count(1)


def another() -> int:
    """Return a number no test of this run had before."""
    return next(_numbers)


async def read_all(historian: Historian, block: StationBlock, signal: str) -> list[Sample]:
    """Return every sample of a signal of the block's station."""
    found = await historian.samples([block.path], block.measurement, [signal], *FOREVER)
    return found[block.path, signal]


async def refused_of(historian: Historian, blocks: Sequence[StationBlock]) -> Sequence[RejectedPoint]:
    """Write, and return what the store refused."""
    try:
        await historian.write(blocks)
    except RejectedPointsError as error:
        return error.points
    return ()


def result(kind: str, number: int, at_ms: int = T0, key: str = "C1", **fields: float | str | None) -> Result:
    """Return a result of these fields."""
    return Result(kind, at_ms, number, key, fields)
