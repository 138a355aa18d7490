"""What surrounds every page: head, bar with path and clock, notices."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup
from nicegui import ui

from api.screens.look import Look
from api.screens.screen import Screen
from api.screens.texts import Language

STATIC = Path(__file__).parents[1] / "static"
_CSS = STATIC / "screens.css"
_CSS_VERSION = sha256(_CSS.read_bytes()).hexdigest()[:12]
_STALE_DATA_MS = 5000

THEME_SCRIPT = Markup('<script src="/static/theme.js"></script>')
_CLICK_SCRIPT = Markup('<script src="/static/click.js" defer></script>')


class Crumb(NamedTuple):
    """A step of the path to a page; the last one is where we are."""

    title: str
    href: str


def stylesheet() -> Markup:
    """Return the link to our style sheet; its version changes with its text."""
    return Markup('<link rel="stylesheet" href="/static/screens.css?v={}">').format(_CSS_VERSION)


@contextmanager
def framed(
    screen: Screen, title: str, crumbs: Sequence[Crumb], path: str, newest_ms: Callable[[], int | None]
) -> Iterator[None]:
    """Surround a page's content; begins its redrawing at the end."""
    ui.page_title(f"{title} · gigafloor")
    ui.add_head_html(str(THEME_SCRIPT + _CLICK_SCRIPT + stylesheet()))
    ui.add_head_html(_connection_words(screen))
    with ui.element("div").classes("page"):
        with ui.element("header").classes("top"):
            ui.html(str(_path(screen, crumbs)), sanitize=False, tag="nav")
            screen.part(lambda look: _clock(look, newest_ms()), css="clock")
            ui.html(str(_switches(screen, path)), sanitize=False).classes("switches")
        screen.part(lambda look: _notice(screen, look))
        with ui.element("main"):
            yield
    screen.start()


def _path(screen: Screen, crumbs: Sequence[Crumb]) -> Markup:
    look = screen.look()
    home = Markup('<a class="home" href="{}">gigafloor</a>').format(look.links.plants())
    steps = Markup("").join(
        Markup('<a href="{}">{}</a>').format(crumb.href, crumb.title) for crumb in crumbs[:-1]
    )
    here = Markup("<h1>{}</h1>").format(crumbs[-1].title) if crumbs else Markup("")
    return home + steps + here


def _clock(look: Look, newest_ms: int | None) -> Markup:
    texts, formats = look.texts, look.formats
    if newest_ms is None:
        data = Markup('<em class="old">✕ {}</em>').format(texts.no_data)
    else:
        age_ms = look.now_ms - newest_ms
        old = age_ms > _STALE_DATA_MS
        data = Markup("<em{}>{}{} {}</em>").format(
            Markup(' class="old"') if old else "", "✕ " if old else "", texts.data_age, formats.span(age_ms)
        )
    return Markup("{}<time><b>{}</b> {}</time>").format(
        data, formats.clock(look.now_ms), formats.zone(look.now_ms)
    )


def _switches(screen: Screen, path: str) -> Markup:
    other = Language.FRENCH if screen.language is Language.ENGLISH else Language.ENGLISH
    return Markup(
        '<a href="{}?lang={}">{}</a>'
        '<button type="button" onclick="switchTheme()" title="{theme}" aria-label="{theme}">◐</button>'
    ).format(path, other.value, screen.texts.other_language, theme=screen.texts.theme)


def _notice(screen: Screen, look: Look) -> Markup:
    if not screen.history_down:
        return Markup("")
    return Markup('<div class="notice" role="status">▲ {}</div>').format(look.texts.history_down)


def _connection_words(screen: Screen) -> str:
    """Say the lost connection in the reader's language."""
    words = json.dumps([screen.texts.connection_lost, screen.texts.connection_lost_more])
    language = json.dumps(screen.language.value)
    return (
        "<script>addEventListener('DOMContentLoaded',()=>{"
        f"document.documentElement.lang={language};"
        f"document.querySelectorAll('#popup>span').forEach((each,i)=>each.textContent={words}[i])"
        "})</script>"
    )
