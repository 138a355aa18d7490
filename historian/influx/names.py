"""What signals and fields of results are called in InfluxDB (pure)."""

from __future__ import annotations

import re

QUALITY_SUFFIX = "_q"
"""Of the field that holds a signal's quality where that is not good."""

TAGS = ("area", "line", "site", "station")
"""In the order InfluxDB sorts them, which makes lines cheaper for it."""

_TAKEN = re.compile(r"(time|area|line|site|station|number|key|.*_q)_*", re.DOTALL)
_IMPOSSIBLE = re.compile(r"[\x00-\x1f\x7f\\]")


def field_name(name: str) -> str:
    """Return the field a signal is kept in: its name, but for the few that mean something else there.

    `time` and the tags cannot be fields, `number` and `key` identify a result,
    `..._q` would be the quality of another signal: these get an underscore.
    """
    return f"{name}_" if _TAKEN.fullmatch(name) else name


def original_name(field: str) -> str:
    """Return the name `field_name` made the field from."""
    return field[:-1] if field.endswith("_") and _TAKEN.fullmatch(field[:-1]) else field


def quality_name(name: str) -> str:
    """Return the field a signal's quality is kept in."""
    return field_name(name) + QUALITY_SUFFIX


def element_name(name: str, index: int) -> str:
    """Return the field an element of an array is kept in."""
    return f"{field_name(name)}_{index}"


def is_possible(name: str) -> bool:
    """Whether line protocol can carry the name; it has no way to write a backslash or a line's end in one."""
    return bool(name) and not _IMPOSSIBLE.search(name)
