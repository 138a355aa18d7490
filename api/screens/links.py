"""Addresses of the screens; a chosen language travels along (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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
        return self._to(path, signal)

    def _to(self, path: str, signal: str | None = None) -> str:
        return _address(path, self.chosen, signal)


@lru_cache(4096)
def _address(path: str, chosen: Language | None, signal: str | None) -> str:
    asked = {"lang": chosen, "signal": signal}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{query}" if query else path
