"""Signals and their values; what is not good looks not good (pure)."""

from __future__ import annotations

from markupsafe import Markup

from api.screens.formats import NOTHING, decimals_for, shown_unit
from api.screens.look import Look
from api.services.status import violated_limit
from plant.model import Limits, Role, Signal
from telemetry.live import LiveStation, believable, read_at_ms
from telemetry.quality import Quality

_FRESH_MS = 3000
"""Younger than this is simply now."""
_SHOWN_ROLES = (Role.PROCESS, Role.IDENTITY)


def shown_signals(live: LiveStation) -> list[Signal]:
    """Return the signals a person reads as values: not state words or alarm bits."""
    return [signal for signal in live.placed.profile.signals if signal.role in _SHOWN_ROLES]


def signal_row(live: LiveStation, signal: Signal, look: Look, *, chosen: bool) -> Markup:
    """Return the cells of a signal's row."""
    path = live.placed.path
    name = Markup("{}").format(signal.title)
    if signal.role is Role.PROCESS:
        href = look.links.station(path.site, path.line, path.station, signal.name)
        name = Markup('<a href="{}"{}>{}</a>').format(
            href, Markup(' aria-current="true"') if chosen else "", signal.title
        )
    return Markup('<td class="name">{}</td>{}<td class="limits">{}</td><td class="age">{}</td>').format(
        name, value_cell(live, signal, look), limits_text(signal, look), _age(live, signal, look)
    )


def value_cell(live: LiveStation, signal: Signal, look: Look) -> Markup:
    """Return value and unit, struck with a word if it is not good, marked if beyond a limit."""
    sample = believable(live, signal.name, look.now_ms)
    unit = shown_unit(signal.unit)
    if sample is None:
        return Markup('<td class="value none">{}</td><td class="unit">{}</td>').format(NOTHING, unit)
    decimals = decimals_for(signal.limits, signal.deadband)
    text = look.formats.value(sample.value, decimals)
    word = _quality_word(sample.quality, look)
    if word:
        known = Markup("<s>{}</s>").format(text) if text != NOTHING else ""
        return Markup('<td class="value not-good">{} <em>{}</em></td><td class="unit">{}</td>').format(
            known, word, unit
        )
    beyond = violated_limit(sample.value, signal.limits)
    sign = {None: "", "high": "▲", "high_high": "▲▲", "low": "▼", "low_low": "▼▼"}[beyond]
    return Markup('<td class="value {}">{} {}</td><td class="unit">{}</td>').format(
        "beyond" if beyond else "",
        Markup('<em class="sign">{}</em>').format(sign) if sign else "",
        text,
        unit,
    )


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
        Markup('<tr><td class="name">{}</td>{}</tr>').format(signal.title, value_cell(live, signal, look))
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


def _age(live: LiveStation, signal: Signal, look: Look) -> str:
    read_ms = read_at_ms(live, signal.name)
    if read_ms is None:
        return look.texts.never_read
    age_ms = look.now_ms - read_ms
    return "" if age_ms < _FRESH_MS else look.formats.span(age_ms)
