"""All plants at a glance, or one of them: each line's rate, counts and stations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from markupsafe import Markup
from nicegui import ui

from api.screens.frame import Crumb, framed
from api.screens.look import Look
from api.screens.pieces.figures import bar, counted, rate_now
from api.screens.pieces.signals import highlights
from api.screens.pieces.state import legend, state_chip
from api.screens.screen import Screen
from api.services.board import Board, StationFigures
from api.services.production import Sums
from api.services.rate import output_station
from api.services.status import contact, newest_read_ms
from api.services.wiring import Services
from plant.model import Line, PlacedStation, Site, StationPath
from telemetry.clock import now_ms

FIGURES_S = 2.0

Figures = dict[StationPath, StationFigures]


def show_plants(
    services: Services, board: Board, screen: Screen, sites: Sequence[Site], *, wide: bool
) -> None:
    """Build the page of all sites, or of one."""
    figures: Figures = {}
    stations = {site.site: list(services.plant.stations(site=site.site)) for site in sites}

    async def ask() -> None:
        for site in sites:
            outputs = _outputs(services, stations[site.site])
            figures.update(await board.figures(outputs, site.timezone, now_ms()))

    shown = [live for (site, _, _), live in services.live.stations.items() if site in stations]
    crumbs = (
        [Crumb(sites[0].title, screen.look().links.site(sites[0].site))]
        if wide
        else [Crumb(screen.texts.plants, "")]
    )
    title = sites[0].title if wide else screen.texts.plants
    path = f"/site/{sites[0].site}" if wide else "/"
    with framed(screen, title, crumbs, path, lambda: newest_read_ms(shown, now_ms())):
        with ui.element("div").classes("sites wide" if wide else "sites"):
            for site in sites:
                _site_card(services, screen, site, figures)
        ui.html(str(legend(screen.look())), sanitize=False)
        screen.ask(FIGURES_S, ask)


def _outputs(services: Services, stations: Sequence[PlacedStation]) -> list[PlacedStation]:
    profiles = services.plant.profiles
    return [placed for placed in stations if output_station(placed.line, profiles) is placed.station]


def _site_card(services: Services, screen: Screen, site: Site, figures: Figures) -> None:
    with ui.element("section").classes("card site"):
        with ui.element("div").classes("site-head"):
            ui.html(str(_site_name(site, screen.look())), sanitize=False)
            screen.part(partial(_answering, services, site))
        for area in site.areas:
            for line in area.lines:
                _line_row(services, screen, site, area.title, line, figures)


def _site_name(site: Site, look: Look) -> Markup:
    gwh = site.capacity_gwh_per_year
    capacity = f" · {look.formats.number(gwh, 1)} GWh/a" if gwh else ""
    return Markup('<h2><a href="{}">{}</a></h2><p class="dim">{}{}</p>').format(
        look.links.site(site.site), site.title, site.product or site.place, capacity
    )


def _answering(services: Services, site: Site, look: Look) -> Markup:
    stations = [live for (name, _, _), live in services.live.stations.items() if name == site.site]
    answering = sum(contact(live, look.now_ms).alive for live in stations)
    return Markup('<div class="answering {}"><b>{}</b> / {} <span class="dim">{}</span></div>').format(
        "" if answering == len(stations) else "lacking",
        answering,
        len(stations),
        look.texts.stations_answering,
    )


def _line_row(
    services: Services, screen: Screen, site: Site, area: str, line: Line, figures: Figures
) -> None:
    links = screen.look().links
    name = Markup('<a href="{}">{}</a><span class="dim">{}</span>').format(
        links.line(site.site, line.line), line.title, area
    )
    with ui.element("div").classes("line-row"):
        ui.html(str(name), sanitize=False).classes("line-name")
        screen.part(partial(_line_figures, services, site, line, figures))
        with ui.element("div").classes("chips"):
            for station in line.stations:
                live = services.live.station(site.site, line.line, station.station)
                with screen.link(links.station(site.site, line.line, station.station), "chip-link"):
                    screen.part(partial(state_chip, live), tag="span")


def _line_figures(services: Services, site: Site, line: Line, figures: Figures, look: Look) -> Markup:
    output = output_station(line, services.plant.profiles)
    if output is None:
        tables = Markup("").join(
            highlights(services.live.station(site.site, line.line, station.station), look, most=2)
            for station in line.stations
        )
        return Markup('<div class="line-figures values">{}</div>').format(tables)
    live = services.live.station(site.site, line.line, output.station)
    found = figures.get(live.placed.path)
    plan = line.plan.rate_per_min if line.plan else None
    what = counted(live.placed.profile.counts, look)
    rate = rate_now(live, found, look)
    return Markup(
        '<div class="line-figures"><div class="line-rate"><b class="big">{rate}</b>'
        '<span class="dim">{what}{per}</span>'
        '<span class="dim right">{plan}</span>{bar}</div>{hour}{today}</div>'
    ).format(
        rate=look.formats.rate(rate),
        what=what,
        per=look.texts.per_min,
        plan=f"{look.texts.plan} {look.formats.rate(plan)}" if plan else look.texts.no_plan,
        bar=bar(rate, plan, warns=True),
        hour=_counts(look.texts.last_hour, found.hour if found else None, look),
        today=_counts(look.texts.today, found.today if found else None, look),
    )


def _counts(title: str, sums: Sums | None, look: Look) -> Markup:
    return Markup('<div class="counts"><h4>{}</h4><b>{}</b><span class="dim">{} {}</span></div>').format(
        title,
        look.formats.number(sums.good if sums else None),
        look.texts.reject.lower(),
        look.formats.number(sums.reject if sums else None),
    )
