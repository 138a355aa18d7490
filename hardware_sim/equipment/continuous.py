"""Machines that make a continuous product from lots of another: web by the metre, sheets."""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np
from typing_extensions import override

from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.equipment.machine import Machine
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Lot
from hardware_sim.physics.response import run_up
from plant.packml import PackmlState

_EPSILON = 1e-9

FULL_SPEED_IN_S = {"coater": 70.0, "calender": 20.0, "slitter": 15.0}
"""Time from standstill to full speed; 0.5 m/min/s at the coater."""


class ScrapPattern:
    """Where along the web scrap lies: short defects at random, and whatever a start spoils."""

    def __init__(self, good_share: float, length: float, chance: np.random.Generator) -> None:
        self.good_share = good_share
        self._length = length
        self._chance = chance
        self._scrap_left = 0.0
        self._good_left = self._draw_good()

    def spoil(self, amount: float) -> None:
        """Make the next stretch scrap."""
        self._scrap_left += amount

    def split(self, amount: float) -> float:
        """Return how much of the next `amount` is scrap."""
        scrap = 0.0
        while amount > _EPSILON:
            if self._scrap_left > _EPSILON:
                part = min(amount, self._scrap_left)
                self._scrap_left -= part
                scrap += part
            else:
                part = min(amount, self._good_left)
                self._good_left -= part
                if self._good_left <= _EPSILON:
                    self._scrap_left = float(self._chance.exponential(self._length))
                    self._good_left = self._draw_good()
            amount -= part
        return scrap

    def _draw_good(self) -> float:
        if self.good_share >= 1.0:
            return math.inf
        return float(self._chance.exponential(self._length * self.good_share / (1.0 - self.good_share)))


class ContinuousMachine(Machine):
    """Consumes a lot while it makes another; the amounts are in what the profile counts."""

    scrap_length = 8.0
    """Mean length of a defect that is cut out."""
    start_scrap = (0.0, 0.0)
    """Least and most scrap of a start."""
    one_to_one = False
    """Whether a lot of product ends with its input, as a roll through a calender."""

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self.speed_per_s = self.ideal_per_s
        self._acceleration = self.ideal_per_s / FULL_SPEED_IN_S.get(self.profile.measurement, 5.0)
        self.scrap = ScrapPattern(self.good_share, self.scrap_length, self.chance)
        self.consumed = 0.0
        """Input used up, in units of the input."""
        self.input: Lot | None = None
        self.input_left = 0.0
        self.made = 0.0
        """Good product of the lot in the making."""
        self._is_open = False
        self._finished: list[Lot] = []
        self._stood = False

    @abstractmethod
    def per_input(self, lot: Lot) -> float:
        """Return how much product one unit of the input gives."""

    def wanted(self) -> float:
        """Return how much good product makes a full lot; endless where it ends with its input."""
        return math.inf

    @abstractmethod
    def begin_lot(self, source: Lot) -> None:
        """Start the next lot of product."""

    @abstractmethod
    def finish_lot(self, source: Lot, left_s: float) -> list[Lot]:
        """Close the lot in the making, report it, return what goes on."""

    def begin_input(self, lot: Lot) -> None:
        """Take note of new input."""

    def track(self, good: float, scrap: float) -> None:
        """Take note of what was just made."""

    @property
    def target_per_s(self) -> float:
        """Speed the machine runs at when nothing hinders it."""
        return self.ideal_per_s

    @override
    def hindrance(self, lots: int) -> str | None:
        if self._finished and not self.outlet.has_room(len(self._finished)):
            return "blocked"
        if self.input is None and not self.inlet.ready(lots):
            return "starved"
        return None

    @override
    def produce(self, dt_s: float, left_s: float) -> float:
        if self._stood:
            self._stood = False
            self.speed_per_s = 0.0
            self.scrap.spoil(float(self.chance.uniform(*self.start_scrap)))
        self.speed_per_s, amount = run_up(self.speed_per_s, self.target_per_s, self._acceleration, dt_s)
        wanted = amount
        while amount > _EPSILON and self._can_go_on():
            amount -= self._portion(amount, left_s - dt_s * (1.0 - amount / wanted))
        return dt_s * (1.0 - amount / wanted) if wanted > 0 else dt_s

    def _can_go_on(self) -> bool:
        while self._finished and self.outlet.has_room():
            self.outlet.put(self._finished.pop(0))
        if self._finished:
            return False
        if self.input is None:
            if not self.inlet.ready():
                return False
            self.input = self.inlet.take()
            self.input_left = self.input.amount
            self.begin_input(self.input)
        if not self._is_open:
            self._is_open = True
            self.begin_lot(self.input)
        return True

    def _portion(self, amount: float, left_s: float) -> float:
        source = self.input
        if source is None:
            return amount
        factor = self.per_input(source)
        portion = min(amount, self.input_left * factor, max(self.wanted() - self.made, 1e-6))
        scrap = self.scrap.split(portion)
        self.input_left -= portion / factor
        self.consumed += portion / factor
        self.made += portion - scrap
        self.good += portion - scrap
        self.reject += scrap
        self.track(portion - scrap, scrap)
        is_used_up = self.input_left * factor <= 1e-6
        if is_used_up:
            self.consumed += self.input_left
            self.input = None
        if self.made >= self.wanted() - 1e-6 or (self.one_to_one and is_used_up):
            self._close_lot(source, left_s)
        return portion

    def _close_lot(self, source: Lot, left_s: float) -> None:
        if self.made > 0:
            self._finished.extend(self.finish_lot(source, left_s))
        self.made = 0.0
        self._is_open = False

    @override
    def follow_process(self, dt_s: float) -> None:
        if self.sequence.state in (PackmlState.HELD, PackmlState.ABORTED, PackmlState.SUSPENDED):
            self._stood = True
            self.speed_per_s = 0.0

    @property
    def speed_share(self) -> float:
        """Speed now against the ideal one; 0 when the machine stands."""
        return self.speed_per_s / self.ideal_per_s if self.running else 0.0


class Mean:
    """A mean weighted by length."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float, weight: float) -> None:
        """Take in a value that held for so much web."""
        self._sum += value * weight
        self._weight += weight

    def take(self, default: float) -> float:
        """Return the mean and start anew."""
        mean = self._sum / self._weight if self._weight > 0 else default
        self._sum = self._weight = 0.0
        return mean
