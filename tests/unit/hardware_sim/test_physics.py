"""Equations against the numbers of the domain description."""

from __future__ import annotations

import numpy as np
import pytest

from hardware_sim.equipment.channels import Channels, Step, reference_run
from hardware_sim.physics.cell import open_circuit_v, temperature_step
from hardware_sim.physics.humidity import frost_point_c, humidity_ratio_g_kg
from hardware_sim.physics.sensitivity import (
    Making,
    capacity_ah,
    plates,
    soft_short_probability,
    thickness_mm,
    wetted_fraction,
)


def test_open_circuit_voltage_meets_the_published_table() -> None:
    soc = np.array([0, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 95, 100]) / 100
    table = [
        2.500, 2.860, 3.107, 3.292, 3.431, 3.484, 3.526, 3.578,
        3.664, 3.746, 3.835, 3.941, 4.034, 4.095, 4.114, 4.181,
    ]  # fmt: skip
    assert open_circuit_v(soc) == pytest.approx(table, abs=0.001)


@pytest.mark.parametrize(("frost_c", "g_kg"), [(-30, 0.234), (-40, 0.079), (-45, 0.044), (-60, 0.0066)])
def test_humidity_meets_the_check_values(frost_c: float, g_kg: float) -> None:
    assert humidity_ratio_g_kg(frost_c) == pytest.approx(g_kg, rel=0.02)
    assert frost_point_c(humidity_ratio_g_kg(frost_c)) == pytest.approx(frost_c)


def test_air_without_water_has_no_frost_point() -> None:
    with pytest.raises(ValueError, match="positive"):
        frost_point_c(0.0)


def test_self_heating_at_a_third_c_settles_at_the_energy_balance() -> None:
    settled = temperature_step(
        np.array([25.0]), 25.0, np.array([61.0]), 1e6, resistance_ohm=np.array([0.65e-3])
    )
    assert settled[0] - 25.0 == pytest.approx(2.42 * 18 * 60 / (2.35 * 950), rel=0.01)


def test_heavier_coating_gives_more_capacity_and_plates_when_it_outweighs_the_anode() -> None:
    chance = np.random.default_rng(0)
    light = np.mean([capacity_ah(Making(areal_cath_mg_cm2=24.2), 185, chance) for _ in range(200)])
    heavy = np.mean([capacity_ah(Making(areal_cath_mg_cm2=25.1), 185, chance) for _ in range(200)])
    assert heavy / light == pytest.approx(25.1 / 24.2, rel=0.002)
    assert not plates(Making())
    assert plates(Making(areal_cath_mg_cm2=24.66 * 1.1))


def test_burr_particles_and_short_overhang_make_soft_shorts_likelier() -> None:
    usual = soft_short_probability(Making(burr_um=8))
    assert usual == pytest.approx(2e-3)
    assert soft_short_probability(Making(burr_um=13)) == pytest.approx(usual * np.e)
    assert soft_short_probability(Making(burr_um=8, overhang_mm=0.4)) == pytest.approx(3 * usual)


def test_reference_cell_wets_and_measures_as_designed() -> None:
    assert wetted_fraction(Making()) == pytest.approx(0.982, abs=0.001)
    assert thickness_mm(Making()) == pytest.approx(27.0)


def test_formation_recipe_takes_about_a_day_and_passes_every_step() -> None:
    way = reference_run()
    hours = len(way.step) * 30 / 3600
    assert set(way.step.tolist()) == set(range(len(Step)))
    assert 12 <= hours <= 24


def test_formation_never_exceeds_the_upper_voltage_and_counts_every_ampere_hour() -> None:
    cells = Channels(1, 185.0, np.random.default_rng(3))
    charged_ah, highest_v, begin = 0.0, 0.0, float(cells.soc[0])
    capacity = float(cells._capacity_ah[0])
    while cells.step[0] < Step.DISCHARGE:
        cells.advance(5.0, 25.0)
        charged_ah += float(cells.current_a[0]) * 5 / 3600
        highest_v = max(highest_v, float(cells.voltage_v[0]))
    assert highest_v < 4.205
    assert charged_ah == pytest.approx((float(cells.soc[0]) - begin) * capacity, rel=1e-9)


def test_channels_of_a_running_tower_are_in_different_steps() -> None:
    cells = Channels(64, 185.0, np.random.default_rng(3))
    cells.scatter()
    assert len(set(cells.step.tolist())) >= 5
    cells.advance(24 * 3600, 25.0)
    assert cells.voltage_v.min() > 2.0
    assert cells.voltage_v.max() < 4.21
