"""What the agent asks of its store and forward: an ordered list on disk, and a memory for the node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple, Protocol

from telemetry.sparkplug.datatype import DataType

EXPIRY_PERIOD_MS = 10_000


class BatchClass(IntEnum):
    """What goes first when the spool is full: the lower class."""

    LIVE = 0
    RESULT = 1
    """Result rings are read once; nothing later replaces them."""


class Entry(NamedTuple):
    """What is to be kept of one station: serialised Sparkplug metrics."""

    device: str
    batch_class: BatchClass
    created_ms: int
    metrics: bytes


class Batch(NamedTuple):
    """An entry that is on disk and has its number."""

    number: int
    device: str
    batch_class: BatchClass
    created_ms: int
    metrics: bytes


class SpoolStats(NamedTuple):
    """How full the spool is."""

    batches: int
    bytes: int
    oldest_ms: int | None
    dropped: int
    """Batches that were given up for want of room or because of their age."""


class Spool(Protocol):
    """An ordered, bounded list of batches; a number never repeats within an incarnation."""

    @property
    def incarnation(self) -> str:
        """Return the random id of this spool file."""

    async def append(
        self, entries: Sequence[Entry], cursors: Mapping[tuple[str, str], bytes] | None = None
    ) -> list[Batch]:
        """Keep the entries and the ring cursors (by station and kind), all or nothing; return when durable.

        Raises:
            SpoolUnavailableError: nothing of it is stored.
        """

    async def read(self, after: int, limit: int) -> list[Batch]:
        """Return the oldest batches whose numbers are above `after`, in order."""

    @property
    def last_number(self) -> int:
        """Return the highest number ever given, 0 before the first."""

    async def acknowledge(self, ranges: Sequence[tuple[int, int]]) -> int:
        """Forget batches that a host holds, by inclusive ranges; return how many there were."""

    def stats(self) -> SpoolStats:
        """Return how full the spool is."""

    def depth(self, device: str) -> int:
        """Return how many batches of one station are kept."""


class MetricKey(NamedTuple):
    """What an alias stands for; a metric that changes its type is another metric."""

    device: str
    """Empty for the node itself."""
    name: str
    datatype: DataType


class NodeMemory(Protocol):
    """What an edge node must not forget when it is restarted."""

    async def aliases(self, keys: Iterable[MetricKey]) -> dict[MetricKey, int]:
        """Return every alias ever given, after giving new ones to new metrics; none ever changes."""

    async def cursors(self) -> dict[tuple[str, str], bytes]:
        """Return the ring cursors by station and kind of result."""

    async def next_bd_seq(self) -> int:
        """Return the number of the next MQTT session: 0 first, 255 before 0."""
