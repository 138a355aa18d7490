"""Dew point and humidity ratio of dry-room air (Magnus over ice, domain/battery.md 3.2)."""

from __future__ import annotations

import math

PRESSURE_PA = 101_325.0


def humidity_ratio_g_kg(frost_point_c: float) -> float:
    """Return grams of water per kilogram of dry air at a frost point."""
    vapour_pa = 611.15 * math.exp(22.452 * frost_point_c / (272.55 + frost_point_c))
    return 622.0 * vapour_pa / (PRESSURE_PA - vapour_pa)


def frost_point_c(humidity_g_kg: float) -> float:
    """Return the frost point of air with that humidity ratio.

    Raises:
        ValueError: the ratio is not positive.
    """
    if humidity_g_kg <= 0:
        raise ValueError(f"a humidity ratio is positive, not {humidity_g_kg:g} g/kg")
    vapour_pa = PRESSURE_PA * humidity_g_kg / (622.0 + humidity_g_kg)
    exponent = math.log(vapour_pa / 611.15)
    return 272.55 * exponent / (22.452 - exponent)
