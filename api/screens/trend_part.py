"""The trend of one signal on an open page."""

from __future__ import annotations

import time

from markupsafe import Markup
from nicegui import ui

from api.screens.formats import shown_unit
from api.screens.look import Look
from api.screens.screen import Screen
from api.screens.trend import POINTS, RANGES_MS, REFRESH_S, is_empty, trend_options, with_live
from api.services.status import believed
from historian.ports import SampleReader, Series
from plant.model import Signal
from telemetry.clock import now_ms
from telemetry.live import LiveStation
from telemetry.sample import Sample

FIRST_RANGE = "5m"
_TICK_S = 1.0


class TrendPart:
    """A chart, its range buttons, and the questions that keep it fresh."""

    def __init__(self, reader: SampleReader, screen: Screen, live: LiveStation, signal: Signal) -> None:
        self._reader = reader
        self._screen = screen
        self._live = live
        self.signal = signal
        """The signal shown."""
        self._range = FIRST_RANGE
        self._found: Series | None = None
        self._asked_s = float("-inf")
        self._chart: ui.echart | None = None

    def show(self) -> None:
        """Draw heading, buttons and chart here."""
        screen = self._screen
        with ui.element("div").classes("trend-head"):
            screen.part(self._heading)
            with ui.element("div").classes("ranges"):
                for name, word in zip(RANGES_MS, screen.texts.range_words, strict=True):
                    self._button(name, word)
        self._chart = ui.echart(trend_options(None, self.signal, None, screen.look())).classes("chart")
        screen.part(self._emptiness)
        screen.ask(_TICK_S, self._keep_fresh)

    def choose(self, signal: Signal) -> None:
        """Show another signal; the address follows, so that it can be passed on."""
        self.signal = signal
        path = self._live.placed.path
        ui.navigate.history.replace(
            self._screen.look().links.station(path.site, path.line, path.station, signal.name)
        )
        self._start_over()

    def _button(self, name: str, word: str) -> None:
        button = ui.element("button").on("click", lambda: self._choose_range(name))
        with button:
            self._screen.part(
                lambda _: Markup("<span{}>{}</span>").format(
                    Markup(' aria-current="true"') if self._range == name else "", word
                ),
                tag="span",
            )

    def _choose_range(self, name: str) -> None:
        self._range = name
        self._start_over()

    def _start_over(self) -> None:
        self._found = None
        self._asked_s = float("-inf")
        self._screen.redraw()

    async def _keep_fresh(self) -> None:
        if time.monotonic() - self._asked_s >= REFRESH_S[self._range]:
            await self._ask()
        elif self._found is not None and not self._found.bucket_ms:
            self._found = with_live(self._found, self._live_sample(), now_ms())
            self._draw()

    async def _ask(self) -> None:
        self._asked_s = time.monotonic()
        signal, range_name = self.signal, self._range
        stop_ms = now_ms()
        placed = self._live.placed
        found = await self._reader.series(
            placed.path,
            placed.profile.measurement,
            f"{signal.name}[0]" if signal.is_array else signal.name,
            stop_ms - RANGES_MS[range_name],
            stop_ms,
            points=POINTS,
        )
        if (signal, range_name) == (self.signal, self._range):  # nobody chose otherwise meanwhile
            self._found = found
            self._draw()

    def _live_sample(self) -> Sample | None:
        """Return the newest sample as it may be believed; arrays are shown from the store only."""
        return None if self.signal.is_array else believed(self._live, self.signal.name, now_ms())

    def _draw(self) -> None:
        if self._chart is not None:
            options = trend_options(self._found, self.signal, self._live_sample(), self._screen.look())
            # The element's own options would be wrapped, point by point, to observe their changes.
            _ = self._chart.run_chart_method("setOption", options)

    def _heading(self, _look: Look) -> Markup:
        return Markup('<h2>{} <small class="dim">{}{}</small></h2>').format(
            self.signal.title, shown_unit(self.signal.unit), " · [0]" if self.signal.is_array else ""
        )

    def _emptiness(self, look: Look) -> Markup:
        if self._found is None or not is_empty(self._found):
            return Markup("")
        return Markup('<p class="empty over">{}</p>').format(look.texts.no_history)
