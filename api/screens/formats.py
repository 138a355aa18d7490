"""Numbers, units and times as people read them (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from api.screens.texts import TABLES, Language, Texts
from plant.model import Limits
from telemetry.clock import at
from telemetry.sample import Value

NOTHING = "\u2013"
_NARROW_SPACE = "\u202f"
_SIGNS = (
    ("degC", "°C"),
    ("mOhm", "mΩ"),
    ("MOhm", "MΩ"),
    ("uOhm", "µΩ"),
    ("um", "µm"),
    ("uV", "µV"),
    ("uA", "µA"),
    ("m2", "m²"),
    ("m3", "m³"),
)


@dataclass(frozen=True, slots=True)
class Formats:
    """How one reader at one site reads."""

    language: Language
    timezone: str

    @property
    def texts(self) -> Texts:
        """The reader's table of words."""
        return TABLES[self.language]

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Return the number with grouped thousands and the language's decimal mark."""
        if value is None or not math.isfinite(value):
            return NOTHING
        text = f"{value:,.{decimals}f}".replace("-", "\u2212").replace(",", _NARROW_SPACE)
        return text.replace(".", ",") if self.language is Language.FRENCH else text

    def percent(self, part: float | None, decimals: int = 1) -> str:
        """Return a part of one as per cent."""
        if part is None:
            return NOTHING
        space = _NARROW_SPACE
        return f"{self.number(part * 100, decimals)}{space}%"

    def rate(self, value: float | None) -> str:
        """Return a rate with as many decimals as help."""
        return self.number(value, 0 if value is not None and abs(value) >= 100 else 1)

    def value(self, value: Value, decimals: int | None = None) -> str:
        """Return a signal's value."""
        match value:
            case None:
                return NOTHING
            case bool():
                return "1" if value else "0"
            case str():
                return value or NOTHING
            case np.ndarray():
                return self._array(value, decimals)
            case _:
                return self.number(float(value), sensible_decimals(value) if decimals is None else decimals)

    def _array(self, values: np.ndarray, decimals: int | None) -> str:
        finite = values[np.isfinite(values)]
        if not finite.size:
            return NOTHING
        low, high = float(finite.min()), float(finite.max())
        shown = sensible_decimals(max(abs(low), abs(high))) if decimals is None else decimals
        return f"{self.number(low, shown)} … {self.number(high, shown)}"

    def clock(self, ms: int, *, seconds: bool = True) -> str:
        """Return the time of day at the site."""
        local = at(ms).astimezone(ZoneInfo(self.timezone))
        return local.strftime("%H:%M:%S" if seconds else "%H:%M")

    def utc_offset_ms(self, ms: int) -> int:
        """Return how far the site's clock is ahead of UTC."""
        ahead = at(ms).astimezone(ZoneInfo(self.timezone)).utcoffset()
        return round(ahead.total_seconds() * 1000) if ahead else 0

    def date(self, ms: int) -> str:
        """Return the site's date."""
        return at(ms).astimezone(ZoneInfo(self.timezone)).strftime("%Y-%m-%d")

    def zone(self, ms: int) -> str:
        """Return the site's zone as it is called now, for example CET."""
        return at(ms).astimezone(ZoneInfo(self.timezone)).strftime("%Z")

    def span(self, ms: float) -> str:
        """Return a length of time in its largest sensible unit."""
        seconds = max(0.0, ms / 1000)
        if seconds < 100:
            return f"{seconds:.0f} s"
        if seconds < 100 * 60:
            return f"{seconds / 60:.0f} min"
        if seconds < 72 * 3600:
            return f"{seconds / 3600:.0f} h"
        return f"{seconds / 86400:.0f} d" if self.language is Language.ENGLISH else f"{seconds / 86400:.0f} j"


@lru_cache(512)
def shown_unit(unit: str) -> str:
    """Return the unit with its proper signs, each part of a quotient for itself."""
    parts = unit.split("/")
    for plain, proper in _SIGNS:
        parts = [
            proper if part == plain else part.replace(plain, proper) if plain in ("m2", "m3") else part
            for part in parts
        ]
    return "/".join(parts)


def sensible_decimals(value: float) -> int:
    """Return how many decimals show four significant digits, at most four."""
    size = abs(value)
    if not math.isfinite(size) or size == 0 or size == round(size):
        return 0
    return min(4, max(0, 3 - math.floor(math.log10(size))))


@lru_cache(2048)
def decimals_for(limits: Limits | None, deadband: float) -> int | None:
    """Return decimals that tell one reading from the next; None if the description does not say."""
    known = () if limits is None else tuple(
        each for each in (limits.low_low, limits.low, limits.nominal, limits.high, limits.high_high)
        if each is not None
    )  # fmt: skip
    spread = max(known) - min(known) if len(known) > 1 else 0.0
    resolution = max(deadband, spread / 200)
    if resolution <= 0:
        return None
    return min(4, max(0, math.ceil(-math.log10(resolution))))
