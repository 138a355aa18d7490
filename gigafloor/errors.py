"""Errors of starting a process, and which errors of the others are sentences for a person.

Exception
└── StartError   something outside stops the start: a taken port, a locked file, a missing setting
"""

from __future__ import annotations


class StartError(Exception):
    """A sentence for the person who started it: what, where, what to do."""


def sentence_in(error: BaseException) -> Exception | None:
    """Return the foreseeable error in a failure, however deep in groups; None if there is a bug to show."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, _foreseeable()) else None


def _foreseeable() -> tuple[type[Exception], ...]:
    """Return the roots of the errors that say what, where and what to do.

    Imported only when something has failed: a command loads only what it runs.
    """
    from api.errors import AddressInUseError  # noqa: PLC0415
    from collector.exceptions import CollectorError  # noqa: PLC0415
    from edge_agent.exceptions import EdgeError  # noqa: PLC0415
    from hardware_sim.exceptions import SimulatorError  # noqa: PLC0415
    from historian.ports import HistorianError  # noqa: PLC0415
    from plant.problem import DescriptionError  # noqa: PLC0415

    return (
        StartError,
        DescriptionError,
        AddressInUseError,
        CollectorError,
        EdgeError,
        HistorianError,
        SimulatorError,
    )
