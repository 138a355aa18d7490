"""A machine's state in words and shape (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from api.screens.look import Look
from api.screens.symbols import symbol
from api.services.status import StationStatus, station_status
from api.services.timeline import Segment
from plant.model import Role
from plant.packml import PackmlState, TimeClass
from telemetry.live import LiveStation


class StateView(NamedTuple):
    """How a station's state is shown."""

    status: StationStatus
    css: str
    """Class that colours and hatches: `dead`, `measuring`, or the time class."""
    word: str
    more: str
    """Since when, or what the word means."""


def state_view(live: LiveStation, look: Look, states: Sequence[Segment] = ()) -> StateView:
    """Return how the station's state is shown now."""
    status = station_status(live, look.now_ms)
    texts = look.texts
    if not status.contact.alive:
        seen_ms = status.contact.last_read_ms
        more = texts.never_seen if seen_ms is None else f"{texts.since} {look.formats.clock(seen_ms)}"
        return StateView(status, "dead", texts.no_contact, more)
    if live.placed.profile.with_role(Role.STATE) is None:
        return StateView(status, "measuring", texts.measuring, "")
    more = _since(status.state, states, look)
    if status.state == PackmlState.SUSPENDED:  # stopped from outside: that is what it means
        more = " · ".join(each for each in (texts.waiting_more, more) if each)
    return StateView(status, f"t-{status.time.value}", state_word(status.state, look), more)


def state_word(state: int | None, look: Look) -> str:
    """Return the reader's word for a state number."""
    try:
        return look.texts.states[PackmlState(state)] if state is not None else look.texts.unknown
    except ValueError:
        return f"{look.texts.state} {state}"


def _since(state: int | None, states: Sequence[Segment], look: Look) -> str:
    if not states or state is None or states[-1].state != state:
        return ""
    start_ms = states[-1].start_ms
    length = look.formats.span(look.now_ms - start_ms)
    if len(states) == 1:
        return f"{look.texts.longer_than} {length}"
    return f"{look.texts.since} {look.formats.clock(start_ms, seconds=False)} · {length}"


def state_symbol(view: StateView) -> Markup:
    """Return the shape of the state."""
    return symbol(view.status.time, measuring=view.css == "measuring")


def state_chip(live: LiveStation, look: Look) -> Markup:
    """Return the state as a small sign with the station's name."""
    view = state_view(live, look)
    return Markup(
        '<span class="chip {css}" title="{title}: {word} {more}">{symbol}<span>{name}</span></span>'
    ).format(
        css=view.css,
        title=live.placed.station.title,
        word=view.word,
        more=view.more,
        symbol=state_symbol(view),
        name=live.placed.station.title,
    )


def legend(look: Look) -> Markup:
    """Return what the shapes mean."""
    return Markup('<div class="legend">{}</div>').format(
        Markup("").join(
            Markup('<span class="{}">{}{}</span>').format(
                f"t-{time.value}", symbol(time), look.texts.times[time]
            )
            for time in TimeClass
        )
    )
