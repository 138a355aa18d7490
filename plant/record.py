"""What every part of a description is: a frozen record that forbids what it does not know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
"""Lower case with hyphens; safe in an MQTT topic, a tag, a file name and a URL."""

SignalName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
"""Lower snake case, ending in the unit where there is one."""


class Model(BaseModel):
    """A frozen record that forbids unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Finding(NamedTuple):
    """A mistake that a model finds in itself, and where below it."""

    where: tuple[str | int, ...]
    message: str


class InconsistentError(ValueError):
    """A model's parts do not fit each other; it holds every mistake with its place."""

    findings: tuple[Finding, ...]

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(finding.message for finding in self.findings))


def refuse(findings: Iterable[Finding]) -> None:
    """Raise if there is a finding.

    Raises:
        InconsistentError: there is one or more.
    """
    found = tuple(findings)
    if found:
        raise InconsistentError(found)
