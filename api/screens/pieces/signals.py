"""Signals and their values; what is not good looks not good (pure)."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from api.screens.formats import NOTHING, decimals_for, shown_unit
from api.screens.look import Look
from api.services.status import believed, violated_limit
from plant.model import Limits, Role, Signal
from telemetry.live import LiveStation, read_at_ms
from telemetry.quality import Quality

_FRESH_MS = 3000
"""Younger than this is simply now."""
_SHOWN_ROLES = (Role.PROCESS, Role.IDENTITY)


def shown_signals(live: LiveStation) -> list[Signal]:
    """Return the signals a person reads as values: not state words or alarm bits."""
    return [signal for signal in live.placed.profile.signals if signal.role in _SHOWN_ROLES]


def name_content(live: LiveStation, signal: Signal, look: Look, *, chosen: bool) -> Markup:
    """Return the signal's name, linked to its trend if it is a process value."""
    if signal.role is not Role.PROCESS:
        return Markup("{}").format(signal.title)
    path = live.placed.path
    href = look.links.station(path.site, path.line, path.station, signal.name)
    return _linked_name(signal.title, href, chosen=chosen)


def value_content(live: LiveStation, signal: Signal, look: Look) -> Markup:
    """Return the value, struck with a word if it is not good, marked if beyond a limit."""
    sample = believed(live, signal.name, look.now_ms)
    if sample is None:
        return _value("none", "", NOTHING, "")
    text = look.formats.value(sample.value, decimals_for(signal.limits, signal.deadband))
    word = _quality_word(sample.quality, look)
    if word:
        return _value("not-good", "", text, word)
    beyond = violated_limit(sample.value, signal.limits)
    return _value("beyond" if beyond else "", _SIGNS[beyond], text, "")


_SIGNS = {None: "", "high": "▲", "high_high": "▲▲", "low": "▼", "low_low": "▼▼"}


# Values are drawn every second; few of them differ from those drawn before.
@lru_cache(8192)
def _value(css: str, sign: str, text: str, word: str) -> Markup:
    shown = Markup("{}").format(text)
    if word:
        struck = Markup("<s>{}</s>").format(text) if text != NOTHING else ""
        shown = Markup("{} <em>{}</em>").format(struck, word)
    elif sign:
        shown = Markup('<em class="sign">{}</em> {}').format(sign, text)
    return Markup('<span class="value {}">{}</span>').format(css, shown)


@lru_cache(4096)
def _linked_name(title: str, href: str, *, chosen: bool) -> Markup:
    current = Markup(' aria-current="true"') if chosen else ""
    return Markup('<a href="{}"{}>{}</a>').format(href, current, title)


def age_content(live: LiveStation, signal: Signal, look: Look) -> Markup:
    """Return how long ago the signal was really read, unless just now."""
    read_ms = read_at_ms(live, signal.name)
    if read_ms is None:
        return Markup("{}").format(look.texts.never_read)
    age_ms = look.now_ms - read_ms
    return Markup("") if age_ms < _FRESH_MS else Markup("{}").format(look.formats.span(age_ms))


def limits_text(signal: Signal, look: Look) -> str:
    """Return the limits as a range."""
    limits = signal.limits
    if limits is None:
        return ""
    return limits_words(limits, decimals_for(limits, signal.deadband), look)


def limits_words(limits: Limits, decimals: int | None, look: Look) -> str:
    """Return limits as `low … high`, or the one there is."""
    low, high = limits.low, limits.high
    shown = decimals or 0
    if low is not None and high is not None:
        return f"{look.formats.number(low, shown)} … {look.formats.number(high, shown)}"
    if high is not None:
        return f"≤ {look.formats.number(high, shown)}"
    return f"≥ {look.formats.number(low, shown)}" if low is not None else ""


def highlights(live: LiveStation, look: Look, *, most: int) -> Markup:
    """Return the first signals that have limits, for a station that counts nothing."""
    wanted = [signal for signal in shown_signals(live) if signal.limits is not None][:most]
    rows = Markup("").join(
        Markup('<tr><td class="name">{}</td><td class="num">{}</td><td class="unit">{}</td></tr>').format(
            signal.title, value_content(live, signal, look), shown_unit(signal.unit)
        )
        for signal in wanted
    )
    return Markup('<table class="high">{}</table>').format(rows)


def _quality_word(quality: int, look: Look) -> str:
    match quality:
        case Quality.GOOD:
            return ""
        case Quality.STALE:
            return look.texts.stale
        case Quality.UNCERTAIN:
            return look.texts.uncertain
        case _:
            return look.texts.bad
