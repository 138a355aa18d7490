"""The only place that reads the wall clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Return milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def at(ms: int) -> datetime:
    """Return the instant as an aware UTC datetime."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_ms(instant: datetime) -> int:
    """Return an aware instant as milliseconds since 1970."""
    return round(instant.timestamp() * 1000)
