"""Whether the primary host application is there, from its STATE messages (pure).

Sparkplug B 3.0, sections 5.7 and 5.14: an older message is a late will and
says nothing about now.
"""

from __future__ import annotations

import json


class PrimaryHost:
    """What one broker's STATE messages say, newest first."""

    def __init__(self) -> None:
        self.is_online = False
        self._timestamp: int | None = None

    def heard(self, payload: bytes) -> None:
        """Take in a STATE message.

        Raises:
            ValueError: it is not the JSON the specification asks for.
        """
        try:
            state = json.loads(payload)
            online, timestamp = state["online"], state["timestamp"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ValueError(f"not a STATE message: {payload[:80]!r}") from None
        if not isinstance(online, bool) or not isinstance(timestamp, int) or isinstance(timestamp, bool):
            raise ValueError(f"not a STATE message: {payload[:80]!r}")  # noqa: TRY004 - one error for the caller
        if self._timestamp is not None and timestamp < self._timestamp:
            return
        self._timestamp = timestamp
        self.is_online = online
