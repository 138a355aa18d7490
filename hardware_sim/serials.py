"""Numbers of products that never repeat, not even after a restart."""

from __future__ import annotations

from datetime import UTC, datetime

from plant.model import Plant

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TAIL = 7
_PER_TICK = 36**3
"""Numbers a run may give per tick of 64 ms before it could meet a later run's."""
_TICK_MS = 64


class Serials:
    """Gives ids of 16 characters: line (4), day (4), kind (1), running number (7).

    The running number begins at the instant of the start, counted in 64 ms of
    the day, times 46 656; a later start begins beyond what an earlier one has
    given as long as nobody makes more than 700 000 products a second.
    """

    def __init__(self, prefix: str, started_at_ms: int) -> None:
        start = datetime.fromtimestamp(started_at_ms / 1000, UTC)
        self._head = f"{prefix:_<4.4}{start.year % 10}{start.month:X}{start.day:02d}"
        self._first = started_at_ms % 86_400_000 // _TICK_MS * _PER_TICK
        self._given: dict[str, int] = {}

    def next(self, kind: str) -> str:
        """Return the next id of a kind of product, named by one capital letter."""
        count = self._given.get(kind, 0)
        self._given[kind] = count + 1
        return f"{self._head}{kind}{_base36(self._first + count)}"


def line_prefixes(plant: Plant) -> dict[tuple[str, str], str]:
    """Return four characters for every line, by (site, line): `ACC1` for the first line of ACC."""
    prefixes: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for site in plant.sites:
        letters = _distinct(site.site.replace("-", "").upper()[:3], taken)
        lines = [line.line for area in site.areas for line in area.lines]
        for index, line in enumerate(lines, start=1):
            prefixes[site.site, line] = letters + _DIGITS[index % 36]
    return prefixes


def _distinct(letters: str, taken: set[str]) -> str:
    letters = f"{letters:X<3}"
    candidates = [letters, *(letters[:2] + digit for digit in _DIGITS)]
    chosen = next((each for each in candidates if each not in taken), letters)
    taken.add(chosen)
    return chosen


def _base36(number: int) -> str:
    text = ""
    for _ in range(_TAIL):
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text
