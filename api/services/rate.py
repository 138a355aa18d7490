"""How fast a station or line produces now (pure): one definition for every screen and route."""

from __future__ import annotations

from collections.abc import Iterable

from api.services.production import MINUTE_MS, total
from historian.ports import ProductionMinute
from plant.model import Line, PlacedStation, Profile, Role, Station

WINDOW_MINUTES = 5
LEAST_KNOWN_S = 20.0
"""Below, one product more or less would swing the rate."""


def window_start_ms(now_ms: int) -> int:
    """Return where the window of the current rate begins: five whole minutes and the running one."""
    return now_ms - now_ms % MINUTE_MS - WINDOW_MINUTES * MINUTE_MS


def rate_per_min(minutes: Iterable[ProductionMinute], now_ms: int) -> float | None:
    """Return good products a minute over the known time of the window.

    Standing still counts, silence does not. None if too little is known.
    """
    start_ms = window_start_ms(now_ms)
    sums = total(minute for minute in minutes if start_ms <= minute.start_ms <= now_ms)
    if sums.known_s < LEAST_KNOWN_S:
        return None
    return sums.good / (sums.known_s / 60)


def counts_good(profile: Profile) -> bool:
    """Return whether machines of this type count good products."""
    return profile.with_role(Role.GOOD_COUNT) is not None


def output_station(line: Line, profiles: dict[str, Profile]) -> Station | None:
    """Return the station whose good count is the line's: the last that counts, in flow order."""
    return next(
        (station for station in reversed(line.stations) if counts_good(profiles[station.profile])), None
    )


def is_output(placed: PlacedStation, profiles: dict[str, Profile]) -> bool:
    """Return whether the station's good count is its line's."""
    return output_station(placed.line, profiles) is placed.station
