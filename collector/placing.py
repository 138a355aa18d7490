"""Where in the plant a batch belongs, and what of it belongs nowhere (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from collector.dead_letter import DeadLetter, Kind
from historian.ports import StationBlock
from plant.model import Plant, StationPath
from telemetry.sample import DeviceBatch, EdgeNode, Result, Sample
from telemetry.sparkplug.payload import READ_PREFIX

VITALS_PREFIX = "Vitals/"
VITALS_MEASUREMENT = "vitals"
AGENT = "agent"
"""Station id under which an edge node's own vitals are stored."""
MOST_AHEAD_MS = 24 * 3600 * 1000
"""A sample further in the future would be the newest one for ever."""

_signal_of = itemgetter(0)
_at_of = itemgetter(1)


@dataclass(frozen=True, slots=True)
class _Place:
    path: StationPath
    measurement: str
    signals: frozenset[str]
    kinds: frozenset[str]
    has_arrays: bool


class Placed(NamedTuple):
    """A batch by the plant description."""

    block: StationBlock | None
    """None if nothing of the batch is to be stored."""
    letters: tuple[DeadLetter, ...] = ()
    values: int = 0
    """Numbers and texts in the block, each element of an array counted."""


class PlantPlaces:
    """Finds stations by the names they have on the wire."""

    def __init__(self, plant: Plant) -> None:
        self._places: dict[tuple[EdgeNode, str], _Place] = {}
        self._agents: dict[EdgeNode, StationPath] = {}
        for placed in plant.stations():
            path, profile = placed.path, placed.profile
            node = EdgeNode(path.site, path.line)
            self._agents[node] = StationPath(path.site, path.area, path.line, AGENT)
            self._places[node, path.station] = _Place(
                path,
                profile.measurement,
                frozenset(signal.name for signal in profile.signals),
                frozenset(ring.kind for ring in profile.result_rings),
                any(signal.is_array for signal in profile.signals),
            )

    def place(self, batch: DeviceBatch, now_ms: int) -> Placed:
        """Return what of the batch goes to the historian and what becomes dead letters."""
        if not batch.station:
            return self._place_vitals(batch)
        place = self._places.get((batch.node, batch.station))
        if place is None:
            return Placed(None, (self._unknown(batch, now_ms),))
        latest_ms = now_ms + MOST_AHEAD_MS
        samples, letters = batch.samples, list[DeadLetter]()
        if not _all_belong(samples, place.signals, latest_ms):
            samples, letters = _sorted_out(batch, place, latest_ms, now_ms)
        results, more = _known_results(batch, place, latest_ms, now_ms)
        if not samples and not results:
            return Placed(None, (*letters, *more))
        block = StationBlock(place.path, place.measurement, samples, results, batch.number)
        values = _count_values(samples) if place.has_arrays else len(samples)
        values += sum(len(result.fields) for result in results)
        return Placed(block, (*letters, *more), values)

    def _place_vitals(self, batch: DeviceBatch) -> Placed:
        path = self._agents.get(batch.node)
        samples = [
            sample._replace(signal=sample.signal.removeprefix(VITALS_PREFIX))
            for sample in batch.samples
            if sample.signal.startswith(VITALS_PREFIX) and not isinstance(sample.value, np.ndarray)
        ]
        if path is None or not samples:
            return Placed(None)
        return Placed(StationBlock(path, VITALS_MEASUREMENT, samples, (), batch.number), values=len(samples))

    def _unknown(self, batch: DeviceBatch, now_ms: int) -> DeadLetter:
        known = sorted(station for node, station in self._places if node == batch.node)
        there = f"there are: {', '.join(known)}" if known else "it has no such line at all"
        reason = (
            f"the plant description has no station '{batch.station}' on line '{batch.node.line}' of site"
            f" '{batch.node.site}' ({there}); give agent and collector the same description"
        )
        body = _points(batch.samples, batch.results)
        return DeadLetter(now_ms, batch.node, batch.station, Kind.UNKNOWN_STATION, reason, body)


def _all_belong(samples: Sequence[Sample], signals: frozenset[str], latest_ms: int) -> bool:
    """Return whether every sample can be stored as it is; runs in C, it sees every value."""
    if not samples:
        return True
    return (
        signals.issuperset(map(_signal_of, samples))
        and max(map(_at_of, samples)) <= latest_ms
        and min(map(_at_of, samples)) > 0
    )


def _sorted_out(
    batch: DeviceBatch, place: _Place, latest_ms: int, now_ms: int
) -> tuple[list[Sample], list[DeadLetter]]:
    good: list[Sample] = []
    nameless: list[Sample] = []
    timeless: list[Sample] = []
    for sample in batch.samples:
        if sample.signal.startswith(READ_PREFIX):
            continue
        if sample.signal not in place.signals:
            nameless.append(sample)
        elif not 0 < sample.at_ms <= latest_ms:
            timeless.append(sample)
        else:
            good.append(sample)
    letters = []
    if nameless:
        names = ", ".join(sorted({sample.signal for sample in nameless})[:10])
        reason = f"{place.path} has no signal {names}; give agent and collector the same profile"
        letters.append(_letter(batch, now_ms, Kind.UNKNOWN_SIGNAL, reason, nameless))
    if timeless:
        letters.append(
            _letter(batch, now_ms, Kind.IMPOSSIBLE_TIME, _time_reason(timeless[0].at_ms), timeless)
        )
    return good, letters


def _known_results(
    batch: DeviceBatch, place: _Place, latest_ms: int, now_ms: int
) -> tuple[list[Result], list[DeadLetter]]:
    nameless = [result for result in batch.results if result.kind not in place.kinds]
    timeless = [
        result for result in batch.results if result.kind in place.kinds and not 0 < result.at_ms <= latest_ms
    ]
    if not nameless and not timeless:
        return batch.results, []
    letters = []
    if nameless:
        kinds = ", ".join(sorted({result.kind for result in nameless}))
        reason = f"{place.path} has no result ring {kinds}; give agent and collector the same profile"
        letters.append(_letter(batch, now_ms, Kind.UNKNOWN_SIGNAL, reason, results=nameless))
    if timeless:
        reason = _time_reason(timeless[0].at_ms)
        letters.append(_letter(batch, now_ms, Kind.IMPOSSIBLE_TIME, reason, results=timeless))
    bad = {id(result) for result in (*nameless, *timeless)}
    return [result for result in batch.results if id(result) not in bad], letters


def _time_reason(at_ms: int) -> str:
    return (
        f"its time, {at_ms} ms since 1970, is not after 1970 or more than a day ahead;"
        " check the clock of the PLC or the agent"
    )


def _letter(
    batch: DeviceBatch,
    now_ms: int,
    kind: Kind,
    reason: str,
    samples: Iterable[Sample] = (),
    results: Iterable[Result] = (),
) -> DeadLetter:
    return DeadLetter(now_ms, batch.node, batch.station, kind, reason, _points(samples, results))


def _points(samples: Iterable[Sample], results: Iterable[Result]) -> bytes:
    """Return points as JSON, for a person to read."""
    points: list[dict[str, object]] = [
        {"signal": name, "at_ms": at_ms, "value": _plain(value), "quality": int(quality)}
        for name, at_ms, value, quality in samples
    ]
    points += [result._asdict() | {"fields": dict(result.fields)} for result in results]
    return json.dumps(points, default=str).encode()


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _count_values(samples: Sequence[Sample]) -> int:
    return sum(sample.value.size if isinstance(sample.value, np.ndarray) else 1 for sample in samples)
