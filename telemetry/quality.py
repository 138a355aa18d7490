"""How far a value can be trusted."""

from __future__ import annotations

from enum import IntEnum


class Quality(IntEnum):
    """OPC UA status classes with the codes Sparkplug B gives them, plus uncertain."""

    BAD = 0
    """No usable value: refused, not decodable, sentinel, outside the instrument's range."""
    UNCERTAIN = 64
    """A value was read, but there is a reason to doubt it."""
    GOOD = 192
    STALE = 500
    """The source no longer answers; the value is the last one known."""

    @property
    def usable(self) -> bool:
        """Whether figures may be computed from a value of this quality."""
        return self is Quality.GOOD
