"""Wires the API and the screens; the only module here that constructs."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException

from api.errors import install_error_handlers
from api.guard import Guard
from api.routes import docs, health, history, plant, stream
from api.schemas.history import Problem
from api.services.board import Board
from api.services.wiring import ApiSettings, Services, Store
from api.serving import serve
from runtime.vitals import Vitals

__all__ = ["ApiSettings", "Services", "Store", "create_app", "serve"]

PREFIX = "/api/v1"
_DESCRIPTION = """What battery lines do now and did before. Read-only.

Instants are ISO 8601 in UTC. `from` and `to` also take times relative to now: `-30s`, `-5m`, `-1h`, `-2d`.
Errors are `application/problem+json` (RFC 9457). Lists are paged by `limit` and `offset`."""


def create_app(services: Services, *, screens: bool = True) -> FastAPI:
    """Return the app; screens can be had once per process, for their framework is a singleton."""
    app = FastAPI(
        title="gigafloor",
        version="1",
        description=_DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # FastAPI's page loads its assets from the internet, which a plant has not
        redoc_url=None,
    )
    app.state.services = services
    app.state.closing = asyncio.Event()
    app.state.vitals = Vitals("api")
    app.add_middleware(Guard, vitals=app.state.vitals)
    install_error_handlers(app)
    app.include_router(_versioned())
    app.include_router(docs.router)
    app.add_api_route("/api/{rest:path}", _nothing_here, include_in_schema=False)
    if screens:
        from api.screens.mount import mount_screens  # noqa: PLC0415 - 0.5 s to import, and only for screens

        mount_screens(app, services, Board(services.reader))
    return app


def _versioned() -> APIRouter:
    router = APIRouter(
        prefix=PREFIX,
        responses={code: {"model": Problem, "description": text} for code, text in _PROBLEMS.items()},
    )
    for part in (plant, history, stream, health):
        router.include_router(part.router)
    return router


_PROBLEMS: dict[int | str, str] = {
    404: "There is no such thing; the detail names what is near.",
    422: "A parameter makes no sense; one sentence for each.",
    503: "The historian does not answer.",
}


async def _nothing_here(rest: str) -> None:
    """Keep the screens' page for unknown addresses away from programs."""
    raise HTTPException(404, rest)
