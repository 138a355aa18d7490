"""Queries in InfluxQL (pure).

Every name and text goes through `identifier` or `text`; numbers through `int`.
"""
# ruff: noqa: S608 - see above

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from historian.grid import Grid
from historian.influx.names import TAGS
from plant.model import StationPath

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")

BY_STATION = ", ".join(f'"{tag}"::tag' for tag in TAGS)


def identifier(name: str) -> str:
    """Return the name of a measurement, tag or field, whatever is in it."""
    return '"' + name.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") + '"'


def text(value: str) -> str:
    """Return a text literal, whatever is in it."""
    return "'" + value.replace("\\", r"\\").replace("'", r"\'").replace("\n", r"\n") + "'"


def equals(name: str, value: str) -> str:
    """Return the condition that a field is exactly the text.

    A text literal cannot hold other control characters than a line's end, a
    regular expression can.
    """
    if not _CONTROL.search(value):
        return f"{field(name)} = {text(value)}"
    escaped = "".join(each if each.isalnum() else f"\\x{{{ord(each):x}}}" for each in value)
    return f"{field(name)} =~ /^{escaped}$/"


def field(name: str) -> str:
    """Return a field by name, even if there is a tag of that name."""
    return identifier(name) + "::field"


def of_paths(paths: Sequence[StationPath]) -> str:
    """Return the condition that picks the stations."""
    return "(" + " OR ".join(_of_path(path) for path in paths) + ")"


def in_range(start_ms: int, stop_ms: int) -> str:
    """Return the condition that picks a range of time."""
    return f"time >= {int(start_ms)}ms AND time < {int(stop_ms)}ms"


def without_doubt(quality_field: str) -> str:
    """Return the condition that picks the rows without a quality, which are the good ones.

    InfluxQL cannot ask for null, but a comparison with it is false.
    """
    return f"({field(quality_field)} >= 0) = false"


def select(
    what: Iterable[str],
    measurement: str,
    conditions: Iterable[str],
    *,
    by_station: bool = False,
    newest_first: bool = False,
    limit: int | None = None,
) -> str:
    """Return a query for rows."""
    group = f" GROUP BY {BY_STATION}" if by_station else ""
    order = " ORDER BY time DESC" if newest_first else ""
    most = f" LIMIT {int(limit)}" if limit is not None else ""
    return (
        f"SELECT {', '.join(what)} FROM {identifier(measurement)} WHERE {' AND '.join(conditions)}"
        f"{group}{order}{most}"
    )


def select_buckets(what: Iterable[str], measurement: str, conditions: Iterable[str], grid: Grid) -> str:
    """Return a query for one row per interval that has values."""
    interval = f"time({int(grid.width_ms)}ms, {int(grid.offset_ms)}ms)"
    return f"{select(what, measurement, conditions)} GROUP BY {interval} fill(none)"


def show_field_keys(measurement: str) -> str:
    """Return the query for a measurement's fields and their types."""
    return f"SHOW FIELD KEYS FROM {identifier(measurement)}"


def _of_path(path: StationPath) -> str:
    return (
        "("
        + " AND ".join(f"{identifier(tag)}::tag = {text(value)}" for tag, value in path._asdict().items())
        + ")"
    )
