"""What the process does to the cell: the causal sensitivities of domain/battery.md 5.3."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(slots=True)
class Making:
    """How a cell was made, in true values; the defaults are the reference design."""

    areal_cath_mg_cm2: float = 24.66
    areal_anod_mg_cm2: float = 14.12
    density_cath_g_cm3: float = 3.26
    density_anod_g_cm3: float = 1.657
    thick_cath_um: float = 167.2
    thick_anod_um: float = 182.4
    burr_um: float = 6.0
    water_cath_ppm: float = 180.0
    water_mean_ppm: float = 215.0
    particles_ratio: float = 1.0
    """Particles in the air against the normal count."""
    overhang_mm: float = 1.0
    weld_uohm: float = 45.0
    fill_g: float = 240.5
    soak_h: float = 24.0
    gas_ml: float = 0.0


def wetted_fraction(making: Making, *, viscosity_factor: float = 1.0) -> float:
    """Return how much of the pores the electrolyte has reached."""
    return 1.0 - math.exp(-making.soak_h * (making.fill_g / 240.5) ** 2 / (6.0 * viscosity_factor))


def capacity_ah(making: Making, design_ah: float, chance: np.random.Generator) -> float:
    """Return the cell's true capacity at 25 degC."""
    drying = 1.0 - 0.0015 * max(0.0, (making.water_cath_ppm - 180.0) / 100.0)
    wetting = (wetted_fraction(making) / 0.982) ** 0.3
    return float(
        design_ah * making.areal_cath_mg_cm2 / 24.66 * drying * wetting * (1.0 + chance.normal(0.0, 0.0017))
    )


def plates(making: Making) -> bool:
    """Return whether lithium plates: too little anode against the cathode."""
    ratio = 1.14 * (making.areal_anod_mg_cm2 / 14.12) / (making.areal_cath_mg_cm2 / 24.66)
    return ratio < 1.05


def first_efficiency_pct(making: Making, chance: np.random.Generator) -> float:
    """Return the first cycle's coulombic efficiency."""
    water = 0.30 * (making.water_mean_ppm - 215.0) / 100.0
    return float(90.0 - water - (1.0 if plates(making) else 0.0) + chance.normal(0.0, 0.30))


def dc_resistance_mohm(making: Making, chance: np.random.Generator) -> float:
    """Return the 10 s resistance at 50 % state of charge."""
    cathode = 0.9 * (making.density_cath_g_cm3 - 3.26) / 3.26
    anode = 0.5 * (making.density_anod_g_cm3 - 1.657) / 1.657
    weld = 0.0004 * (making.weld_uohm - 45.0)
    return float(0.65 * (1.0 + cathode + anode) + weld + chance.normal(0.0, 0.006))


def ac_resistance_mohm(making: Making, temperature_c: float, chance: np.random.Generator) -> float:
    """Return the 1 kHz resistance as measured at a temperature."""
    weld = 0.0005 * (making.weld_uohm - 45.0)
    return float(0.40 * (1.0 - 0.010 * (temperature_c - 25.0)) + weld + chance.normal(0.0, 0.0018))


def soft_short_probability(making: Making) -> float:
    """Return the chance that the cell has a soft short."""
    edge = 3.0 if making.overhang_mm < 0.5 else 1.0
    return min(1.0, 2e-3 * math.exp((making.burr_um - 8.0) / 5.0) * making.particles_ratio * edge)


def self_discharge_mv_day(making: Making, chance: np.random.Generator) -> float:
    """Return the K value: log-normal for a sound cell, 1 to 20 mV/day for a soft short."""
    if chance.random() < soft_short_probability(making):
        return float(math.exp(chance.uniform(0.0, math.log(20.0))))
    return float(0.35 * math.exp(chance.normal(0.0, 0.25)))


def thickness_mm(making: Making) -> float:
    """Return the cell's thickness at load."""
    cathode = 65 * (making.thick_cath_um - 167.2) / 1000.0
    anode = 66 * (making.thick_anod_um - 182.4) / 1000.0
    return 27.0 + cathode + anode + 0.02 * making.gas_ml
