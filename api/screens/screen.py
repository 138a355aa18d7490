"""One open page: parts whose HTML is sent when it changed, and questions asked of the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from fastapi import Request
from markupsafe import Markup
from nicegui import ui

from api.screens.formats import Formats
from api.screens.links import Links
from api.screens.look import Look
from api.screens.texts import Language, Texts, language_of
from historian.ports import HistorianUnavailableError
from telemetry.clock import now_ms

logger = structlog.get_logger(__name__)

TICK_S = 0.5
"""An arrival shows within a second, and silence shows without one."""

Render = Callable[[Look], Markup]


class Screen:
    """Draws parts and keeps them true while the page is open."""

    def __init__(self, request: Request, lang: str | None, timezone: str) -> None:
        language = language_of(lang, request.headers.get("accept-language"))
        chosen = language if lang in tuple(Language) else None
        self._formats = Formats(language, timezone)
        self._links = Links(chosen)
        self._parts: list[tuple[ui.html, Render]] = []
        self.history_down = False
        """Whether the store refused the last question."""

    @property
    def texts(self) -> Texts:
        """The reader's table of words."""
        return self._formats.texts

    @property
    def language(self) -> Language:
        """The reader's language."""
        return self._formats.language

    def look(self) -> Look:
        """Return what pieces are drawn with, now."""
        return Look(self._formats, self._links, now_ms())

    def part(self, render: Render, *, tag: str = "div", css: str = "") -> ui.html:
        """Draw a part here and redraw it whenever its HTML changes; pieces escape what they show."""
        element = ui.html(str(render(self.look())), sanitize=False, tag=tag)
        if css:
            element.classes(css)
        self._parts.append((element, render))
        return element

    def link(self, href: str, css: str) -> ui.element:
        """Place a link; it stays while the parts inside are redrawn, and with it focus and clicks."""
        return ui.element("a").props(f'href="{href}"').classes(css)

    def ask(self, period_s: float, question: Callable[[], Awaitable[None]]) -> None:
        """Ask the store now and then; an outage is shown and asked again, never fatal."""

        async def asked() -> None:
            try:
                await question()
                self.history_down = False
            except HistorianUnavailableError as error:
                if not self.history_down:
                    logger.warning("a screen goes without history", reason=str(error))
                self.history_down = True

        ui.timer(period_s, asked)

    def start(self) -> None:
        """Begin to redraw; call once everything is placed."""
        ui.timer(TICK_S, self.redraw)

    def redraw(self) -> None:
        """Bring every part up to date; unchanged HTML is not sent."""
        look = self.look()
        for element, render in self._parts:
            element.set_content(str(render(look)))
