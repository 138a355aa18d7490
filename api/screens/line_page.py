"""A line: its rate against plan, its stations in the order of flow, its last hour, its last products."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from markupsafe import Markup
from nicegui import ui

from api.screens.frame import Crumb, framed
from api.screens.look import Look
from api.screens.memo import Memo
from api.screens.pieces.figures import count_block, rate_block, rate_now, ratio_block
from api.screens.pieces.results import newest, results_table
from api.screens.pieces.state import legend, state_view
from api.screens.pieces.tile import station_tile
from api.screens.pieces.timeline import axis, strip
from api.screens.screen import Screen
from api.services.board import Board, StationFigures
from api.services.production import HOUR_MS
from api.services.rate import output_station
from api.services.status import newest_read_ms
from api.services.timeline import Segment
from api.services.wiring import Services
from historian.ports import StoredResult
from plant.model import Line, ResultRing, Role, Site, StationPath
from telemetry.clock import now_ms
from telemetry.live import LiveStation

FIGURES_S = 2.0
TIMELINE_S = 5.0
MOST_RESULTS = 8


@dataclass(slots=True)
class _Known:
    """What the store last said."""

    figures: dict[StationPath, StationFigures] = field(default_factory=dict)
    states: dict[StationPath, list[Segment]] = field(default_factory=dict)
    states_to_ms: int = 0
    results: list[StoredResult] = field(default_factory=list)


class LinePage:
    """One open line page."""

    def __init__(self, services: Services, board: Board, screen: Screen, site: Site, line: Line) -> None:
        self._board = board
        self._screen = screen
        self._site = site
        self._line = line
        self._stations = [
            services.live.station(site.site, line.line, station.station) for station in line.stations
        ]
        output = output_station(line, services.plant.profiles)
        self._output = (
            services.live.station(site.site, line.line, output.station) if output is not None else None
        )
        self._known = _Known()
        self._drawn_timeline = Memo()
        self._drawn_results = Memo()

    def show(self) -> None:
        """Build the page."""
        screen, links = self._screen, self._screen.look().links
        crumbs = [
            Crumb(self._site.title, links.site(self._site.site)),
            Crumb(self._line.title, links.line(self._site.site, self._line.line)),
        ]
        here = f"/line/{self._site.site}/{self._line.line}"
        with framed(screen, self._line.title, crumbs, here, lambda: newest_read_ms(self._stations, now_ms())):
            if self._output is not None:
                screen.part(self._band, css="band")
            with ui.element("div").classes("flow"):
                for live in self._stations:
                    path = live.placed.path
                    with screen.link(links.station(path.site, path.line, path.station), "step"):
                        screen.part(partial(self._tile, live))
            with ui.element("div").classes("lower"):
                if any(live.placed.profile.with_role(Role.STATE) for live in self._stations):
                    with ui.element("section").classes("card"):
                        screen.part(self._timeline)
                        ui.html(str(legend(screen.look())), sanitize=False)
                ring = self._ring()
                if ring is not None and self._output is not None:
                    with ui.element("section").classes("card"):
                        screen.part(self._results)
            screen.ask(FIGURES_S, self._ask_figures)
            screen.ask(TIMELINE_S, self._ask_states)

    async def _ask_figures(self) -> None:
        placed = [live.placed for live in self._stations]
        self._known.figures = await self._board.figures(placed, self._site.timezone, now_ms())
        ring = self._ring()
        if ring is not None and self._output is not None:
            self._known.results = await self._board.last_results(self._output.placed, ring.kind, now_ms())

    async def _ask_states(self) -> None:
        stop_ms = now_ms()
        placed = [live.placed for live in self._stations]
        self._known.states = await self._board.timelines(placed, stop_ms - HOUR_MS, stop_ms)
        self._known.states_to_ms = stop_ms

    def _ring(self) -> ResultRing | None:
        rings = self._output.placed.profile.result_rings if self._output is not None else ()
        return rings[0] if rings else None

    def _band(self, look: Look) -> Markup:
        if self._output is None:
            return Markup("")
        placed = self._output.placed
        found = self._known.figures.get(placed.path)
        counts = placed.profile.counts
        plan = self._line.plan.rate_per_min if self._line.plan else None
        return Markup("").join(
            (
                rate_block(rate_now(self._output, found, look), plan, look.texts.plan, counts, look),
                count_block(look.texts.last_hour, found.hour if found else None, counts, look),
                count_block(look.texts.today, found.today if found else None, counts, look),
                ratio_block(found, placed.station, look),
            )
        )

    def _tile(self, live: LiveStation, look: Look) -> Markup:
        path = live.placed.path
        return station_tile(live, self._known.figures.get(path), self._known.states.get(path, ()), look)

    def _timeline(self, look: Look) -> Markup:
        views = [state_view(live, look).css for live in self._stations]
        return self._drawn_timeline.draw(
            (views, self._known.states_to_ms), lambda: self._new_timeline(views, look)
        )

    def _new_timeline(self, views: list[str], look: Look) -> Markup:
        stop_ms = self._known.states_to_ms
        start_ms = stop_ms - HOUR_MS
        rows = Markup("").join(
            Markup('<div class="strip-row"><span class="{}">{}</span>{}</div>').format(
                css,
                live.placed.station.title,
                strip(self._known.states.get(live.placed.path, ()), start_ms, stop_ms, look),
            )
            for live, css in zip(self._stations, views, strict=True)
            if live.placed.profile.with_role(Role.STATE) is not None
        )
        foot = Markup('<div class="strip-row"><span></span>{}</div>').format(
            axis(start_ms, stop_ms, look) if stop_ms else ""
        )
        return Markup("<h2>{}</h2>{}{}").format(look.texts.timeline, rows, foot)

    def _results(self, look: Look) -> Markup:
        ring = self._ring()
        if ring is None or self._output is None:
            return Markup("")
        found = newest(self._output, self._known.results, ring.kind, MOST_RESULTS)
        title = self._output.placed.station.title
        return self._drawn_results.draw(
            [(result.at_ms, result.number) for result in found],
            lambda: Markup('<h2>{} <small class="dim">{} {}</small></h2><div class="scroll">{}</div>').format(
                look.texts.last_results, look.texts.output_of, title, results_table(ring, found, look)
            ),
        )
