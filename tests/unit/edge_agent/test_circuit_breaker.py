"""When a silent unit is asked again."""

from __future__ import annotations

from itertools import count, islice

from edge_agent.sources.circuit_breaker import LEAST_DELAY_S, MOST_DELAY_S, CircuitBreaker, probe_delays


def breaker() -> CircuitBreaker:
    return CircuitBreaker(threshold=2, delays=lambda: iter(count(10, 10)))


def test_one_failure_changes_nothing() -> None:
    unit = breaker()
    unit.failed(0.0)
    assert unit.allows(0.0)


def test_each_failed_probe_waits_longer() -> None:
    unit = breaker()
    unit.failed(0.0)
    unit.failed(1.0)
    assert (unit.allows(10.9), unit.allows(11.0)) == (False, True)
    unit.failed(12.0)
    assert (unit.allows(31.9), unit.allows(32.0)) == (False, True)
    assert unit.is_open


def test_only_a_good_reading_closes_it_and_shortens_the_wait() -> None:
    unit = breaker()
    for at_s in range(5):
        unit.failed(float(at_s))
    unit.succeeded()
    assert unit.allows(0.0)
    unit.failed(100.0)
    unit.failed(100.0)
    assert unit.allows(110.0)


def test_probes_of_a_dead_unit_are_neither_hasty_nor_forgotten() -> None:
    delays = list(islice(probe_delays(), 1000))
    assert min(delays) >= LEAST_DELAY_S
    assert max(delays) <= MOST_DELAY_S
    assert len({round(delay_s, 3) for delay_s in delays}) > 100  # jittered
