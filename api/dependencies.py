"""What routes are handed: the services, the time, pages, parsed ranges."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Query, Request

from api.errors import BadRequestError
from api.instants import TimeRange, parse_range
from api.services.find import find_line, find_site, find_station
from api.services.wiring import Services
from plant.model import PlacedStation
from telemetry.clock import now_ms
from telemetry.live import LiveStation


class PageOf(NamedTuple):
    """Which part of a list is wanted."""

    limit: int
    offset: int


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _page(
    limit: Annotated[int, Query(ge=1, le=1000, description="Most items to return.")] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="Items to skip.")] = 0,
) -> PageOf:
    return PageOf(limit, offset)


def _range(
    start: Annotated[
        str,
        Query(alias="from", max_length=60, description="ISO 8601 with zone, or relative such as -1h.",
              examples=["-1h"]),
    ] = "-1h",
    stop: Annotated[
        str, Query(alias="to", max_length=60, description="Exclusive end, likewise.", examples=["now"])
    ] = "now",
) -> TimeRange:  # fmt: skip
    return parse_range(start, stop, now_ms())


ServicesOf = Annotated[Services, Depends(_services)]
Now = Annotated[int, Depends(now_ms)]
"""Milliseconds since 1970 when the request came."""
Paging = Annotated[PageOf, Depends(_page)]
Span = Annotated[TimeRange, Depends(_range)]
Id = Annotated[str, Query(min_length=1, max_length=60)]
OptionalId = Annotated[str | None, Query(min_length=1, max_length=60)]


def _station(services: ServicesOf, site: str, line: str, station: str) -> LiveStation:
    return find_station(services.plant, services.live, site, line, station)


StationOf = Annotated[LiveStation, Depends(_station)]
"""The station that `site`, `line` and `station` name, from the path or the query."""


def _stations(
    services: ServicesOf, site: OptionalId = None, line: OptionalId = None, station: OptionalId = None
) -> list[PlacedStation]:
    if line is not None and site is None:
        raise BadRequestError("'line' needs 'site': line ids are unique within a site only")
    if station is not None and (site is None or line is None):
        raise BadRequestError("'station' needs 'site' and 'line'")
    if site is not None and line is not None and station is not None:
        return [find_station(services.plant, services.live, site, line, station).placed]
    if site is not None and line is not None:
        find_line(services.plant, site, line)
    elif site is not None:
        find_site(services.plant, site)
    return list(services.plant.stations(site=site, line=line))


Stations = Annotated[list[PlacedStation], Depends(_stations)]
"""The stations of the site, line or station that the query names, which must exist; without, all."""
