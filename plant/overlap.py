"""Registers that two signals or rings of a device claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from plant.record import Finding
from plant.register import Table
from plant.result_ring import ResultRing
from plant.signal import Signal


class HasRegisters(Protocol):
    """What is looked at; a profile is one."""

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Signals, some in registers."""

    @property
    def result_rings(self) -> tuple[ResultRing, ...]:
        """Rings, all in registers."""


class _Claim(NamedTuple):
    """Registers from start to before stop, or one bit of one."""

    table: Table
    start: int
    stop: int
    bit: int | None
    who: str
    where: tuple[str | int, ...]


def overlaps(profile: HasRegisters) -> Iterator[Finding]:
    """Yield each claim to a register that is taken; flags may share one in different bits."""
    standing: list[_Claim] = []
    for claim in sorted(_claims(profile), key=lambda claim: (claim.table, claim.start, claim.stop)):
        standing = [one for one in standing if one.table is claim.table and one.stop > claim.start]
        other = next((one for one in standing if not _share(one, claim)), None)
        if other is not None:
            what = f"{claim.who} at {claim.table} {claim.start} overlaps {other.who}, {_extent(other)}"
            yield Finding(claim.where, f"{what}; check both addresses in the register list")
        standing.append(claim)


def _share(one: _Claim, other: _Claim) -> bool:
    """Whether two claims to one register are different bits of it."""
    return one.bit is not None and other.bit is not None and one.bit != other.bit


def _extent(claim: _Claim) -> str:
    if claim.bit is not None:
        return f"which is bit {claim.bit} of {claim.start}"
    if claim.stop == claim.start + 1:
        return f"which is at {claim.start}"
    return f"which goes from {claim.start} to {claim.stop - 1}"


def _claims(profile: HasRegisters) -> Iterator[_Claim]:
    for index, signal in enumerate(profile.signals):
        register = signal.modbus
        if register is None:
            continue
        where = ("signals", index, "modbus", "address")
        who = f"signal '{signal.name}'"
        yield _Claim(register.table, register.address, register.stop, register.bit, who, where)
    for index, ring in enumerate(profile.result_rings):
        place = ("result_rings", index)
        head = f"the head of ring '{ring.kind}'"
        yield _Claim(ring.table, ring.head, ring.head + 2, None, head, (*place, "head"))
        slots = f"ring '{ring.kind}'"
        yield _Claim(ring.table, ring.first_slot, ring.stop, None, slots, (*place, "first_slot"))
