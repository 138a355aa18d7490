"""Finding stations and signals by name; what is not there is said with what is (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from api.errors import BadRequestError, NotFoundError
from plant.model import Line, PlacedStation, Plant, Signal, Site
from telemetry.live import LivePicture, LiveStation

_ELEMENT = re.compile(r"(?P<name>[a-z0-9_]+)(\[(?P<index>\d{1,4})\])?")


def find_site(plant: Plant, site: str) -> Site:
    """Return the site.

    Raises:
        NotFoundError: there is none of that id.
    """
    try:
        return plant.site(site)
    except KeyError:
        known = [each.site for each in plant.sites]
        raise NotFoundError("site", f"There is no site '{site}'.{_hint(site, known)}") from None


def find_line(plant: Plant, site: str, line: str) -> Line:
    """Return the line.

    Raises:
        NotFoundError: there is none of that id.
    """
    lines = {each.line: each for area in find_site(plant, site).areas for each in area.lines}
    if line not in lines:
        raise NotFoundError("line", f"Site '{site}' has no line '{line}'.{_hint(line, list(lines))}")
    return lines[line]


def find_station(plant: Plant, live: LivePicture, site: str, line: str, station: str) -> LiveStation:
    """Return the station as it is now.

    Raises:
        NotFoundError: there is none of that id.
    """
    try:
        return live.station(site, line, station)
    except KeyError:
        known = [each.station for each in find_line(plant, site, line).stations]
        detail = f"Line '{line}' of '{site}' has no station '{station}'.{_hint(station, known)}"
        raise NotFoundError("station", detail) from None


def find_signal(placed: PlacedStation, name: str) -> Signal:
    """Return the signal; `name[3]` names an element of an array, counted from 0.

    Raises:
        NotFoundError: the station has no such signal.
        BadRequestError: an array was asked for as a whole, or an element that it has not.
    """
    match = _ELEMENT.fullmatch(name)
    known = [signal.name for signal in placed.profile.signals]
    if match is None or match["name"] not in known:
        detail = f"Station '{placed.path.station}' has no signal '{name}'.{_hint(name, known)}"
        raise NotFoundError("signal", detail)
    signal = placed.profile.signal(match["name"])
    count = signal.modbus.count if signal.modbus else 1
    if signal.is_array and match["index"] is None:
        raise BadRequestError(f"'{name}' has {count} elements; ask for one of them, such as '{name}[0]'")
    if match["index"] is not None and not (signal.is_array and int(match["index"]) < count):
        raise BadRequestError(f"'{signal.name}' has no element {match['index']}")
    return signal


def search_signals(stations: Iterable[PlacedStation], words: str) -> Iterator[tuple[PlacedStation, Signal]]:
    """Yield the signals in whose names, titles or places every word occurs."""
    wanted = words.casefold().split()
    for placed in stations:
        for signal in placed.profile.signals:
            text = " ".join(
                (*placed.path, placed.station.title, signal.name, signal.title, signal.unit, signal.ref or "")
            ).casefold()
            if all(word in text for word in wanted):
                yield placed, signal


def _hint(wrong: str, known: list[str]) -> str:
    near = get_close_matches(wrong, known, n=1)
    if near:
        return f" Did you mean '{near[0]}'?"
    shown = ", ".join(known[:12])
    return f" There are: {shown}{', ...' if len(known) > 12 else ''}."
