"""A station as a tile in its line's flow (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from api.screens.look import Look
from api.screens.pieces.figures import bar, counted, rate_now, shows_rate
from api.screens.pieces.signals import highlights
from api.screens.pieces.state import state_symbol, state_view
from api.services.board import StationFigures
from api.services.rate import counts_good
from api.services.status import active_alarms
from api.services.timeline import Segment
from telemetry.live import LiveStation

MOST_VALUES = 10
"""On the tile of a station that measures and makes nothing."""


def station_tile(
    live: LiveStation, figures: StationFigures | None, states: Sequence[Segment], look: Look
) -> Markup:
    """Return the tile: state, rate against the ideal, good and reject, the most urgent alarm."""
    placed = live.placed
    view = state_view(live, look, states)
    body = (
        _production(live, figures, look)
        if counts_good(placed.profile)
        else highlights(live, look, most=MOST_VALUES)
    )
    return Markup(
        '<div class="tile {css}"><h3>{title}</h3>'
        '<div class="state">{symbol}<strong>{word}</strong></div><div class="since">{more}</div>'
        "{alarm}{body}</div>"
    ).format(
        css=view.css,
        title=placed.station.title,
        symbol=state_symbol(view),
        word=view.word,
        more=view.more or Markup("&nbsp;"),
        alarm=_alarm(live, look),
        body=body,
    )


def _alarm(live: LiveStation, look: Look) -> Markup:
    alarms = active_alarms(live, look.now_ms)
    if not alarms:
        return Markup('<div class="alarm none">&nbsp;</div>')
    first = alarms[0].meaning
    more = Markup(" +{}").format(len(alarms) - 1) if len(alarms) > 1 else ""
    return Markup('<div class="alarm p-{}">▲ {}{}</div>').format(first.priority.value, first.text, more)


def _production(live: LiveStation, figures: StationFigures | None, look: Look) -> Markup:
    placed, formats, texts = live.placed, look.formats, look.texts
    ideal = placed.station.ideal_rate_per_min
    good, reject = (figures.hour.good, figures.hour.reject) if figures else (None, None)
    what = counted(placed.profile.counts, look)
    rate = Markup("")
    if shows_rate(placed.station):
        value = rate_now(live, figures, look)
        rate = Markup(
            '<div class="row"><b class="mid">{rate}</b><span class="dim">{what}{per}</span>'
            '<span class="dim right">{word} {ideal}</span></div>{bar}'
        ).format(
            rate=formats.rate(value),
            what=what,
            per=texts.per_min,
            word=texts.ideal if ideal else "",
            ideal=formats.rate(ideal) if ideal else "",
            bar=bar(value, ideal, warns=False),
        )
    return Markup(
        '{rate}<div class="row two"><span><i>{good_word}</i><b>{good}</b></span>'
        '<span><i>{reject_word}</i><b>{reject}</b></span><span class="dim right">{hour}</span></div>'
    ).format(
        rate=rate,
        good_word=texts.good,
        good=formats.number(good),
        reject_word=texts.reject,
        reject=formats.number(reject),
        hour=texts.last_hour.lower(),
    )
