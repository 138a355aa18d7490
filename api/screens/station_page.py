"""A station: its state, counters, every signal with quality, a trend, alarms and results."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from markupsafe import Markup
from nicegui import ui

from api.screens.formats import shown_unit
from api.screens.frame import Crumb, framed
from api.screens.look import Look
from api.screens.memo import Memo
from api.screens.pieces.figures import count_block, rate_block, rate_now, ratio_block, shows_rate
from api.screens.pieces.results import newest, results_table
from api.screens.pieces.signals import age_content, limits_text, name_content, shown_signals, value_content
from api.screens.pieces.state import StateView, state_symbol, state_view
from api.screens.screen import Screen
from api.screens.trend_part import TrendPart
from api.services.board import Board, StationFigures
from api.services.production import HOUR_MS
from api.services.rate import counts_good
from api.services.status import active_alarms, knows_alarms, newest_read_ms
from api.services.timeline import Segment
from api.services.wiring import Services
from historian.ports import StoredResult
from plant.model import ResultRing, Role, Signal, Site
from telemetry.clock import now_ms
from telemetry.live import LiveStation

FIGURES_S = 2.0
_UNLESS_BROWSER_SHOULD = (
    "(e) => { if (window.did_handshake && !e.ctrlKey && !e.metaKey) { e.preventDefault(); emit(); } }"
)
"""Change the trend in place; before the page is connected, or for a new tab, the link does it."""
MOST_RESULTS = 8


@dataclass(slots=True)
class _Known:
    """What the store last said."""

    figures: StationFigures | None = None
    states: list[Segment] = field(default_factory=list)
    results: dict[str, list[StoredResult]] = field(default_factory=dict)


class StationPage:
    """One open station page."""

    def __init__(
        self,
        services: Services,
        board: Board,
        screen: Screen,
        site: Site,
        live: LiveStation,
        chosen: str | None,
    ) -> None:
        self._services = services
        self._board = board
        self._screen = screen
        self._site = site
        self._live = live
        self._signals = shown_signals(live)
        self._chosen = chosen
        self._known = _Known()
        self._drawn_band = Memo()

    def show(self) -> None:
        """Build the page."""
        screen, live = self._screen, self._live
        placed, links = live.placed, self._screen.look().links
        crumbs = [
            Crumb(self._site.title, links.site(self._site.site)),
            Crumb(placed.line.title, links.line(self._site.site, placed.line.line)),
            Crumb(placed.station.title, ""),
        ]
        path = f"/station/{placed.path.site}/{placed.path.line}/{placed.path.station}"
        with framed(screen, placed.station.title, crumbs, path, lambda: newest_read_ms([live], now_ms())):
            screen.part(self._band, css="band")
            trend = self._trend()
            with ui.element("div").classes("halves"):
                with ui.element("section").classes("card"):
                    self._signal_table(trend)
                with ui.element("div").classes("stack"):
                    if trend is not None:
                        with ui.element("section").classes("card"):
                            trend.show()
                    if any(signal.role is Role.ALARM_WORD for signal in placed.profile.signals):
                        screen.part(self._alarms, tag="section", css="card")
                    for ring in placed.profile.result_rings:
                        screen.part(partial(self._results, ring, Memo()), tag="section", css="card")
            screen.ask(FIGURES_S, self._ask)

    def _trend(self) -> TrendPart | None:
        """Return the trend of the chosen signal, else of the first that has limits."""
        numeric = [signal for signal in self._signals if signal.role is Role.PROCESS]
        limited = [signal for signal in numeric if signal.limits is not None and not signal.is_array]
        wanted = [signal for signal in numeric if signal.name == self._chosen] or limited or numeric
        if not wanted:
            return None
        return TrendPart(self._services.reader, self._screen, self._live, wanted[0])

    def _signal_table(self, trend: TrendPart | None) -> None:
        texts = self._screen.texts
        ui.html(str(Markup("{}").format(texts.signals)), tag="h2")
        with ui.element("div").classes("scroll"), ui.element("table").classes("signals"):
            head = Markup("<tr><th>{}</th><th>{}</th><th></th><th>{}</th><th>{}</th></tr>").format(
                texts.signal, texts.value, texts.limits, texts.age
            )
            ui.html(str(head), sanitize=False, tag="thead")
            with ui.element("tbody"):
                for signal in self._signals:
                    self._signal_row(signal, trend)

    def _signal_row(self, signal: Signal, trend: TrendPart | None) -> None:
        screen, live = self._screen, self._live
        row = ui.element("tr")
        with row:
            screen.part(
                lambda look: name_content(
                    live, signal, look, chosen=trend is not None and trend.signal is signal
                ),
                tag="td",
                css="name",
            )
            screen.part(partial(value_content, live, signal), tag="td", css="num")
            for text, css in (
                (shown_unit(signal.unit), "unit"),
                (limits_text(signal, screen.look()), "limits"),
            ):
                ui.html(str(Markup("{}").format(text)), sanitize=False, tag="td").classes(css)
            screen.part(partial(age_content, live, signal), tag="td", css="age")
        if trend is not None and signal.role is Role.PROCESS:
            row.on("click", lambda: trend.choose(signal), js_handler=_UNLESS_BROWSER_SHOULD)

    async def _ask(self) -> None:
        stop_ms = now_ms()
        placed = self._live.placed
        found = await self._board.figures([placed], self._site.timezone, stop_ms)
        self._known.figures = found.get(placed.path)
        states = await self._board.timelines([placed], stop_ms - HOUR_MS, stop_ms)
        self._known.states = states.get(placed.path, [])
        for ring in placed.profile.result_rings:
            self._known.results[ring.kind] = await self._board.last_results(placed, ring.kind, stop_ms)

    def _band(self, look: Look) -> Markup:
        view = state_view(self._live, look, self._known.states)
        rate = rate_now(self._live, self._known.figures, look)
        return self._drawn_band.draw(
            (view[1:], rate, self._known.figures), lambda: self._new_band(view, rate, look)
        )

    def _new_band(self, view: StateView, rate: float | None, look: Look) -> Markup:
        texts, figures = look.texts, self._known.figures
        profile, station = self._live.placed.profile, self._live.placed.station
        blocks = [
            Markup(
                '<div class="kpi state-kpi {}"><h3>{}</h3><div class="state">{}<strong>{}</strong></div>'
                '<div class="dim">{}</div></div>'
            ).format(view.css, texts.state, state_symbol(view), view.word, view.more or Markup("&nbsp;"))
        ]
        if counts_good(profile):
            counts = profile.counts
            if shows_rate(station):
                ideal = station.ideal_rate_per_min
                blocks.append(rate_block(rate, ideal, texts.ideal, counts, look, warns=False))
            blocks.append(count_block(texts.last_hour, figures.hour if figures else None, counts, look))
            blocks.append(count_block(texts.today, figures.today if figures else None, counts, look))
            blocks.append(ratio_block(figures, station, look))
        return Markup("").join(blocks)

    def _alarms(self, look: Look) -> Markup:
        alarms = active_alarms(self._live, look.now_ms)
        rows = Markup("").join(
            Markup('<li class="p-{}"><b>▲ {}</b> {}</li>').format(
                alarm.meaning.priority.value,
                look.texts.priorities[alarm.meaning.priority.value],
                alarm.meaning.text,
            )
            for alarm in alarms
        )
        body = (
            Markup('<ul class="alarms">{}</ul>').format(rows)
            if alarms
            else Markup('<p class="empty">{}</p>').format(
                look.texts.no_alarms if knows_alarms(self._live, look.now_ms) else look.texts.alarms_unknown
            )
        )
        return Markup("<h2>{}</h2>{}").format(look.texts.alarms, body)

    def _results(self, ring: ResultRing, memo: Memo, look: Look) -> Markup:
        found = newest(self._live, self._known.results.get(ring.kind, ()), ring.kind, MOST_RESULTS)
        return memo.draw(
            [(result.at_ms, result.number) for result in found],
            lambda: Markup('<h2>{}</h2><div class="scroll">{}</div>').format(
                look.texts.last_results, results_table(ring, found, look)
            ),
        )
