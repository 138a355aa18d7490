"""What a host application knows of each edge node, as messages arrive (pure).

Sparkplug B 3.0: chapters 5 (operational behaviour) and 6 (payloads).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from telemetry.quality import Quality
from telemetry.sample import BatchNumber, DeviceBatch, EdgeNode, Sample
from telemetry.sparkplug.events import (
    Data,
    DeviceBorn,
    DeviceDied,
    Event,
    NodeBorn,
    NodeDied,
    RebirthWanted,
    Rejected,
)
from telemetry.sparkplug.payload import BD_SEQ, MetricDef, PayloadError, parse
from telemetry.sparkplug.session import Session, read_birth, read_data
from telemetry.sparkplug.topics import MessageType, Topic

__all__ = [
    "NODE",
    "Data",
    "DeviceBorn",
    "DeviceDied",
    "Event",
    "HostView",
    "NodeBorn",
    "NodeDied",
    "RebirthWanted",
    "Rejected",
    "stale",
]

NODE = ""
"""Station id under which an edge node's own metrics appear."""


class HostView:
    """Turns messages into events; holds one session per edge node."""

    def __init__(self) -> None:
        self._sessions: dict[EdgeNode, Session] = {}

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
        session = self._sessions.setdefault(topic.node, Session())
        match topic.type:
            case MessageType.NBIRTH:
                return self._node_birth(topic.node, payload, received_ms)
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

    def _node_birth(self, node: EdgeNode, payload: Any, received_ms: int) -> list[Event]:
        session = self._sessions[node] = Session(online=True, next_seq=(payload.seq + 1) % 256)
        at_ms = payload.timestamp or received_ms
        contents = read_birth(payload, session, node, NODE, at_ms)
        numbers = [sample.value for sample in contents.samples if sample.signal == BD_SEQ]
        session.bd_seq = next((number for number in numbers if isinstance(number, int)), None)
        metrics = {definition.name: definition for definition in session.names.values()}
        return [NodeBorn(node, at_ms, metrics), *contents.problems]

    def _node_death(self, node: EdgeNode, session: Session, payload: Any, received_ms: int) -> list[Event]:
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

    def _in_session(self, topic: Topic, session: Session, payload: Any, received_ms: int) -> list[Event]:
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
                born = read_birth(payload, session, node, station, at_ms)
                events.append(DeviceBorn(DeviceBatch(node, station, born.samples, born.results), at_ms))
                events.extend(born.problems)
            case MessageType.DDATA if station not in session.born:
                events.append(RebirthWanted(node, f"DDATA of {station} before its DBIRTH"))
            case _:
                events.extend(_data(node, station, session, payload, at_ms))
        return events


def _data(node: EdgeNode, station: str, session: Session, payload: Any, at_ms: int) -> list[Event]:
    contents = read_data(payload, session, node, station, at_ms)
    if any(isinstance(problem, RebirthWanted) for problem in contents.problems):
        return contents.problems  # half a batch is not taken: it comes again, whole
    number = BatchNumber.parse(payload.uuid) if payload.uuid else None
    historical = bool(payload.metrics) and payload.metrics[0].is_historical
    batch = DeviceBatch(node, station, contents.samples, contents.results, historical, number)
    return [Data(batch), *contents.problems]


def stale(sample: Sample) -> Sample:
    """Return the sample as it looks once its source is gone."""
    return sample._replace(quality=Quality.STALE)
