"""How the service is."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api.dependencies import Now, ServicesOf
from api.schemas.history import Check, HealthAnswer
from api.services.status import contact
from api.services.wiring import Services
from runtime.vitals import Vitals
from telemetry.clock import at

router = APIRouter(tags=["health"])


@router.get("/health")
async def health(services: ServicesOf, now_ms: Now) -> HealthAnswer:
    """Return how the parts are; always 200, so that a person can read it."""
    return await _health(services, now_ms)


@router.get("/health/live")
async def alive() -> Check:
    """Answer; for a supervisor that asks whether the process hangs."""
    return Check(ok=True, message="the process answers")


@router.get("/health/ready", responses={503: {"description": "A part does not work."}})
async def ready(services: ServicesOf, now_ms: Now, response: Response) -> HealthAnswer:
    """Return 503 while the historian or the broker is out of reach; for a load balancer."""
    found = await _health(services, now_ms)
    if found.status != "ok":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return found


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(services: ServicesOf, request: Request) -> Response:
    """Return counters and gauges in Prometheus' text format."""
    own: Vitals = request.app.state.vitals
    text = b"".join(vitals.exposition() for vitals in (own, *services.vitals))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _health(services: Services, now_ms: int) -> HealthAnswer:
    store = await services.reader.health()
    connected = services.broker_connected() if services.broker_connected else None
    contacts = [contact(live, now_ms) for live in services.live.stations.values()]
    newest_ms = max((each.last_read_ms for each in contacts if each.last_read_ms is not None), default=None)
    broker = (
        None if connected is None else Check(ok=connected, message="connected" if connected else "no session")
    )
    return HealthAnswer(
        status="ok" if store.ok and connected is not False else "degraded",
        historian=Check(ok=store.ok, message=store.message),
        broker=broker,
        newest_data_at=at(newest_ms) if newest_ms is not None else None,
        newest_data_age_s=(now_ms - newest_ms) / 1000 if newest_ms is not None else None,
        stations_online=sum(each.alive for each in contacts),
        stations=len(contacts),
    )
