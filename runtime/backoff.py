"""How long to wait before the next try."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

RetryDelays = Callable[[], Iterator[float]]
"""Makes a fresh, endless sequence of delays in seconds; a success starts a new one."""


def full_jitter(
    first_s: float = 0.5, most_s: float = 30.0, chance: random.Random | None = None
) -> Iterator[float]:
    """Yield delays drawn between zero and a ceiling that doubles up to `most_s`.

    Full jitter spreads the clients of a server that comes back (Brooker,
    "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
    """
    chance = chance or random.Random()
    ceiling_s = first_s
    while True:
        yield chance.uniform(0, ceiling_s)
        ceiling_s = min(2 * ceiling_s, most_s)
