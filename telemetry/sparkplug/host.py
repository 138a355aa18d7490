"""What a host application knows of each edge node, as messages arrive (pure).

Sparkplug B 3.0: chapters 5 (operational behaviour) and 6 (payloads).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from telemetry.quality import Quality
from telemetry.sample import BatchNumber, DeviceBatch, EdgeNode, Result, Sample
from telemetry.sparkplug.datatype import DataType, UnsupportedTypeError, plain_field
from telemetry.sparkplug.payload import (
    BD_SEQ,
    RESULT_PREFIX,
    MetricDef,
    PayloadError,
    declared,
    parse,
    quality_of,
    results_of,
    value_of,
)
from telemetry.sparkplug.topics import MessageType, Topic

NODE = ""
"""Station id under which an edge node's own metrics appear."""


@dataclass(frozen=True, slots=True)
class Data:
    """Samples and results of one station, to be stored and shown."""

    batch: DeviceBatch


@dataclass(frozen=True, slots=True)
class NodeBorn:
    """An edge node began, or repeated, its session; its stations are stale until born."""

    node: EdgeNode
    at_ms: int
    metrics: dict[str, MetricDef]


@dataclass(frozen=True, slots=True)
class DeviceBorn:
    """A station is connected; current values for the live picture only."""

    batch: DeviceBatch
    at_ms: int


@dataclass(frozen=True, slots=True)
class DeviceDied:
    """The edge node lost the station at that instant."""

    node: EdgeNode
    station: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class NodeDied:
    """The edge node is gone and all its stations with it."""

    node: EdgeNode
    at_ms: int


@dataclass(frozen=True, slots=True)
class RebirthWanted:
    """The host no longer knows what the node's messages mean, or lost some."""

    node: EdgeNode
    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message, or part of one, could not be understood; the rest was taken."""

    node: EdgeNode
    station: str
    reason: str
    number: BatchNumber | None = None
    """Of the batch it was part of: a batch with a bad part is still acknowledged, once stored."""
    message: bytes = b""
    """The whole message as it arrived, for a person to look at."""


Event = Data | NodeBorn | DeviceBorn | DeviceDied | NodeDied | RebirthWanted | Rejected


@dataclass(slots=True)
class _Session:
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

    def forget(self, station: str) -> None:
        """Drop what an earlier birth of the station declared."""
        for name in [name for name in self.names if name[0] == station]:
            alias = self.names.pop(name).alias
            if alias is not None:
                self.aliases.pop(alias, None)
        self.shortcuts.pop(station, None)


class HostView:
    """Turns messages into events; holds one session per edge node."""

    def __init__(self) -> None:
        self._sessions: dict[EdgeNode, _Session] = {}

    def handle(self, topic: Topic, data: bytes, received_ms: int) -> list[Event]:
        """Return what a message means; never raises on what it contains."""
        try:
            payload = parse(data)
        except PayloadError as error:
            return [
                Rejected(topic.node, topic.device or NODE, str(error), message=data),
                RebirthWanted(topic.node, str(error)),
            ]
        events = self._events(topic, payload, received_ms)
        return [replace(event, message=data) if isinstance(event, Rejected) else event for event in events]

    def _events(self, topic: Topic, payload: Any, received_ms: int) -> list[Event]:
        session = self._sessions.setdefault(topic.node, _Session())
        match topic.type:
            case MessageType.NBIRTH:
                return self._node_birth(topic.node, session, payload, received_ms)
            case MessageType.NDEATH:
                return self._node_death(topic.node, session, payload, received_ms)
            case MessageType.DBIRTH | MessageType.DDEATH | MessageType.NDATA | MessageType.DDATA:
                return self._in_session(topic, session, payload, received_ms)
            case MessageType.NCMD | MessageType.DCMD:
                return []

    def is_online(self, node: EdgeNode) -> bool:
        """Return whether the node is in a session."""
        session = self._sessions.get(node)
        return session is not None and session.online

    def definition(self, node: EdgeNode, name: str) -> MetricDef | None:
        """Return what the node's birth declared under that name."""
        session = self._sessions.get(node)
        return session.names.get((NODE, name)) if session else None

    def _node_birth(self, node: EdgeNode, session: _Session, payload: Any, received_ms: int) -> list[Event]:
        session.aliases.clear()
        session.names.clear()
        session.shortcuts.clear()
        session.born.clear()
        session.online = True
        session.next_seq = (payload.seq + 1) % 256
        at_ms = payload.timestamp or received_ms
        samples, _, events = _read(payload, session, NODE, at_ms, birth=True)
        session.bd_seq = next(
            (
                int(sample.value)
                for sample in samples
                if sample.signal == BD_SEQ and isinstance(sample.value, int)
            ),
            None,
        )
        metrics = {
            name: definition for (station, name), definition in session.names.items() if station == NODE
        }
        return [NodeBorn(node, at_ms, metrics), *_located(events, node)]

    def _node_death(self, node: EdgeNode, session: _Session, payload: Any, received_ms: int) -> list[Event]:
        bd_seq = next(
            (metric.long_value or metric.int_value for metric in payload.metrics if metric.name == BD_SEQ),
            None,
        )
        if not session.online or bd_seq != session.bd_seq:
            return []  # a late will of an earlier connection
        session.online = False
        session.born.clear()
        # The will was built at CONNECT, so its own timestamp says nothing about now.
        return [NodeDied(node, received_ms)]

    def _in_session(self, topic: Topic, session: _Session, payload: Any, received_ms: int) -> list[Event]:
        node, station = topic.node, topic.device or NODE
        if not session.online:
            return [RebirthWanted(node, f"{topic.type} before NBIRTH")]
        events: list[Event] = []
        if payload.HasField("seq"):
            if payload.seq != session.next_seq:
                reason = f"sequence number {payload.seq} instead of {session.next_seq}"
                events.append(RebirthWanted(node, reason))
            session.next_seq = (payload.seq + 1) % 256
        at_ms = payload.timestamp or received_ms
        match topic.type:
            case MessageType.DDEATH:
                session.born.discard(station)
                events.append(DeviceDied(node, station, at_ms))
            case MessageType.DBIRTH:
                session.born.add(station)
                session.forget(station)
                samples, results, problems = _read(payload, session, station, at_ms, birth=True)
                events.append(DeviceBorn(DeviceBatch(node, station, samples, results), at_ms))
                events.extend(_located(problems, node))
            case MessageType.DDATA if station not in session.born:
                events.append(RebirthWanted(node, f"DDATA of {station} before its DBIRTH"))
            case _:
                events.extend(_data(node, station, session, payload, at_ms))
        return events


def _data(node: EdgeNode, station: str, session: _Session, payload: Any, at_ms: int) -> list[Event]:
    number = BatchNumber.parse(payload.uuid) if payload.uuid else None
    samples, results, problems = _read(payload, session, station, at_ms, birth=False)
    if any(isinstance(problem, RebirthWanted) for problem in problems):
        return list(_located(problems, node, number))
    historical = bool(payload.metrics) and payload.metrics[0].is_historical
    batch = DeviceBatch(node, station, samples, results, historical, number)
    return [Data(batch), *_located(problems, node, number)]


_NOWHERE = EdgeNode("", "")
_NO_SHORTCUT = ("", "no field")


def _read(
    payload: Any, session: _Session, station: str, message_at_ms: int, *, birth: bool
) -> tuple[list[Sample], list[Result], list[Event]]:
    """Return the samples, results and problems of a message's metrics."""
    samples: list[Sample] = []
    results: list[Result] = []
    problems: list[Event] = []
    aliases, names = session.aliases, session.names
    shortcuts = {} if birth else session.shortcuts.get(station, {})
    good = Quality.GOOD  # looked up once: this loop sees every value of the plant
    for metric in payload.metrics:
        name, value_field = shortcuts.get(metric.alias, _NO_SHORTCUT)
        if (
            metric.WhichOneof("value") == value_field
            and not metric.is_null
            and not metric.HasField("properties")
        ):
            at_ms = metric.timestamp or message_at_ms
            samples.append(Sample(name, at_ms, getattr(metric, value_field), good))
            continue
        try:
            if birth:
                definition = declared(metric)
                session.declare(station, definition)
            elif metric.HasField("alias"):
                owner, definition = aliases[metric.alias]
                if owner != station:
                    raise KeyError(metric.alias)  # noqa: TRY301 - one way out for an unknown alias
            else:
                definition = names[station, metric.name]
            if definition.name.startswith(RESULT_PREFIX):
                results.extend(results_of(definition.name.removeprefix(RESULT_PREFIX), metric))
            elif definition.datatype is not DataType.DATASET:
                at_ms = metric.timestamp or message_at_ms
                samples.append(
                    Sample(definition.name, at_ms, value_of(metric, definition.datatype), quality_of(metric))
                )
        except KeyError as error:
            problems.append(RebirthWanted(_NOWHERE, f"unknown metric {error} of {station or 'the node'}"))
        except (UnsupportedTypeError, ValueError) as error:
            problems.append(Rejected(_NOWHERE, station, str(error)))
    return samples, results, problems


def _located(events: list[Event], node: EdgeNode, number: BatchNumber | None = None) -> list[Event]:
    located: list[Event] = []
    for event in events:
        match event:
            case RebirthWanted(_, reason):
                located.append(RebirthWanted(node, reason))
            case Rejected(_, station, reason):
                located.append(Rejected(node, station, reason, number))
            case _:
                located.append(event)
    return located


def stale(sample: Sample) -> Sample:
    """Return the sample as it looks once its source is gone."""
    return sample._replace(quality=Quality.STALE)
