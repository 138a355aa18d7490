"""Physics does not depend on how time is cut into steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware_sim.equipment.continuous import ScrapPattern
from hardware_sim.physics.cell import charge_step, temperature_step
from hardware_sim.physics.humidity import frost_point_c, humidity_ratio_g_kg
from hardware_sim.physics.noise import last_digit, quantise, wander_step
from hardware_sim.physics.response import FirstOrderDeadTime, first_order, ramp, run_up

values = st.floats(-1e3, 1e3)
times = st.floats(1e-3, 1e4)
cuts = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=8)


def parts(whole: float, shares: list[float]) -> list[float]:
    total = sum(shares)
    return [whole * share / total for share in shares]


@given(values, values, times, times, cuts)
def test_first_order_response(
    start: float, target: float, tau_s: float, dt_s: float, shares: list[float]
) -> None:
    cut = start
    for part in parts(dt_s, shares):
        cut = first_order(cut, target, tau_s, part)
    assert cut == pytest.approx(first_order(start, target, tau_s, dt_s), rel=1e-9, abs=1e-9)


@given(values, values, st.floats(1e-2, 1e2), times, cuts)
def test_ramp(start: float, target: float, rate: float, dt_s: float, shares: list[float]) -> None:
    cut = start
    for part in parts(dt_s, shares):
        cut = ramp(cut, target, rate, part)
    assert cut == pytest.approx(ramp(start, target, rate, dt_s), rel=1e-9, abs=1e-6)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(1e-2, 10), st.floats(0.01, 600), cuts)
def test_web_covers_the_same_way(
    start: float, target: float, rate: float, dt_s: float, shares: list[float]
) -> None:
    speed, way = start, 0.0
    for part in parts(dt_s, shares):
        speed, covered = run_up(speed, target, rate, part)
        way += covered
    whole = run_up(start, target, rate, dt_s)
    assert (speed, way) == pytest.approx(whole, rel=1e-6, abs=1e-6)
    assert min(start, target) * dt_s - 1e-6 <= way <= max(start, target) * dt_s + 1e-6


@given(
    st.lists(st.tuples(st.floats(0.1, 50), values), min_size=1, max_size=6),
    st.floats(0, 60),
    st.floats(0.1, 100),
)
def test_dead_time_with_first_order(
    inputs: list[tuple[float, float]], dead_time_s: float, tau_s: float
) -> None:
    whole = FirstOrderDeadTime(0.0, tau_s=tau_s, dead_time_s=dead_time_s)
    halves = FirstOrderDeadTime(0.0, tau_s=tau_s, dead_time_s=dead_time_s)
    for lasts_s, value in inputs:
        at_once = whole.step(value, lasts_s)
        halves.step(value, lasts_s / 2)
        in_halves = halves.step(value, lasts_s / 2)
        assert in_halves == pytest.approx(at_once, rel=1e-6, abs=1e-6)


@given(st.floats(1, 60), values.filter(lambda value: abs(value) > 1e-3))
def test_nothing_comes_out_before_the_dead_time(dead_time_s: float, value: float) -> None:
    response = FirstOrderDeadTime(0.0, tau_s=5.0, dead_time_s=dead_time_s)
    assert response.step(value, dead_time_s * 0.999) == 0.0
    assert response.step(value, dead_time_s) != 0.0


@given(st.floats(0, 1), st.floats(-100, 100), times, cuts)
def test_charge(soc: float, current_a: float, dt_s: float, shares: list[float]) -> None:
    current, capacity = np.array([current_a]), np.array([185.0])
    cut = np.array([soc])
    for part in parts(dt_s, shares):
        cut = charge_step(cut, current, capacity, part)
    assert cut == pytest.approx(charge_step(np.array([soc]), current, capacity, dt_s), abs=1e-9)


@given(st.floats(0, 60), st.floats(-100, 100), times, cuts)
def test_temperature(start_c: float, current_a: float, dt_s: float, shares: list[float]) -> None:
    current, ohm = np.array([current_a]), np.array([0.65e-3])
    cut = np.array([start_c])
    for part in parts(dt_s, shares):
        cut = temperature_step(cut, 25.0, current, part, resistance_ohm=ohm)
    whole = temperature_step(np.array([start_c]), 25.0, current, dt_s, resistance_ohm=ohm)
    assert cut == pytest.approx(whole, abs=1e-9)


@given(st.floats(0.3, 0.999), st.integers(0, 1000), cuts)
def test_scrap_lies_at_the_same_metres(good_share: float, seed: int, shares: list[float]) -> None:
    cut, whole = (ScrapPattern(good_share, 8.0, np.random.default_rng(seed)) for _ in range(2))
    scrap = sum(cut.split(part) for part in parts(500.0, shares))
    assert scrap == pytest.approx(whole.split(500.0), abs=1e-6)


@given(st.floats(0.1, 10), st.floats(1, 1000), st.floats(0.1, 1000), st.integers(0, 100))
def test_wander_keeps_its_spread_whatever_the_step(
    sigma: float, tau_s: float, dt_s: float, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    many = 20_000
    sigmas, taus = np.full(many, sigma), np.full(many, tau_s)
    wander = sigma * chance.standard_normal(many)
    for _ in range(3):
        wander = wander_step(wander, sigmas, taus, dt_s, chance)
    assert float(np.std(wander)) == pytest.approx(sigma, rel=0.05)


@given(st.lists(values, min_size=1), st.floats(1e-3, 10))
def test_quantised_value_is_the_nearest_digit_shown(given_values: list[float], quantum: float) -> None:
    shown = quantise(np.array(given_values), np.full(len(given_values), quantum))
    assert np.all(np.abs(shown - given_values) <= quantum / 2 + 1e-9)
    assert np.allclose(shown / quantum, np.rint(shown / quantum), atol=1e-6)


@given(st.floats(1e-4, 1e4))
def test_last_digit_is_a_power_of_ten_well_below_the_noise(sigma: float) -> None:
    digit = last_digit(sigma)
    assert sigma / 100.001 <= digit <= sigma / 9.999
    assert math.log10(digit) == pytest.approx(round(math.log10(digit)), abs=1e-9)


@given(st.floats(-80, 0))
def test_frost_point_and_humidity_are_inverse(frost_c: float) -> None:
    assert frost_point_c(humidity_ratio_g_kg(frost_c)) == pytest.approx(frost_c, abs=1e-6)
