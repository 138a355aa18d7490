"""What the agent knows of one station, and what it still has to say about it (no I/O)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from edge_agent.poll_class import PolledClass
from edge_agent.report_by_exception import is_due
from edge_agent.sources.decode import PollImage
from edge_agent.sources.read_plan import ReadRequest, plan_reads
from edge_agent.sources.result_ring import RingCursor
from edge_agent.spool.spool import BatchClass, Entry, MetricKey
from plant.model import PlacedStation, Role, Signal
from telemetry.quality import Quality
from telemetry.sample import Result, Sample
from telemetry.sparkplug.datatype import DataType, datatype_of
from telemetry.sparkplug.payload import READ_PREFIX, RESULT_PREFIX, MetricBuilder, MetricDef


def metric_keys(placed: PlacedStation) -> list[MetricKey]:
    """Return every metric the station can ever have, in the order of its birth."""
    station, profile = placed.path.station, placed.profile
    keys = [MetricKey(station, signal.name, datatype_of_signal(signal)) for signal in profile.signals]
    keys += [MetricKey(station, RESULT_PREFIX + ring.kind, DataType.DATASET) for ring in profile.result_rings]
    polled = {signal.poll for signal in profile.signals if signal.modbus is not None}
    polled |= {ring.poll for ring in profile.result_rings}
    keys += [
        MetricKey(station, READ_PREFIX + poll, DataType.DATETIME)
        for poll in profile.poll_classes
        if poll in polled
    ]
    return keys


def datatype_of_signal(signal: Signal) -> DataType:
    """Return the Sparkplug type that carries the signal."""
    if signal.modbus is None:
        return DataType.STRING if signal.role is Role.IDENTITY else DataType.DOUBLE
    register = signal.modbus
    scaled = register.scale != 1.0 or register.offset != 0.0
    return datatype_of(register.encoding, scaled=scaled, array=signal.is_array)


class StationState:
    """Takes what the sources read; gives what the spool keeps and what births declare."""

    def __init__(
        self,
        placed: PlacedStation,
        aliases: Mapping[MetricKey, int],
        cursors: Mapping[str, bytes],
        *,
        retired: Sequence[MetricDef] = (),
    ) -> None:
        """Create it; `retired` metrics are those only an earlier run's batches still use."""
        self.placed = placed
        self.name = placed.path.station
        self.connected = False
        self.definitions = {
            key.name: MetricDef(key.name, key.datatype, aliases[key]) for key in metric_keys(placed)
        }
        self.requests: dict[str, list[ReadRequest]] = {}
        for request in plan_reads(placed.profile):
            self.requests.setdefault(request.poll, []).append(request)
        self._classes = {
            poll: PolledClass(placed.profile, poll, requests, self.definitions)
            for poll, requests in self.requests.items()
        }
        self.cursors = {
            ring.kind: RingCursor.from_bytes(cursors[ring.kind]) if ring.kind in cursors else RingCursor()
            for ring in placed.profile.result_rings
        }
        self._sensed: dict[str, Sample] = {}
        self._read_at_ms: dict[str, int] = {}
        self._reads_told: dict[str, int] = {}
        self._live: list[bytes] = []
        self._results: list[bytes] = []
        self._new_cursors: dict[tuple[str, str], bytes] = {}
        self._retired = retired
        self.on_news: Callable[[], None] = lambda: None
        """Called when there is something to collect."""

    def image(self, poll: str) -> PollImage:
        """Return where the poll class's registers are put as they are read."""
        return self._classes[poll].image

    def took_poll(self, poll: str) -> None:
        """Report what changed in the class's image."""
        metrics, complete_at_ms = self._classes[poll].report()
        if complete_at_ms is not None:
            self._read_at_ms[poll] = complete_at_ms
        self._say(metrics)

    def took_ring(self, poll: str, at_ms: int) -> None:
        """Note that a class without signals was read."""
        if poll not in self._classes:
            self._read_at_ms[poll] = at_ms

    def took_results(self, kind: str, results: Sequence[Result], cursor: RingCursor, at_ms: int) -> None:
        """Report results; the cursor is kept in the same transaction as they are."""
        kept = self.cursors[kind]
        self.cursors[kind] = cursor
        if cursor.to_bytes() != kept.to_bytes():
            self._new_cursors[self.name, kind] = cursor.to_bytes()
        if results:
            builder = MetricBuilder()
            builder.add_results(self.definitions[RESULT_PREFIX + kind], results, at_ms)
            self._results.append(builder.metrics())
            self.on_news()

    def took_samples(self, samples: Iterable[Sample]) -> None:
        """Report a sensor's samples that are worth it."""
        builder = MetricBuilder()
        for sample in samples:
            signal = self.placed.profile.signal(sample.signal)
            heartbeat_s = self.placed.profile.poll_classes[signal.poll].heartbeat_s
            last = self._sensed.get(sample.signal)
            if is_due(last, sample, deadband=signal.deadband, heartbeat_ms=round(heartbeat_s * 1000)):
                self._sensed[sample.signal] = sample
                builder.add(self.definitions[sample.signal], sample)
        self._say(builder.metrics())

    def lose(self, at_ms: int) -> None:
        """Report every Modbus signal stale; the station is no longer connected."""
        self.connected = False
        for polled in self._classes.values():
            self._say(polled.lose(at_ms))
        self.on_news()

    def collect(self, at_ms: int) -> tuple[list[Entry], dict[tuple[str, str], bytes]]:
        """Return what has to be spooled since the last time, with the ring cursors that go with it."""
        entries = []
        if self._live:
            entries.append(Entry(self.name, BatchClass.LIVE, at_ms, b"".join(self._live)))
        if self._results:
            entries.append(Entry(self.name, BatchClass.RESULT, at_ms, b"".join(self._results)))
        cursors, self._new_cursors = self._new_cursors, {}
        self._live, self._results = [], []
        return entries, cursors

    def birth(self, at_ms: int) -> bytes:
        """Return the metrics of a DBIRTH: every one, with its current value or null."""
        builder = MetricBuilder()
        _declare_retired(builder, self._retired, at_ms)
        current = {sample.signal: sample for sample in self._current()}
        for name, definition in self.definitions.items():
            if definition.datatype is DataType.DATASET:
                builder.add_results(definition, [], at_ms, birth=True)
            elif name.startswith(READ_PREFIX):
                builder.add(definition, self._read_sample(name, at_ms), birth=True)
            else:
                sample = current.get(name) or Sample(name, at_ms, None, Quality.STALE)
                builder.add(definition, sample, birth=True)
        return builder.metrics()

    def reads(self) -> bytes:
        """Return when each class was last read, as far as that is new."""
        builder = MetricBuilder()
        for poll, at_ms in self._read_at_ms.items():
            if self._reads_told.get(poll) != at_ms:
                self._reads_told[poll] = at_ms
                name = READ_PREFIX + poll
                builder.add(self.definitions[name], Sample(name, at_ms, at_ms))
        return builder.metrics()

    def _read_sample(self, name: str, at_ms: int) -> Sample:
        read_at_ms = self._read_at_ms.get(name.removeprefix(READ_PREFIX))
        if read_at_ms is None:
            return Sample(name, at_ms, None, Quality.STALE)
        return Sample(name, read_at_ms, read_at_ms)

    def _current(self) -> Iterator[Sample]:
        for polled in self._classes.values():
            yield from polled.samples()
        yield from self._sensed.values()

    def _say(self, metrics: bytes) -> None:
        if metrics:
            self._live.append(metrics)
            self.on_news()


class RetiredStation:
    """A station that is no longer described, while batches of an earlier run wait to be sent."""

    connected = False

    def __init__(self, definitions: Sequence[MetricDef]) -> None:
        self._definitions = definitions

    def birth(self, at_ms: int) -> bytes:
        """Return the metrics of a DBIRTH, all without value."""
        builder = MetricBuilder()
        _declare_retired(builder, self._definitions, at_ms)
        return builder.metrics()


def _declare_retired(builder: MetricBuilder, definitions: Sequence[MetricDef], at_ms: int) -> None:
    for definition in definitions:
        if definition.datatype is DataType.DATASET:
            builder.add_results(definition, [], at_ms, birth=True)
        else:
            builder.add(definition, Sample(definition.name, at_ms, None, Quality.STALE), birth=True)
