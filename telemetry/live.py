"""The live picture: the last known value of everything, and how fresh it is (pure)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from plant.model import PlacedStation, Plant
from telemetry.quality import Quality
from telemetry.sample import EdgeNode, Result, Sample
from telemetry.sparkplug.host import Data, DeviceBorn, DeviceDied, Event, NodeBorn, NodeDied
from telemetry.sparkplug.payload import READ_PREFIX

ALLOWED_MISSES = 3
"""Polls that may fail before a value is stale."""
GRACE_MS = 1500
"""For the way from the register to here; with it a dead PLC is grey within 5 s at a poll period of 1 s."""
RECENT_RESULTS = 50


@dataclass(slots=True)
class LiveStation:
    """What is known of one station."""

    placed: PlacedStation
    online: bool = False
    since_ms: int = 0
    """When `online` last changed."""
    samples: dict[str, Sample] = field(default_factory=dict)
    read_at_ms: dict[str, int] = field(default_factory=dict)
    """Poll class to the instant it was last really read."""
    results: deque[Result] = field(default_factory=lambda: deque(maxlen=RECENT_RESULTS))
    revision: int = 0
    """Counts changes, so that a viewer knows whether to look again."""


class LivePicture:
    """Applies host events; answers what an operator may believe now."""

    def __init__(self, plant: Plant) -> None:
        self.stations: dict[tuple[str, str, str], LiveStation] = {}
        self.nodes: dict[EdgeNode, dict[str, Sample]] = {}
        """The edge nodes' own metrics: vitals, spool depth."""
        self.revision = 0
        for placed in plant.stations():
            key = (placed.path.site, placed.path.line, placed.path.station)
            self.stations[key] = LiveStation(placed)

    def station(self, site: str, line: str, station: str) -> LiveStation:
        """Return the station.

        Raises:
            KeyError: the plant description has none at that place.
        """
        return self.stations[site, line, station]

    def apply(self, event: Event) -> LiveStation | None:
        """Take in one event; return the station it changed, if it is about one we know."""
        match event:
            case NodeBorn(node, at_ms, _):
                self._set_node(node, online=False, at_ms=at_ms)
            case NodeDied(node, at_ms):
                self._set_node(node, online=False, at_ms=at_ms)
            case Data(batch) if not batch.station:
                self.nodes.setdefault(batch.node, {}).update(
                    (sample.signal, sample) for sample in batch.samples
                )
            case Data(batch) | DeviceBorn(batch, _):
                live = self.stations.get((*batch.node, batch.station))
                if live is None or batch.historical:
                    return None
                if isinstance(event, DeviceBorn):
                    self._set_online(live, online=True, at_ms=event.at_ms)
                _take(live, batch.samples, batch.results)
                return self._changed(live)
            case DeviceDied(node, station, at_ms):
                live = self.stations.get((*node, station))
                if live is not None:
                    self._set_online(live, online=False, at_ms=at_ms)
                    return self._changed(live)
            case _:
                pass
        return None

    def _set_node(self, node: EdgeNode, *, online: bool, at_ms: int) -> None:
        for (site, line, _), live in self.stations.items():
            if (site, line) == node:
                self._set_online(live, online=online, at_ms=at_ms)
                self._changed(live)

    def _set_online(self, live: LiveStation, *, online: bool, at_ms: int) -> None:
        if live.online != online:
            live.online = online
            live.since_ms = at_ms

    def _changed(self, live: LiveStation) -> LiveStation:
        self.revision += 1
        live.revision = self.revision
        return live


def _take(live: LiveStation, samples: Iterable[Sample], results: Iterable[Result]) -> None:
    for sample in samples:
        if sample.signal.startswith(READ_PREFIX):
            if isinstance(sample.value, int):
                live.read_at_ms[sample.signal.removeprefix(READ_PREFIX)] = sample.value
            continue
        known = live.samples.get(sample.signal)
        if known is None or sample.at_ms >= known.at_ms:
            live.samples[sample.signal] = sample
    known_results = {result[:3] for result in live.results}
    for result in results:
        if result[:3] not in known_results:
            known_results.add(result[:3])
            live.results.append(result)


def read_at_ms(live: LiveStation, signal: str) -> int | None:
    """Return when the signal was last really read, changed or not; None if never."""
    sample = live.samples.get(signal)
    if sample is None:
        return None
    described = next((each for each in live.placed.profile.signals if each.name == signal), None)
    if described is None or described.mqtt is not None:
        return sample.at_ms
    return max(sample.at_ms, live.read_at_ms.get(described.poll, 0))


def believable(live: LiveStation, signal: str, now_ms: int) -> Sample | None:
    """Return the signal's last sample with the quality it deserves now; None if never seen."""
    sample = live.samples.get(signal)
    if sample is None:
        return None
    if not live.online:
        return sample._replace(quality=Quality.STALE)
    last_read_ms = read_at_ms(live, signal) or sample.at_ms
    if now_ms - last_read_ms > allowed_age_ms(live.placed, signal):
        return sample._replace(quality=Quality.STALE)
    return sample


def allowed_age_ms(placed: PlacedStation, signal: str) -> int:
    """Return how old a signal's last read may be before its value is stale."""
    profile = placed.profile
    described = next((each for each in profile.signals if each.name == signal), None)
    if described is not None and described.mqtt is not None:
        return round(profile.sensor.max_age_s * 1000)
    period_s = profile.poll_classes[described.poll].period_s if described is not None else 1.0
    return round(period_s * 1000 * ALLOWED_MISSES) + GRACE_MS
