"""What a message means to a host."""

from __future__ import annotations

from dataclasses import dataclass

from telemetry.sample import BatchNumber, DeviceBatch, EdgeNode
from telemetry.sparkplug.payload import MetricDef


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
