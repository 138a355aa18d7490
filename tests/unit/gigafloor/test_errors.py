"""Which failures are a sentence for a person, and which are bugs to show whole."""

from __future__ import annotations

import pytest

from api.errors import AddressInUseError
from collector.exceptions import UnknownSiteError
from edge_agent.exceptions import PlanError
from gigafloor.errors import StartError, sentence_in
from hardware_sim.exceptions import PortUnavailableError
from historian.ports import HistorianUnavailableError
from plant.yaml_file import DescriptionError


@pytest.mark.parametrize(
    "error",
    [
        StartError("port taken"),
        DescriptionError([]),
        HistorianUnavailableError("locked"),
        PlanError("too long"),
        UnknownSiteError("no such site"),
        AddressInUseError("in use"),
        PortUnavailableError("in use"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_foreseeable_error_is_found_however_deep(error: Exception) -> None:
    assert sentence_in(error) is error
    assert sentence_in(ExceptionGroup("tasks", [ExceptionGroup("more tasks", [error])])) is error


def test_a_bug_is_not_dressed_up_as_a_sentence() -> None:
    assert sentence_in(KeyError("state")) is None
    assert sentence_in(ExceptionGroup("tasks", [ValueError("a bug")])) is None
    assert sentence_in(KeyboardInterrupt()) is None
