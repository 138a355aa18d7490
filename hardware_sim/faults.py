"""Faults that can be injected: ids of the catalogue in domain/battery.md 4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hardware_sim.exceptions import UnknownFaultError


class Fault(NamedTuple):
    """What can go wrong with a kind of machine."""

    title: str
    measurements: frozenset[str]
    """Profile measurements of the machines that can have it; empty: all."""
    alarm: tuple[str, ...] = ()
    """Words of the alarm text that fits, best first."""
    aborts: bool = False
    """Whether the machine stands while it lasts."""
    at_the_link: bool = False
    """Whether it is the PLC's link, not the machine, that fails."""


FAULTS: dict[str, Fault] = {
    "F05": Fault("die clogging", frozenset({"coater"}), ("slurry pressure", "die")),
    "F08": Fault("coat weight gauge drifts", frozenset({"coater"})),
    "F09": Fault("web break", frozenset({"coater", "calender", "slitter"}), ("web break",), aborts=True),
    "F20": Fault("door held open", frozenset({"dry-room"})),
    "F23": Fault("vacuum cups worn", frozenset({"stacker"}), ("vacuum", "pick")),
    "F30": Fault("one filling head drips", frozenset({"filler"}), ("filling head", "scale")),
    "F47": Fault("PLC stopped or link lost", frozenset(), at_the_link=True),
}


def fault_for(fault_id: str, measurement: str) -> Fault:
    """Return the fault if that kind of machine can have it.

    Raises:
        UnknownFaultError: there is no such fault, or not for this kind of machine.
    """
    fault = FAULTS.get(fault_id)
    if fault is None:
        raise UnknownFaultError(f"there is no fault {fault_id!r}; there are: {', '.join(sorted(FAULTS))}")
    if fault.measurements and measurement not in fault.measurements:
        fitting = ", ".join(sorted(fault.measurements))
        raise UnknownFaultError(
            f"{fault_id} ({fault.title}) happens to {fitting}, "
            f"not to a machine of measurement {measurement!r}"
        )
    return fault


@dataclass(slots=True)
class ActiveFault:
    """A fault that is on."""

    fault: Fault
    left_s: float
    age_s: float = 0.0
