"""Raw numbers to engineering values, right to the digit the scale was written with (pure)."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache


@lru_cache(maxsize=4096)
def as_ratio(scale: float) -> tuple[float, float]:
    """Return the numerator and denominator of a scale as it was written.

    0.1 is one tenth to whoever wrote it, but not to a binary number: 101 times
    0.1 is 10.100000000000001, 101 divided by 10 is 10.1.
    """
    exact = Fraction(repr(scale))
    return float(exact.numerator), float(exact.denominator)


def engineering(raw: float, scale: float, offset: float) -> float:
    """Return raw * scale + offset."""
    numerator, denominator = as_ratio(scale)
    return raw * numerator / denominator + offset
