"""Addresses of the screens; a chosen language travels along (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from api.screens.texts import Language


@dataclass(frozen=True, slots=True)
class Links:
    """Deep links; `chosen` is the language of `?lang=`, None if the browser's own is used."""

    chosen: Language | None = None

    def plants(self) -> str:
        """Return the address of all plants."""
        return self._to("/")

    def site(self, site: str) -> str:
        """Return the address of a site."""
        return self._to(f"/site/{quote(site)}")

    def line(self, site: str, line: str) -> str:
        """Return the address of a line."""
        return self._to(f"/line/{quote(site)}/{quote(line)}")

    def station(self, site: str, line: str, station: str, signal: str | None = None) -> str:
        """Return the address of a station, optionally with the trend of a signal."""
        path = f"/station/{quote(site)}/{quote(line)}/{quote(station)}"
        return self._to(path, {"signal": signal} if signal else {})

    def _to(self, path: str, query: dict[str, str] | None = None) -> str:
        asked = {**({"lang": self.chosen.value} if self.chosen else {}), **(query or {})}
        return f"{path}?{urlencode(asked)}" if asked else path
