"""Errors of starting a process, and which errors of the others are sentences for a person.

Exception
└── StartError   something outside stops the start: a taken port, a locked file, a missing setting
"""

from __future__ import annotations

import sys


class StartError(Exception):
    """A sentence for the person who started it: what, where, what to do."""


_ROOTS = (
    ("plant.problem", "DescriptionError"),
    ("historian.ports", "HistorianError"),
    ("edge_agent.exceptions", "EdgeError"),
    ("collector.exceptions", "CollectorError"),
    ("api.errors", "ApiError"),
    ("hardware_sim.exceptions", "SimulatorError"),
)
"""Roots of the errors that say what, where and what to do, by module."""


def sentence_in(error: BaseException) -> Exception | None:
    """Return the foreseeable error in a failure, however deep in groups; None if there is a bug to show."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    # An error's module is loaded already; the others need not be, to say it.
    loaded: list[type[Exception]] = [
        getattr(sys.modules[module], root) for module, root in _ROOTS if module in sys.modules
    ]
    foreseeable = isinstance(error, (StartError, *loaded))
    return error if foreseeable and isinstance(error, Exception) else None
