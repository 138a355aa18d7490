"""What an operator may believe of a station now (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from api.services.timeline import state_of
from plant.model import AlarmBit, Limits, PlacedStation, Priority, Role
from plant.packml import TimeClass, time_class
from telemetry.live import GRACE_MS, LiveStation, allowed_age_ms, believable, read_at_ms
from telemetry.quality import Quality
from telemetry.sample import Sample, Value


class Contact(NamedTuple):
    """Whether the machine answers."""

    alive: bool
    last_read_ms: int | None
    """When anything of it was last really read; None if never."""


class StationStatus(NamedTuple):
    """A station at a glance."""

    contact: Contact
    state: int | None
    """PackML state number; None if unknown."""
    time: TimeClass


class ActiveAlarm(NamedTuple):
    """A set bit of a PLC alarm word."""

    signal: str
    bit: int
    meaning: AlarmBit


_URGENCY = {Priority.CRITICAL: 0, Priority.HIGH: 1, Priority.MEDIUM: 2, Priority.LOW: 3}


def contact(live: LiveStation, now_ms: int) -> Contact:
    """Return whether the machine answers: its quickest poll class decides."""
    # A stale sample is stamped when the loss was noticed: nothing was read then.
    read = (sample.at_ms for sample in live.samples.values() if sample.quality is not Quality.STALE)
    last_read_ms = max((*live.read_at_ms.values(), *read), default=0)
    if not last_read_ms:
        return Contact(alive=False, last_read_ms=None)
    alive = live.online and now_ms - last_read_ms <= _patience_ms(live.placed)
    return Contact(alive, last_read_ms)


def _patience_ms(placed: PlacedStation) -> int:
    one_of_each = {(signal.poll, signal.mqtt is None): signal.name for signal in placed.profile.signals}
    return min((allowed_age_ms(placed, name) for name in one_of_each.values()), default=0)


def believed(live: LiveStation, signal: str, now_ms: int) -> Sample | None:
    """Return the signal's last sample as it may be believed; None if never seen.

    A slowly polled value outlives its machine by half a minute on its own; of
    a machine that does not answer nothing is believed.
    """
    sample = believable(live, signal, now_ms)
    if sample is None or sample.quality is Quality.STALE:
        return sample
    just_read = now_ms - (read_at_ms(live, signal) or 0) <= GRACE_MS  # no machine's patience is shorter
    if just_read or contact(live, now_ms).alive:
        return sample
    return sample._replace(quality=Quality.STALE)


def station_status(live: LiveStation, now_ms: int) -> StationStatus:
    """Return the station at a glance."""
    link = contact(live, now_ms)
    signal = live.placed.profile.with_role(Role.STATE)
    if signal is None or not link.alive:
        return StationStatus(link, None, TimeClass.UNKNOWN)
    state = state_of(believed(live, signal.name, now_ms))
    return StationStatus(link, state, time_class(state))


def knows_alarms(live: LiveStation, now_ms: int) -> bool:
    """Return whether every alarm word may be believed: only then no set bit means no alarm."""
    words = (signal.name for signal in live.placed.profile.signals if signal.role is Role.ALARM_WORD)
    samples = (believed(live, name, now_ms) for name in words)
    return all(sample is not None and sample.quality is Quality.GOOD for sample in samples)


def active_alarms(live: LiveStation, now_ms: int) -> list[ActiveAlarm]:
    """Return the set bits of the alarm words that may be believed, most urgent first."""
    return sorted(
        _set_bits(live, now_ms), key=lambda alarm: (_URGENCY[alarm.meaning.priority], alarm.signal, alarm.bit)
    )


def _set_bits(live: LiveStation, now_ms: int) -> Iterator[ActiveAlarm]:
    for signal in live.placed.profile.signals:
        if signal.role is not Role.ALARM_WORD:
            continue
        sample = believed(live, signal.name, now_ms)
        if sample is None or sample.quality is not Quality.GOOD or not isinstance(sample.value, int | float):
            continue
        word = int(sample.value)
        for bit in range(64):
            if word >> bit & 1:
                unnamed = AlarmBit(text=f"{signal.title}, bit {bit}")
                yield ActiveAlarm(signal.name, bit, signal.bits.get(bit, unnamed))


def violated_limit(value: Value, limits: Limits | None) -> str | None:
    """Return the name of the outermost limit the value is beyond, if any."""
    if limits is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for name, limit, sign in (
        ("high_high", limits.high_high, 1),
        ("low_low", limits.low_low, -1),
        ("high", limits.high, 1),
        ("low", limits.low, -1),
    ):
        if limit is not None and (value - limit) * sign > 0:
            return name
    return None


def newest_read_ms(stations: Iterable[LiveStation], now_ms: int) -> int | None:
    """Return when anything of the stations was last really read; None if never."""
    reads = (contact(live, now_ms).last_read_ms for live in stations)
    return max((read_ms for read_ms in reads if read_ms is not None), default=None)
