"""The live stream: Server-Sent Events of what changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from api.dependencies import ServicesOf
from api.errors import BadRequestError
from api.services.changes import Viewer
from api.services.find import find_line, find_site, find_station
from api.services.wiring import Services
from telemetry.clock import now_ms
from telemetry.live import LivePicture, LiveStation

router = APIRouter(tags=["live"])

PAUSE_MS = 100
"""At most ten events a second and station reach a viewer."""
LOOK_S = 0.02
"""A first change waits no longer than this."""
RECHECK_S = 1.0
"""A value that goes stale does so without anything arriving."""
HEARTBEAT_S = 10.0
"""Comments keep proxies from closing a quiet stream."""

StationNames = Annotated[
    list[str] | None,
    Query(description="`site`, `site/line` or `site/line/station`; repeat for several, none for all."),
]


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events named `station`."}},
)
async def stream(
    request: Request,
    services: ServicesOf,
    at: StationNames = None,
    signal: Annotated[list[str] | None, Query(description="Only these signals; repeat for several.")] = None,
) -> StreamingResponse:
    """Send what is known of the stations, then every change, at most ten times a second.

    Each event's data is a StationChange, its id the revision of the live
    picture. After a reconnection everything known is sent again.
    """
    viewer = Viewer(_chosen(services, at or []), frozenset(signal) if signal else None, PAUSE_MS)
    closing: asyncio.Event = request.app.state.closing
    return StreamingResponse(
        _events(viewer, services.live, closing),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(viewer: Viewer, live: LivePicture, closing: asyncio.Event) -> AsyncIterator[str]:
    """Yield events until the service closes; a client that leaves cancels us."""
    yield "retry: 1000\n\n"
    checked_s = said_s = float("-inf")
    while not closing.is_set():
        tick_s = time.monotonic()
        recheck = tick_s - checked_s >= RECHECK_S
        if recheck:
            checked_s = tick_s
        for change in viewer.changes(live, now_ms(), recheck=recheck):
            said_s = tick_s
            yield f"event: station\nid: {change.revision}\ndata: {change.model_dump_json()}\n\n"
        if tick_s - said_s >= HEARTBEAT_S:
            said_s = tick_s
            yield ": still here\n\n"
        await asyncio.sleep(LOOK_S)


def _chosen(services: Services, names: list[str]) -> list[LiveStation]:
    if not names:
        return list(services.live.stations.values())
    chosen: dict[tuple[str, str, str], LiveStation] = {}
    for name in names:
        match name.split("/"):
            case [site, line, station]:
                find_station(services.plant, services.live, site, line, station)
                wanted = (site, line, station)
            case [site, line]:
                find_line(services.plant, site, line)
                wanted = (site, line, "")
            case [site]:
                find_site(services.plant, site)
                wanted = (site, "", "")
            case _:
                raise BadRequestError(f"'at': give site, site/line or site/line/station, not '{name}'")
        chosen.update(
            (key, live)
            for key, live in services.live.stations.items()
            if all(part in ("", own) for part, own in zip(wanted, key, strict=True))
        )
    return list(chosen.values())
