"""What a machine type measures: signals with unit, limits, noise and meaning."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from plant.record import Finding, Model, SignalName, refuse
from plant.register import Encoding, Register


class Role(StrEnum):
    """What a signal is for, beyond being a process value."""

    PROCESS = "process"
    STATE = "state"
    """PackML state number (see `packml`)."""
    MODE = "mode"
    GOOD_COUNT = "good_count"
    REJECT_COUNT = "reject_count"
    ALARM_WORD = "alarm_word"
    IDENTITY = "identity"
    """Text: recipe, batch, roll or serial now in the machine."""


_WHOLE = frozenset({Role.STATE, Role.MODE, Role.GOOD_COUNT, Role.REJECT_COUNT, Role.ALARM_WORD})


class Priority(StrEnum):
    """ISA-18.2 alarm priority."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class MqttField(Model):
    """Where a value stands in a sensor's JSON message."""

    topic: str = Field(default="", pattern=r"^[^+#]*$")
    """Below the station's own topic; empty for that topic itself."""
    field: str
    """Dotted path into the JSON object, for example `readings.dew_point`."""
    scale: float = 1.0
    offset: float = 0.0


class Limits(Model):
    """Specification limits of a product characteristic, control limits of a process value."""

    nominal: float | None = None
    low: float | None = None
    high: float | None = None
    low_low: float | None = None
    high_high: float | None = None

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        given = [
            (name, value)
            for name in ("low_low", "low", "nominal", "high", "high_high")
            if (value := getattr(self, name)) is not None
        ]
        for (name, value), (next_name, next_value) in pairwise(given):
            if value > next_value:
                above = f"{name} {value:g} is above {next_name} {next_value:g}"
                raise ValueError(f"{above}; limits rise from low_low to high_high")
        return self


class NoiseLaw(StrEnum):
    """How a value scatters around its true mean."""

    NORMAL = "normal"
    POISSON = "poisson"
    """A count: its variance is its mean, sigma is not used."""
    BINOMIAL = "binomial"
    """A share of rejects: its variance follows from the number of products, sigma is not used."""
    LOGNORMAL = "lognormal"
    """Sigma is the standard deviation of the natural logarithm, without a unit."""


class Noise(Model):
    """Short-term behaviour of a real signal, for the simulator."""

    law: NoiseLaw = NoiseLaw.NORMAL
    sigma: float = Field(default=0.0, ge=0)
    """One standard deviation of white noise, in the signal's unit."""
    wander_sigma: float | None = Field(default=None, ge=0)
    """AR(1) process wander; None takes 0.6 sigma."""
    wander_tau_s: float = Field(default=600.0, gt=0)


class Dynamics(Model):
    """First order plus dead time response, for the simulator."""

    tau_s: float = Field(default=0.0, ge=0)
    dead_time_s: float = Field(default=0.0, ge=0)


class AlarmBit(Model):
    """One bit of a PLC alarm word."""

    text: str
    priority: Priority = Priority.MEDIUM


class Signal(Model):
    """One measured or commanded quantity of a machine type."""

    name: SignalName
    title: str
    ref: str | None = None
    """Id in the domain's signal list, where it has one."""
    role: Role = Role.PROCESS
    unit: str = ""
    poll: str = "process"
    """Name of the poll class."""
    modbus: Register | None = None
    mqtt: MqttField | None = None
    deadband: float = Field(default=0.0, ge=0)
    """Smallest change worth reporting, in the signal's unit."""
    range: tuple[float, float] | None = None
    """What the instrument can read; outside is quality bad."""
    limits: Limits | None = None
    noise: Noise | None = None
    dynamics: Dynamics | None = None
    bits: dict[int, AlarmBit] = Field(default_factory=dict)
    """For an alarm word: meaning of each bit, 0 the least significant."""

    @property
    def is_array(self) -> bool:
        """Whether each sample is an array of numbers."""
        return self.modbus is not None and self.modbus.count > 1

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        refuse(self._findings())
        return self

    def _findings(self) -> Iterator[Finding]:
        who = f"signal '{self.name}'"
        if (self.modbus is None) == (self.mqtt is None):
            yield Finding(("name",), f"{who} needs either 'modbus' or 'mqtt', and only one of them")
        if self.range is not None and self.range[0] >= self.range[1]:
            yield Finding(("range",), f"{who}: range must go from low to high")
        if self.bits and self.role is not Role.ALARM_WORD:
            yield Finding(("bits",), f"{who} has 'bits' but its role is not alarm_word")
        if self.modbus is not None:
            yield from self._encoding_findings(who, self.modbus.encoding)

    def _encoding_findings(self, who: str, encoding: Encoding) -> Iterator[Finding]:
        where = ("modbus", "encoding")
        if not encoding.is_number and (self.deadband or self.range or self.limits or self.noise):
            yield Finding(
                where, f"{who} is a {encoding}; it takes no deadband, range, limits or noise; remove them"
            )
        if self.role is Role.IDENTITY and encoding is not Encoding.STRING:
            yield Finding(where, f"{who} has the role identity: its encoding must be string, not {encoding}")
        if self.role in _WHOLE and not encoding.is_whole:
            yield Finding(where, f"{who} has the role {self.role}: it must be a whole number, not {encoding}")
        for bit in self.bits:
            if not 0 <= bit < 16 * encoding.registers:
                yield Finding(
                    ("bits", bit), f"{who} has {16 * encoding.registers} bits; there is no bit {bit}"
                )
