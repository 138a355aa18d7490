"""Errors of the simulator."""

from __future__ import annotations


class SimulatorError(Exception):
    """Root of this package's errors.

    SimulatorError
    ├── PortUnavailableError   free the port or change the site file, then start again
    └── UnknownFaultError      correct the fault or the station it names
    """


class PortUnavailableError(SimulatorError):
    """A Modbus server cannot listen where the site file says."""


class UnknownFaultError(SimulatorError):
    """There is no such fault, no such station, or the machine cannot have that fault."""
