"""Puts the screens on the app: addresses, and what is said where there is nothing."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from nicegui import ui
from starlette.staticfiles import StaticFiles

from api.errors import NotFoundError
from api.screens.frame import STATIC, THEME_SCRIPT, stylesheet
from api.screens.line_page import LinePage
from api.screens.links import Links
from api.screens.plants_page import show_plants
from api.screens.screen import Screen
from api.screens.station_page import StationPage
from api.screens.texts import TABLES, language_of
from api.services.board import Board
from api.services.find import find_line, find_site, find_station
from api.services.wiring import Services

RECONNECT_S = 10.0
"""How long a page whose connection broke is kept for it to come back."""
_UTC = "UTC"


def mount_screens(app: FastAPI, services: Services, board: Board) -> None:
    """Add the pages to the app; possible once per process."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _add_pages(services, board)
    ui.run_with(
        app,
        root=_unknown_address,
        title="gigafloor",
        favicon=STATIC / "favicon.svg",
        dark=None,
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=RECONNECT_S,
        show_welcome_message=False,
    )


def _add_pages(services: Services, board: Board) -> None:
    plant = services.plant

    @ui.page("/")
    def plants(request: Request, lang: str | None = None) -> None:
        zones = {site.timezone for site in plant.sites}
        screen = Screen(request, lang, zones.pop() if len(zones) == 1 else _UTC)
        show_plants(services, board, screen, plant.sites, wide=False)

    @ui.page("/site/{site}")
    def one_site(request: Request, site: str, lang: str | None = None) -> HTMLResponse | None:
        try:
            found = find_site(plant, site)
        except NotFoundError as error:
            return not_found(request, str(error))
        show_plants(services, board, Screen(request, lang, found.timezone), [found], wide=True)
        return None

    @ui.page("/line/{site}/{line}")
    def one_line(request: Request, site: str, line: str, lang: str | None = None) -> HTMLResponse | None:
        try:
            found = find_line(plant, site, line)
        except NotFoundError as error:
            return not_found(request, str(error))
        where = plant.site(site)
        LinePage(services, board, Screen(request, lang, where.timezone), where, found).show()
        return None

    @ui.page("/station/{site}/{line}/{station}")
    def one_station(
        request: Request,
        site: str,
        line: str,
        station: str,
        lang: str | None = None,
        signal: str | None = None,
    ) -> HTMLResponse | None:
        try:
            live = find_station(plant, services.live, site, line, station)
        except NotFoundError as error:
            return not_found(request, str(error))
        where = plant.site(site)
        StationPage(services, board, Screen(request, lang, where.timezone), where, live, signal).show()
        return None


def _unknown_address(request: Request) -> HTMLResponse:
    return not_found(request, request.url.path)


def not_found(request: Request, detail: str) -> HTMLResponse:
    """Return the page for a place that does not exist."""
    language = language_of(request.query_params.get("lang"), request.headers.get("accept-language"))
    texts = TABLES[language]
    page = Markup(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><title>gigafloor</title>'
        '<meta name="viewport" content="width=device-width">{}{}'
        '<body class="nothing"><h1>{}</h1><p>{}</p><p class="dim">{}</p><p><a href="{}">{}</a></p></html>'
    ).format(
        language.value, THEME_SCRIPT, stylesheet(), texts.not_found, texts.not_found_more,
        detail[:200], Links().plants(), texts.to_plants,
    )  # fmt: skip
    return HTMLResponse(page, status_code=404)
