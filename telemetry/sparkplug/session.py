"""What one edge node's births declared, and its messages read by it (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from telemetry.quality import Quality
from telemetry.sample import BatchNumber, EdgeNode, Result, Sample
from telemetry.sparkplug.datatype import DataType, plain_field
from telemetry.sparkplug.events import Event, RebirthWanted, Rejected
from telemetry.sparkplug.payload import (
    RESULT_PREFIX,
    MetricDef,
    declared,
    quality_of,
    results_of,
    value_of,
)


@dataclass(slots=True)
class Session:
    """A node's session, from NBIRTH to NDEATH."""

    online: bool = False
    bd_seq: int | None = None
    next_seq: int = 0
    aliases: dict[int, tuple[str, MetricDef]] = field(default_factory=dict)
    """Alias to (station, declaration); unique over the node."""
    names: dict[tuple[str, str], MetricDef] = field(default_factory=dict)
    shortcuts: dict[str, dict[int, tuple[str, str]]] = field(default_factory=dict)
    """Station, then alias to name and protobuf field, of metrics whose field is the value as it stands."""
    born: set[str] = field(default_factory=set)

    def declare(self, station: str, definition: MetricDef) -> None:
        """Take in what a birth declares.

        Raises:
            ValueError: the alias already means a metric of another station.
        """
        if definition.alias is not None:
            owner, other = self.aliases.get(definition.alias, (station, definition))
            if owner != station:
                raise ValueError(
                    f"alias {definition.alias} of {definition.name!r} already means "
                    f"{other.name!r} of {owner or 'the node'}; aliases are unique in an edge node"
                )
            self.aliases[definition.alias] = (station, definition)
        self.names[station, definition.name] = definition
        value_field = plain_field(definition.datatype)
        shortcuts = self.shortcuts.setdefault(station, {})
        shortcuts.pop(definition.alias or 0, None)
        # A metric without alias reads as alias 0.
        if definition.alias and value_field and not definition.name.startswith(RESULT_PREFIX):
            shortcuts[definition.alias] = (definition.name, value_field)

    def definition(self, station: str, metric: Any) -> MetricDef:
        """Return what the station's birth declared for a metric of its data.

        Raises:
            KeyError: nothing, or it belongs to another station.
        """
        if not metric.HasField("alias"):
            return self.names[station, metric.name]
        owner, definition = self.aliases[metric.alias]
        if owner != station:
            raise KeyError(metric.alias)
        return definition

    def forget(self, station: str) -> None:
        """Drop what an earlier birth of the station declared."""
        for name in [name for name in self.names if name[0] == station]:
            alias = self.names.pop(name).alias
            if alias is not None:
                self.aliases.pop(alias, None)
        self.shortcuts.pop(station, None)


_NO_SHORTCUT = ("", "no field")


@dataclass(slots=True)
class Contents:
    """What a message says about one station, and what of it could not be understood."""

    samples: list[Sample] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    problems: list[Event] = field(default_factory=list)


def read_birth(payload: Any, session: Session, node: EdgeNode, station: str, at_ms: int) -> Contents:
    """Declare a birth's metrics and return their values; `at_ms` is for metrics without a time."""
    contents = Contents()
    for metric in payload.metrics:
        try:
            definition = declared(metric)
            session.declare(station, definition)
            _take(contents, metric, definition, at_ms)
        except ValueError as error:
            contents.problems.append(Rejected(node, station, str(error)))
    return contents


def read_data(payload: Any, session: Session, node: EdgeNode, station: str, at_ms: int) -> Contents:
    """Return the values of a data message; an unknown metric wants a rebirth."""
    contents = Contents()
    number = BatchNumber.parse(payload.uuid) if payload.uuid else None
    shortcuts = session.shortcuts.get(station, {})
    take_sample = contents.samples.append
    good = Quality.GOOD  # looked up once: this loop sees every value of the plant
    for metric in payload.metrics:
        name, value_field = shortcuts.get(metric.alias, _NO_SHORTCUT)
        if (
            metric.WhichOneof("value") == value_field
            and not metric.is_null
            and not metric.HasField("properties")
        ):
            take_sample(Sample(name, metric.timestamp or at_ms, getattr(metric, value_field), good))
            continue
        try:
            _take(contents, metric, session.definition(station, metric), at_ms)
        except KeyError as error:
            reason = f"unknown metric {error} of {station or 'the node'}"
            contents.problems.append(RebirthWanted(node, reason))
        except ValueError as error:
            contents.problems.append(Rejected(node, station, str(error), number))
    return contents


def _take(contents: Contents, metric: Any, definition: MetricDef, at_ms: int) -> None:
    if definition.name.startswith(RESULT_PREFIX):
        contents.results.extend(results_of(definition.name.removeprefix(RESULT_PREFIX), metric))
    elif definition.datatype is not DataType.DATASET:
        value = value_of(metric, definition.datatype)
        quality = quality_of(metric)
        contents.samples.append(Sample(definition.name, metric.timestamp or at_ms, value, quality))
