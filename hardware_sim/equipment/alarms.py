"""Alarm words: bits set by a cause, latched until the operator resets them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from plant.model import AlarmBit, Priority

OPERATOR_RESETS_AFTER_S = 6.0
"""Time from the end of the cause until somebody presses reset; an estimate."""

_SERIOUS = (Priority.HIGH, Priority.CRITICAL)


class Alarms:
    """The alarm words of one machine."""

    def __init__(self, bits: Mapping[str, Mapping[int, AlarmBit]]) -> None:
        self._bits = {(name, bit): alarm for name, word in bits.items() for bit, alarm in word.items()}
        self._names = tuple(bits)
        self._causes: dict[tuple[str, int], set[str]] = {}
        self._reset_in_s: dict[tuple[str, int], float] = {}

    def find(self, words: tuple[str, ...]) -> tuple[str, int] | None:
        """Return the first bit whose text contains one of the words."""
        for word in words:
            for place, alarm in self._bits.items():
                if word in alarm.text.lower():
                    return place
        return None

    def draw(self, chance: np.random.Generator, *, serious: bool) -> tuple[str, int] | None:
        """Return a bit for a stop whose cause is not modelled, of fitting priority where there is one."""
        fitting = [place for place, alarm in self._bits.items() if (alarm.priority in _SERIOUS) is serious]
        places = fitting or list(self._bits)
        return places[int(chance.integers(len(places)))] if places else None

    def begin(self, place: tuple[str, int], cause: str) -> None:
        """Set a bit; it stays at least as long as the cause."""
        self._causes.setdefault(place, set()).add(cause)
        self._reset_in_s[place] = OPERATOR_RESETS_AFTER_S

    def end(self, cause: str) -> None:
        """Tell that a cause is over; its bits wait for the operator."""
        for causes in self._causes.values():
            causes.discard(cause)

    def step(self, dt_s: float) -> None:
        """Let time pass: the operator resets what has no cause any more."""
        for place in [each for each, causes in self._causes.items() if not causes]:
            self._reset_in_s[place] -= dt_s
            if self._reset_in_s[place] <= 0:
                del self._causes[place], self._reset_in_s[place]

    @property
    def active(self) -> frozenset[tuple[str, int]]:
        """The bits that are set, as (signal, bit)."""
        return frozenset(self._causes)

    def words(self) -> dict[str, int]:
        """Return the value of every alarm word."""
        values = dict.fromkeys(self._names, 0)
        for name, bit in self._causes:
            values[name] |= 1 << bit
        return values
