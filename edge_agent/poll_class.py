"""One poll class of one station: from registers read to metrics worth reporting (no I/O)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from edge_agent.metric_rows import RowEncoder
from edge_agent.report_by_exception import BlockReporter, is_due
from edge_agent.sources.decode import (
    UNREAD,
    ArrayDecoder,
    PollImage,
    ScalarDecoder,
    TextDecoder,
    compile_decoder,
)
from edge_agent.sources.read_plan import ReadRequest
from plant.model import Profile
from telemetry.quality import Quality
from telemetry.sample import Sample
from telemetry.sparkplug.payload import MetricBuilder, MetricDef


class _Block:
    """Scalar signals of one encoding."""

    def __init__(self, decoder: ScalarDecoder, definitions: Sequence[MetricDef], heartbeat_ms: int) -> None:
        deadbands = np.asarray([signal.deadband for signal in decoder.signals], np.float64)
        self.decoder = decoder
        self.definitions = definitions
        self.reporter = BlockReporter(deadbands, heartbeat_ms, decoder.dtype)
        self.encoder = RowEncoder([each.alias or 0 for each in definitions], definitions[0].datatype)

    def report(self, image: PollImage) -> bytes:
        """Return the metrics worth reporting."""
        values, quality, at_ms = self.decoder.decode(image)
        rows = self.reporter.report(values, quality, at_ms)
        good = rows[quality[rows] == Quality.GOOD]
        metrics = self.encoder.encode(good, values[good], at_ms[good])
        return metrics + self._without_value(rows[quality[rows] != Quality.GOOD])

    def lose(self, at_ms: int) -> bytes:
        """Return every signal as stale."""
        size = len(self.definitions)
        quality = np.full(size, Quality.STALE, np.int16)
        rows = self.reporter.report(self.reporter.values, quality, np.full(size, at_ms, np.int64))
        return self._without_value(rows)

    def _without_value(self, rows: npt.NDArray[np.intp]) -> bytes:
        builder = MetricBuilder()
        for row in rows.tolist():
            builder.add(self.definitions[row], self.sample(row))
        return builder.metrics()

    def sample(self, row: int) -> Sample:
        """Return what was last reported of one signal."""
        quality = Quality(self.reporter.quality[row])
        value = self.reporter.values[row].item() if quality is Quality.GOOD else None
        return Sample(self.definitions[row].name, int(self.reporter.at_ms[row]), value, quality)

    def samples(self) -> Iterator[Sample]:
        """Yield what was last reported of every signal that was."""
        return (self.sample(row) for row in np.flatnonzero(self.reporter.quality != UNREAD).tolist())


class PolledClass:
    """Decodes a class's image and reports by exception."""

    def __init__(
        self,
        profile: Profile,
        poll: str,
        requests: Iterable[ReadRequest],
        definitions: Mapping[str, MetricDef],
    ) -> None:
        self.image = PollImage(requests)
        self._heartbeat_ms = round(profile.poll_classes[poll].heartbeat_s * 1000)
        decoder = compile_decoder(profile, poll, self.image)
        self._blocks = [
            _Block(each, [definitions[signal.name] for signal in each.signals], self._heartbeat_ms)
            for each in decoder.scalars
        ]
        self._single: Sequence[TextDecoder | ArrayDecoder] = (*decoder.texts, *decoder.arrays)
        self._definitions = definitions
        self._last: dict[str, Sample] = {}

    def report(self) -> tuple[bytes, int | None]:
        """Return the metrics worth reporting, and when the class was read if all of it was."""
        metrics = b"".join(block.report(self.image) for block in self._blocks)
        builder = MetricBuilder()
        for each in self._single:
            value, quality, at_ms = each.decode(self.image)
            if quality != UNREAD:
                sample = Sample(each.signal.name, at_ms, value, Quality(quality))
                self._report_single(builder, sample, each.signal.deadband)
        return metrics + builder.metrics(), self.image.complete_at_ms()

    def lose(self, at_ms: int) -> bytes:
        """Return every signal without value and stale."""
        builder = MetricBuilder()
        for each in self._single:
            stale = Sample(each.signal.name, at_ms, None, Quality.STALE)
            self._report_single(builder, stale, each.signal.deadband)
        return b"".join(block.lose(at_ms) for block in self._blocks) + builder.metrics()

    def samples(self) -> Iterator[Sample]:
        """Yield what was last reported of every signal."""
        for block in self._blocks:
            yield from block.samples()
        yield from self._last.values()

    def _report_single(self, builder: MetricBuilder, sample: Sample, deadband: float) -> None:
        last = self._last.get(sample.signal)
        if is_due(last, sample, deadband=deadband, heartbeat_ms=self._heartbeat_ms):
            self._last[sample.signal] = sample
            builder.add(self._definitions[sample.signal], sample)
