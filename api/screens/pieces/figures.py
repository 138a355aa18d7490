"""Rates, counts and ratios (pure)."""

from __future__ import annotations

from markupsafe import Markup

from api.screens.formats import NOTHING, shown_unit
from api.screens.look import Look
from api.services.board import StationFigures
from api.services.production import Sums, ratios
from api.services.rate import WINDOW_MINUTES
from api.services.status import contact
from plant.model import Station
from telemetry.live import LiveStation

LEAST_PRODUCTS = 5
"""A machine that makes fewer in the rate's window has a count, but no rate worth showing."""
_FULL = 1.25
"""The bar reaches a quarter beyond its mark, so that more than planned can be seen."""
_BEHIND = 0.9
"""Below this part of the plan the rate calls for attention."""


def rate_now(live: LiveStation, figures: StationFigures | None, look: Look) -> float | None:
    """Return the rate, unless the machine is silent: then nobody knows it."""
    if figures is None or not contact(live, look.now_ms).alive:
        return None
    return figures.rate_per_min


def shows_rate(station: Station) -> bool:
    """Return whether the station is quick enough for a rate a minute."""
    ideal = station.ideal_rate_per_min
    return ideal is None or ideal * WINDOW_MINUTES >= LEAST_PRODUCTS


def counted(counts: str, look: Look) -> str:
    """Return what is counted in the reader's language."""
    return look.texts.counts.get(counts, shown_unit(counts))


def bar(value: float | None, mark: float | None, *, warns: bool) -> Markup:
    """Return a bar with a tick at the mark; hatched, not only coloured, when it lags."""
    if not mark:
        return Markup("")
    share = 0.0 if value is None else max(0.0, min(_FULL, value / mark))
    behind = warns and value is not None and value < mark * _BEHIND
    return Markup(
        '<div class="bar {css}"><i style="width:{width:.1f}%"></i><b style="left:{tick:.1f}%"></b></div>'
    ).format(css="behind" if behind else "", width=share / _FULL * 100, tick=100 / _FULL)


def rate_block(
    rate: float | None, mark: float | None, word: str, counts: str, look: Look, *, warns: bool = True
) -> Markup:
    """Return a large rate against its mark."""
    behind = warns and rate is not None and mark is not None and rate < mark * _BEHIND
    against = Markup("{} {}").format(word, look.formats.rate(mark)) if mark else look.texts.no_plan
    sign = (
        Markup(' <em class="lag">▼ {}</em>').format(look.formats.percent(rate / mark, 0))
        if behind and rate is not None and mark
        else Markup("")
    )
    return Markup(
        '<div class="kpi rate"><h3>{title}</h3><div class="big">{value}<small>{unit}{per}</small></div>'
        '{bar}<div class="dim">{against}{sign}</div></div>'
    ).format(
        title=look.texts.rate,
        value=look.formats.rate(rate),
        unit=counted(counts, look),
        per=look.texts.per_min,
        bar=bar(rate, mark, warns=warns),
        against=against,
        sign=sign,
    )


def count_block(title: str, sums: Sums | None, counts: str, look: Look) -> Markup:
    """Return good and reject over a time."""
    texts = look.texts
    good, reject = (sums.good, sums.reject) if sums else (None, None)
    part = sums.good / sums.produced if sums and sums.produced else None
    return Markup(
        '<div class="kpi"><h3>{title}</h3><div class="big">{good}<small>{what}</small></div>'
        '<div class="dim">{reject_word} <b>{reject}</b> · {yield_word} <b>{part}</b></div></div>'
    ).format(
        title=f"{title} · {texts.good.lower()}",
        good=look.formats.number(good),
        what=counted(counts, look),
        reject_word=texts.reject,
        reject=look.formats.number(reject),
        yield_word=texts.yield_.lower(),
        part=look.formats.percent(part),
    )


def ratio_block(figures: StationFigures | None, station: Station, look: Look) -> Markup:
    """Return OEE of the last hour with its factors."""
    texts, formats = look.texts, look.formats
    found = ratios(figures.hour, station.ideal_rate_per_min) if figures else None
    factors = Markup("").join(
        Markup("<span>{} <b>{}</b></span>").format(name, formats.percent(value, 0))
        for name, value in (
            (texts.availability, found.availability if found else None),
            (texts.performance, found.performance if found else None),
            (texts.quality, found.quality if found else None),
        )
    )
    return Markup(
        '<div class="kpi"><h3>{title}</h3><div class="big">{oee}</div>'
        '<div class="dim factors">{factors}</div></div>'
    ).format(
        title=f"{texts.last_hour} · {texts.oee}",
        oee=formats.percent(found.oee if found else None, 0) if found else NOTHING,
        factors=factors,
    )
