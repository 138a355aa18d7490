"""Which minutes of which stations have to be computed again, because of what arrived (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collector.production.minute import minute_of
from plant.model import StationPath


class DirtyMinutes:
    """Minutes touched since they were last computed."""

    def __init__(self) -> None:
        self._minutes: dict[StationPath, set[int]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._minutes.values()))

    def mark(self, path: StationPath, instants_ms: Iterable[int]) -> None:
        """Mark the minutes the instants lie in."""
        self._minutes.setdefault(path, set()).update(map(minute_of, instants_ms))

    def take(self, until_ms: int, most: int) -> dict[StationPath, set[int]]:
        """Remove and return the newest marked minutes that begin before `until_ms`, at most `most`."""
        due = [
            (minute, path)
            for path, minutes in self._minutes.items()
            for minute in minutes
            if minute < until_ms
        ]
        taken: dict[StationPath, set[int]] = {}
        for minute, path in sorted(due, reverse=True)[:most]:
            taken.setdefault(path, set()).add(minute)
            self._minutes[path].discard(minute)
        return taken

    def has(self, path: StationPath, minute: int) -> bool:
        """Return whether the minute is marked."""
        return minute in self._minutes.get(path, ())

    def has_before(self, stop_ms: int) -> bool:
        """Return whether any marked minute begins before the instant."""
        return any(minute < stop_ms for minutes in self._minutes.values() for minute in minutes)

    def put_back(self, minutes: Mapping[StationPath, Iterable[int]]) -> None:
        """Mark minutes again that could not be computed."""
        for path, starts in minutes.items():
            self.mark(path, starts)
