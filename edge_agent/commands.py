"""What a host may tell an edge node: be born again, and what is durable. Nothing else (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from telemetry.delivery import ACKNOWLEDGED, parse_acknowledgement
from telemetry.sparkplug.datatype import DataType, UnsupportedTypeError
from telemetry.sparkplug.payload import REBIRTH, PayloadError, parse, value_of


@dataclass(frozen=True, slots=True)
class Rebirth:
    """The host no longer knows the node's metrics."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Batches of one incarnation that are durable."""

    incarnation: str
    ranges: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class RejectedCommand:
    """Something this node does not do."""

    reason: str


Command = Rebirth | Acknowledgement | RejectedCommand
_TYPES = {REBIRTH: DataType.BOOLEAN, ACKNOWLEDGED: DataType.STRING}


def commands_in(payload: bytes, names: Mapping[int, str]) -> list[Command]:
    """Return what an NCMD asks for; `names` tells what the node's aliases stand for."""
    try:
        metrics = parse(payload).metrics
    except PayloadError as error:
        return [RejectedCommand(str(error))]
    commands: list[Command] = []
    for metric in metrics:
        name = metric.name or names.get(metric.alias, f"alias {metric.alias}")
        try:
            command = _command(name, value_of(metric, _TYPES[name]))
        except KeyError:
            command = RejectedCommand(f"'{name}' is not writable: this node only reads machines")
        except (UnsupportedTypeError, ValueError) as error:
            command = RejectedCommand(f"'{name}': {error}")
        if command is not None:
            commands.append(command)
    return commands


def _command(name: str, value: object) -> Command | None:
    """Return what writing the value means; a rebirth of `false` means nothing."""
    if name == REBIRTH:
        return Rebirth() if value is True else None
    return Acknowledgement(*parse_acknowledgement(str(value)))
