"""The plant, its stations, their signals and last values."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Now, Paging, ServicesOf, StationOf, Stations
from api.schemas.common import Page, Place
from api.schemas.plant import PlacedSignal, PlantNow, SignalValue, StationDetail
from api.services.describe import current, plant_now, signal_fields, station_detail
from api.services.find import search_signals

router = APIRouter(tags=["plant"])

Words = Annotated[str, Query(max_length=100, description="Words that must all occur.", examples=["tension"])]


@router.get("/plant")
def plant(services: ServicesOf, now_ms: Now) -> PlantNow:
    """Return all sites, areas, lines and stations with their states."""
    return plant_now(services.plant, services.live, now_ms)


@router.get("/stations/{site}/{line}/{station}")
def station(live: StationOf, now_ms: Now) -> StationDetail:
    """Return a station with all its signals, their limits and last values."""
    return station_detail(live, now_ms)


@router.get("/signals")
def signals(page: Paging, stations: Stations, q: Words = "") -> Page[PlacedSignal]:
    """Search signals by words in their names, titles, units and places."""
    found = list(search_signals(stations, q))
    items = [
        PlacedSignal(
            **signal_fields(signal, placed.profile).model_dump(),
            place=Place.of(placed.path),
            station_title=placed.station.title,
        )
        for placed, signal in islice(found, page.offset, page.offset + page.limit)
    ]
    return Page(items=items, total=len(found), limit=page.limit, offset=page.offset)


@router.get("/values")
def values(
    services: ServicesOf,
    page: Paging,
    now_ms: Now,
    stations: Stations,
    q: Words = "",
) -> Page[SignalValue]:
    """Return the last values of many signals, each with the quality it deserves now."""
    found = list(search_signals(stations, q))
    items = [
        SignalValue(
            place=Place.of(placed.path),
            signal=signal.name,
            unit=signal.unit,
            current=current(
                services.live.station(placed.path.site, placed.path.line, placed.path.station),
                signal.name,
                now_ms,
            ),
        )
        for placed, signal in islice(found, page.offset, page.offset + page.limit)
    ]
    return Page(items=items, total=len(found), limit=page.limit, offset=page.offset)
