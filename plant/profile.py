"""What a machine type has: signals, result rings, and what its device tolerates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from plant.nearest import nearest
from plant.overlap import overlaps
from plant.record import Finding, Identifier, Model, refuse
from plant.register import WordOrder
from plant.result_ring import ResultRing
from plant.signal import Role, Signal

_ONLY_ONE = frozenset({Role.STATE, Role.MODE, Role.GOOD_COUNT, Role.REJECT_COUNT})


class PollClass(Model):
    """How often a group of signals is read."""

    period_s: float = Field(ge=0.05, le=3600)
    heartbeat_s: float = Field(default=60.0, ge=1, le=3600)
    """Longest time an unchanged value goes unreported."""


class ModbusDialect(Model):
    """What a device tolerates."""

    word_order: WordOrder = WordOrder.ABCD
    max_registers: int = Field(default=125, ge=1, le=125)
    max_bits: int = Field(default=2000, ge=1, le=2000)
    max_gap: int = Field(default=8, ge=0, le=124)
    """Unused registers worth reading to save a request; 0 for a device that refuses holes."""
    timeout_s: float = Field(default=1.0, gt=0, le=30)
    pause_between_requests_s: float = Field(default=0.0, ge=0, le=5)
    """For devices that lose a request that follows too closely."""


class SensorDialect(Model):
    """How an MQTT sensor tells its time."""

    timestamp_field: str | None = None
    """Dotted path to the time in the message; None stamps with the arrival."""
    timestamp_unit: str = Field(default="iso8601", pattern="^(iso8601|s|ms)$")
    max_age_s: float = Field(default=30.0, gt=0)
    """Silence after which the sensor's values are stale."""


class Profile(Model):
    """What a machine type has."""

    profile: Identifier
    measurement: Identifier
    """Profile class: the historian's measurement, shared by similar machine types."""
    title: str
    stage: str
    """Process stage in the domain's signal list, such as MIX or COAT."""
    counts: str = "cells"
    """What the production counters count, such as cells, m or batches."""
    modbus: ModbusDialect = ModbusDialect()
    sensor: SensorDialect = SensorDialect()
    poll_classes: dict[str, PollClass]
    signals: tuple[Signal, ...]
    result_rings: tuple[ResultRing, ...] = ()

    def signal(self, name: str) -> Signal:
        """Return the signal of that name.

        Raises:
            KeyError: there is none.
        """
        for signal in self.signals:
            if signal.name == name:
                return signal
        raise KeyError(name)

    def with_role(self, role: Role) -> Signal | None:
        """Return the first signal that has the role."""
        return next((signal for signal in self.signals if signal.role is role), None)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        refuse((*_name_findings(self), *_request_findings(self), *overlaps(self)))
        return self


def _name_findings(profile: Profile) -> Iterator[Finding]:
    """Yield names and roles that stand twice, and poll classes that do not exist."""
    if not profile.signals and not profile.result_rings:
        yield Finding(("signals",), "a profile needs at least one signal or result ring")
    seen: set[str] = set()
    roles: dict[Role, str] = {}
    for index, signal in enumerate(profile.signals):
        if signal.name in seen:
            yield Finding(("signals", index, "name"), f"two signals are named '{signal.name}'; rename one")
        seen.add(signal.name)
        if signal.poll not in profile.poll_classes:
            message = f"signal '{signal.name}' wants poll class '{signal.poll}'"
            yield Finding(("signals", index, "poll"), message + nearest(signal.poll, profile.poll_classes))
        if signal.role in _ONLY_ONE and signal.role in roles:
            message = (
                f"the role {signal.role} is taken by '{roles[signal.role]}'; only one signal can have it"
            )
            yield Finding(("signals", index, "role"), message)
        roles.setdefault(signal.role, signal.name)
    for index, ring in enumerate(profile.result_rings):
        if ring.poll not in profile.poll_classes:
            message = f"ring '{ring.kind}' wants poll class '{ring.poll}'"
            yield Finding(("result_rings", index, "poll"), message + nearest(ring.poll, profile.poll_classes))


def _request_findings(profile: Profile) -> Iterator[Finding]:
    """Yield values that do not fit in one request: their halves would be read at two moments."""
    most = profile.modbus.max_registers
    for index, signal in enumerate(profile.signals):
        register = signal.modbus
        if register is None or register.table.is_bits:
            continue
        one = register.width // register.count
        if one > most:
            message = f"signal '{signal.name}' takes {one} registers; the device gives at most {most} at once"
            yield Finding(("signals", index, "modbus"), message)
    for index, ring in enumerate(profile.result_rings):
        if ring.stride > most:
            message = f"a slot of ring '{ring.kind}' takes {ring.stride} registers; "
            message += f"the device gives at most {most} at once"
            yield Finding(("result_rings", index, "stride"), message)
