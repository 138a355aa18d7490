"""A lithium-ion cell under current: charge, voltage, temperature (domain/battery.md 1, 3.3, 6).

Open-circuit voltage from the NMC811 / graphite-SiOx half cells of Chen et al.,
J. Electrochem. Soc. 167, 080534 (2020), in the stoichiometry window 2.5 to 4.18 V.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ANODE_FULL, CATHODE_FULL = 0.9014, 0.2700
"""Stoichiometries at 100 % state of charge."""
ANODE_EMPTY, CATHODE_EMPTY = 0.0263, 0.8534
"""At 0 %, fitted to the table of domain/battery.md 1, which it meets within 1 mV."""
RESISTANCE_OHM = 0.65e-3
HEAT_CAPACITY_J_K = 2.35 * 950.0
THERMAL_TAU_S = 18 * 60.0


def anode_v(stoichiometry: Floats) -> Floats:
    """Return the graphite-SiOx potential against lithium."""
    x = stoichiometry
    result: Floats = (
        1.9793 * np.exp(-39.3631 * x)
        + 0.2482
        - 0.0909 * np.tanh(29.8538 * (x - 0.1234))
        - 0.04478 * np.tanh(14.9159 * (x - 0.2769))
        - 0.0205 * np.tanh(30.4444 * (x - 0.6103))
    )
    return result


def cathode_v(stoichiometry: Floats) -> Floats:
    """Return the NMC811 potential against lithium."""
    y = stoichiometry
    result: Floats = (
        -0.8090 * y
        + 4.4875
        - 0.0428 * np.tanh(18.5138 * (y - 0.5542))
        - 17.7326 * np.tanh(15.7890 * (y - 0.3117))
        + 17.5842 * np.tanh(15.9308 * (y - 0.3120))
    )
    return result


def open_circuit_v(soc: Floats) -> Floats:
    """Return the open-circuit voltage at a state of charge from 0 to 1."""
    anode = ANODE_EMPTY + soc * (ANODE_FULL - ANODE_EMPTY)
    cathode = CATHODE_EMPTY + soc * (CATHODE_FULL - CATHODE_EMPTY)
    return cathode_v(cathode) - anode_v(anode)


def charge_step(soc: Floats, current_a: Floats, capacity_ah: Floats, dt_s: float) -> Floats:
    """Return the state of charge after `dt_s` at a constant current (positive charges)."""
    result: Floats = soc + current_a * dt_s / 3600.0 / capacity_ah
    return result


def temperature_step(
    temperature_c: Floats, ambient_c: float, current_a: Floats, dt_s: float, *, resistance_ohm: Floats
) -> Floats:
    """Return the temperatures after `dt_s`: self-heating against forced air.

    Exact for a constant current.
    """
    rise_k = resistance_ohm * current_a**2 * THERMAL_TAU_S / HEAT_CAPACITY_J_K
    steady = ambient_c + rise_k
    result: Floats = steady + (temperature_c - steady) * np.exp(-dt_s / THERMAL_TAU_S)
    return result
