"""Delays before the next try."""

from __future__ import annotations

import random
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from runtime.backoff import full_jitter


@given(st.integers())
def test_delays_stay_below_a_ceiling_that_doubles_up_to_the_most(seed: int) -> None:
    ceilings = [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]
    delays = islice(full_jitter(0.5, 4.0, random.Random(seed)), len(ceilings))
    assert all(0 <= delay <= ceiling for delay, ceiling in zip(delays, ceilings, strict=True))


def test_clients_of_one_server_spread_over_the_whole_ceiling() -> None:
    late = [next(islice(full_jitter(1.0, 1.0, random.Random(seed)), 5, None)) for seed in range(200)]
    assert min(late) < 0.1
    assert max(late) > 0.9


def test_same_chance_gives_the_same_delays() -> None:
    first, second = (full_jitter(chance=random.Random(7)) for _ in range(2))
    assert list(islice(first, 10)) == list(islice(second, 10))
