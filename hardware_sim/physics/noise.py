"""What an instrument adds to the truth: wander, white noise, steps of its last digit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WANDER_SHARE = 0.6
"""Process wander as a share of the short-term sigma, where nothing else is given (domain/battery.md 3)."""


def wander_step(
    wander: Floats, sigma: Floats, tau_s: Floats, dt_s: float, chance: np.random.Generator
) -> Floats:
    """Return the AR(1) wander after `dt_s`.

    Exact discretisation of an Ornstein-Uhlenbeck process: the standard
    deviation stays `sigma` whatever the steps.
    """
    keep = np.exp(-dt_s / tau_s)
    drawn: Floats = chance.standard_normal(wander.shape)
    result: Floats = keep * wander + sigma * np.sqrt(1.0 - keep * keep) * drawn
    return result


def quantise(values: Floats, quantum: Floats) -> Floats:
    """Return the values rounded to the last digit shown; a quantum of 0 leaves them."""
    whole = np.where(quantum > 0, quantum, 1.0)
    rounded: Floats = np.where(quantum > 0, np.rint(values / whole) * whole, values)
    return rounded


def last_digit(sigma: float) -> float:
    """Return the last digit an instrument of that noise would show: a tenth of sigma, as a power of ten."""
    return 10.0 ** (np.floor(np.log10(sigma)) - 1) if sigma > 0 else 0.0
