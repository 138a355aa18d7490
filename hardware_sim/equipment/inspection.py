"""What a machine reports of a product, and whether it passes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from hardware_sim.equipment.instruments import nominal
from hardware_sim.material import Lot
from plant.model import Encoding, Limits, ResultRing, RingField
from telemetry.sample import Scalar

OTHER_REASON = 99
"""Reject code for what none of the reported characteristics shows."""

LOG_NORMAL = frozenset({"stack.hipot_mohm", "case.ir_mohm", "mix.fe_ppb"})
"""Characteristics whose logarithm is normal; sigma is that of the natural logarithm, or relative."""
COUNTED = frozenset({"laser.spatter"})
"""Characteristics that are counts of rare events (Poisson)."""


def inspect(
    ring: ResultRing,
    lot: Lot,
    true: Mapping[str, float],
    at_ms: int,
    *,
    reject: float,
    chance: np.random.Generator,
) -> tuple[dict[str, Scalar], bool]:
    """Return the fields of a result and whether the product is good.

    The reject code is the position, from 1, of the first characteristic of
    the ring that is outside its limits.
    """
    fields = {field.name: _value(field, lot, true, chance) for field in ring.fields}
    fields[ring.key_field] = lot.key
    if ring.time_field is not None:
        fields[ring.time_field] = at_ms
    grade = _first_outside(ring, fields)
    if grade == 0 and chance.random() < reject:
        grade = _spoil(ring, fields, chance)
    if ring.grade_field is not None:
        fields[ring.grade_field] = grade
    return fields, grade == 0


def _value(field: RingField, lot: Lot, true: Mapping[str, float], chance: np.random.Generator) -> Scalar:
    if field.ref is not None and field.ref in true:
        return _fitting(field, true[field.ref])
    if field.name in lot.labels:
        return lot.labels[field.name]
    if field.encoding is Encoding.STRING:
        return next((str(label) for word, label in lot.labels.items() if word in field.name), "")
    if field.limits is None and field.noise is None:
        return 0
    return _fitting(field, _drawn(field, chance))


def _drawn(field: RingField, chance: np.random.Generator) -> float:
    usual = nominal(field.limits)
    sigma = field.noise.sigma if field.noise is not None else 0.0
    if field.ref in COUNTED:
        return float(chance.poisson(usual))
    if field.ref in LOG_NORMAL:
        relative = sigma if sigma < 1 else sigma / usual
        return float(usual * math.exp(chance.normal(0.0, relative)))
    return float(usual + sigma * chance.standard_normal())


def _fitting(field: RingField, value: float) -> Scalar:
    """Return a whole number where the register holds one."""
    if field.encoding in (Encoding.FLOAT32, Encoding.FLOAT64) or field.scale != 1:
        return value
    return round(value)


def is_inside(limits: Limits, value: float) -> bool:
    """Return whether a value meets its limits."""
    low = -math.inf if limits.low is None else limits.low
    high = math.inf if limits.high is None else limits.high
    return low <= value <= high


def _first_outside(ring: ResultRing, fields: Mapping[str, Scalar]) -> int:
    for position, field in enumerate(ring.fields, start=1):
        value = fields[field.name]
        if field.limits is not None and not isinstance(value, str) and not is_inside(field.limits, value):
            return position
    return 0


def _spoil(ring: ResultRing, fields: dict[str, Scalar], chance: np.random.Generator) -> int:
    """Push one characteristic beyond a limit; return the reject code."""
    candidates = [
        (position, field)
        for position, field in enumerate(ring.fields, start=1)
        if field.limits is not None and (field.limits.low is not None or field.limits.high is not None)
    ]
    if not candidates:
        return OTHER_REASON
    position, field = candidates[int(chance.integers(len(candidates)))]
    fields[field.name] = _outside(field, chance)
    return position


def _outside(field: RingField, chance: np.random.Generator) -> Scalar:
    limits = field.limits or Limits()
    low, high = limits.low, limits.high
    upwards = low is None or (high is not None and bool(chance.random() < 0.5))
    edge = high if upwards else low
    sigma = field.noise.sigma if field.noise is not None and field.noise.sigma else abs(edge or 1.0) * 0.02
    if field.ref in LOG_NORMAL:
        return _fitting(
            field, (edge or 1.0) * math.exp((1 if upwards else -1) * (0.05 + chance.exponential(0.5)))
        )
    beyond = sigma * (0.2 + float(chance.exponential(1.0)))
    if field.encoding not in (Encoding.FLOAT32, Encoding.FLOAT64):
        beyond = max(beyond, field.scale)
    return _fitting(field, (edge or 0.0) + (beyond if upwards else -beyond))
