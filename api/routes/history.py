"""What the historian knows: series, results, production."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Id, Now, Paging, ServicesOf, Span, StationOf, Stations
from api.errors import BadRequestError, NotFoundError
from api.schemas.common import Page, Place, plain
from api.schemas.history import ProductionAnswer, SeriesAnswer
from api.schemas.plant import ResultAnswer
from api.services.answers import production_answers, series_answer
from api.services.find import find_signal
from api.services.production import MINUTE_MS, BucketWidth
from plant.model import PlacedStation
from telemetry.clock import at

router = APIRouter(tags=["history"])

MOST_POINTS = 5000
MOST_MINUTES = 31 * 24 * 60
"""Of production in one question, by range; a month of minutes."""


@router.get("/series")
async def series(
    services: ServicesOf,
    live: StationOf,
    span: Span,
    signal: Id,
    points: Annotated[int, Query(ge=1, le=MOST_POINTS, description="Most points to return.")] = 1000,
) -> SeriesAnswer:
    """Return a signal over time: raw samples if few enough, else minimum, maximum and mean.

    An element of an array signal is asked as `name[3]`, counted from 0.
    """
    described = find_signal(live.placed, signal)
    measurement = live.placed.profile.measurement
    found = await services.reader.series(
        live.placed.path, measurement, signal, span.start_ms, span.stop_ms, points=points
    )
    return series_answer(found, described)


@router.get("/results/{kind}")
async def results(
    services: ServicesOf,
    page: Paging,
    span: Span,
    kind: str,
    chosen: Stations,
    key: Annotated[
        str | None, Query(min_length=1, max_length=100, description="Serial, batch or roll number.")
    ] = None,
) -> Page[ResultAnswer]:
    """Return results of a kind (cell, roll, batch...), newest first."""
    stations = [placed for placed in chosen if _reports(placed, kind)]
    if not stations:
        known = sorted(
            {ring.kind for profile in services.plant.profiles.values() for ring in profile.result_rings}
        )
        raise NotFoundError("kind", f"No station asked for reports '{kind}'. Kinds are: {', '.join(known)}.")
    paths = [placed.path for placed in stations]
    most = page.offset + page.limit
    if most > 100_000:
        raise BadRequestError("'offset' and 'limit' may reach to 100000; ask for a shorter time instead")
    found = await services.reader.results(kind, span.start_ms, span.stop_ms, paths=paths, key=key, limit=most)
    if key is None:
        counts = await services.reader.count_results(kind, span.start_ms, span.stop_ms, paths=paths)
        total = sum(counts.values())
    else:
        total = len(found)
    items = [
        ResultAnswer(
            place=Place.of(path),
            kind=result.kind,
            at=at(result.at_ms),
            number=result.number,
            key=result.key,
            fields={name: plain(value) for name, value in result.fields.items()},
        )
        for path, result in found[page.offset : most]
    ]
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


@router.get("/production")
async def production(
    services: ServicesOf,
    page: Paging,
    span: Span,
    now_ms: Now,
    stations: Stations,
    bucket: BucketWidth = BucketWidth.HOUR,
) -> Page[ProductionAnswer]:
    """Return good, reject, times by ISO 22400 class and ratios, per station and interval."""
    minutes = (span.stop_ms - span.start_ms) / MINUTE_MS
    if minutes > MOST_MINUTES:
        raise BadRequestError("'from' and 'to' may be 31 days apart at most; ask for a shorter time")
    stored = await services.reader.production(
        span.start_ms, span.stop_ms, paths=[placed.path for placed in stations]
    )
    items = production_answers(stored, stations, services.plant.profiles, bucket, span, now_ms)
    part = items[page.offset : page.offset + page.limit]
    return Page(items=part, total=len(items), limit=page.limit, offset=page.offset)


def _reports(placed: PlacedStation, kind: str) -> bool:
    return any(ring.kind == kind for ring in placed.profile.result_rings)
