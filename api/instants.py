"""Times in questions and answers: ISO 8601 with a zone, or relative to now (pure)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from telemetry.clock import at, to_ms

_UNIT_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_RELATIVE = re.compile(r"-(\d{1,9})([smhdw])")
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")
"""A `+` that nobody escaped reaches us as a space: `2026-11-03T06:00:00 01:00`."""
_EARLIEST_MS = 0
_LATEST_MS = to_ms(datetime(2200, 1, 1, tzinfo=UTC))


class InstantError(ValueError):
    """The text is no instant; the sentence says what would be one."""


class TimeRange(NamedTuple):
    """From `start_ms` (inclusive) to `stop_ms` (exclusive)."""

    start_ms: int
    stop_ms: int


def parse_instant(text: str, now_ms: int) -> int:
    """Return the instant in milliseconds since 1970.

    Raises:
        InstantError: the text is neither ISO 8601 with a zone nor relative.
    """
    wanted = text.strip()
    if wanted == "now":
        return now_ms
    relative = _RELATIVE.fullmatch(wanted)
    if relative is not None:
        instant_ms = now_ms - int(relative[1]) * _UNIT_MS[relative[2]]
    else:
        instant_ms = _parse_iso(wanted)
    if not _EARLIEST_MS <= instant_ms < _LATEST_MS:
        raise InstantError(f"'{text}' is outside the years 1970 to 2199")
    return instant_ms


def _parse_iso(text: str) -> int:
    try:
        instant = datetime.fromisoformat(_LOST_PLUS.sub(r"+\1", text))
    except ValueError:
        raise InstantError(
            f"'{text}' is not a time; give ISO 8601 such as 2026-11-03T06:00:00Z, or -1h, -30m, now"
        ) from None
    if instant.tzinfo is None:
        raise InstantError(f"'{text}' has no zone; add Z for UTC, or an offset such as +01:00")
    try:
        return to_ms(instant)
    except (OverflowError, ValueError):
        raise InstantError(f"'{text}' is outside the years 1970 to 2199") from None


def parse_range(start: str, stop: str, now_ms: int) -> TimeRange:
    """Return the range between two instants.

    Raises:
        InstantError: one is no instant, or they are in the wrong order.
    """
    found = TimeRange(parse_instant(start, now_ms), parse_instant(stop, now_ms))
    if found.start_ms >= found.stop_ms:
        raise InstantError(f"'from' ({at(found.start_ms):%Y-%m-%dT%H:%M:%SZ}) must be before 'to' "
                           f"({at(found.stop_ms):%Y-%m-%dT%H:%M:%SZ})")  # fmt: skip
    return found
