"""A plant that moves, without simulator, agent or broker: for working on screens and testing them.

`python -m tests.support.lively --port 8090 --folder /tmp/lively` serves the real API and screens
on a real DuckDB historian filled with some hours of plausible history.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import random
from collections.abc import Iterator
from pathlib import Path

from api.app import Services, create_app, serve
from historian.duckdb_store import DuckDbHistorian
from historian.ports import Historian, ProductionMinute, StationBlock
from plant.load import load_plant
from plant.model import Encoding, PlacedStation, Plant, ResultRing, Role, Signal
from plant.packml import PackmlState, time_class
from runtime.logs import configure_logs
from runtime.service import run_until_stopped
from telemetry.clock import now_ms
from telemetry.live import LivePicture, LiveStation
from telemetry.sample import Result, Sample, Scalar

MINUTE_MS = 60_000
_STOPS = (PackmlState.HELD, PackmlState.SUSPENDED, PackmlState.RESETTING, PackmlState.ABORTED)


class LivelyStation:
    """One station that wanders about its nominal values and sometimes stops."""

    def __init__(self, placed: PlacedStation, seed: int) -> None:
        self.placed = placed
        self._chance = random.Random(f"{seed}{placed.path}")
        self._phase = self._chance.uniform(0, 6)
        self.good = self._chance.randint(10_000, 90_000)
        self.reject = self.good // 40

    def state(self, at_ms: int) -> PackmlState:
        """Return the state, the same for the same minute: mostly running."""
        chance = random.Random(f"{self.placed.path}{at_ms // (3 * MINUTE_MS)}")
        return PackmlState.EXECUTE if chance.random() < 0.86 else chance.choice(_STOPS)

    def samples(self, at_ms: int) -> list[Sample]:
        """Return one sample of every signal."""
        return [Sample(signal.name, at_ms, self._value(signal, at_ms)) for signal in self._signals()]

    def _signals(self) -> Iterator[Signal]:
        return (signal for signal in self.placed.profile.signals if not signal.is_array)

    def _value(self, signal: Signal, at_ms: int) -> Scalar:
        match signal.role:
            case Role.STATE:
                return int(self.state(at_ms))
            case Role.MODE | Role.GOOD_COUNT | Role.REJECT_COUNT:
                return {Role.MODE: 1, Role.GOOD_COUNT: self.good}.get(signal.role, self.reject)
            case Role.ALARM_WORD:
                return 0 if self.state(at_ms) is not PackmlState.HELD else 1 << min(signal.bits, default=0)
            case Role.IDENTITY:
                return f"L{at_ms // (30 * MINUTE_MS):08d}"[:10]
            case Role.PROCESS:
                return self._process_value(signal, at_ms)

    def _process_value(self, signal: Signal, at_ms: int) -> Scalar:
        if signal.modbus is not None and signal.modbus.encoding is Encoding.BOOL:
            return True
        limits, sigma = signal.limits, signal.noise.sigma if signal.noise else 0.0
        high = limits.high if limits and limits.high is not None else 100.0
        nominal = limits.nominal if limits and limits.nominal is not None else high / 2
        slow = math.sin(at_ms / 240_000 + self._phase + len(signal.name))
        return nominal + sigma * (slow + self._chance.gauss(0, 0.6))

    def made(self, at_ms: int, seconds: float) -> tuple[int, int]:
        """Return how many good and reject products so many seconds gave."""
        if self.state(at_ms) is not PackmlState.EXECUTE:
            return 0, 0
        expected = (self.placed.station.ideal_rate_per_min or 1) * 0.93 * seconds / 60
        good = int(expected) + (self._chance.random() < expected % 1)
        reject = sum(self._chance.random() < 0.02 for _ in range(min(good, 50)))
        self.good += good
        self.reject += reject
        return good, reject

    def result(self, ring: ResultRing, at_ms: int, number: int) -> Result:
        """Return one result of the ring."""
        rejected = self._chance.random() < 0.03
        fields: dict[str, Scalar | None] = {}
        for field in ring.fields:
            if field.name == ring.grade_field:
                fields[field.name] = 3 if rejected else 0
            elif field.name == ring.time_field:
                fields[field.name] = at_ms
            elif field.encoding is Encoding.STRING:
                fields[field.name] = f"AF{number:010d}"
            elif field.limits is not None and field.limits.nominal is not None:
                sigma = field.noise.sigma if field.noise else 0.0
                fields[field.name] = self._chance.gauss(field.limits.nominal, sigma * (4 if rejected else 1))
            else:
                fields[field.name] = number % 32
        return Result(ring.kind, at_ms, number, str(fields[ring.key_field]), fields)


def lively_plant(plant: Plant, seed: int = 7) -> dict[tuple[str, str, str], LivelyStation]:
    """Return a lively station for each of the plant's."""
    return {
        (placed.path.site, placed.path.line, placed.path.station): LivelyStation(placed, seed)
        for placed in plant.stations()
    }


async def fill_history(
    historian: Historian, stations: dict[tuple[str, str, str], LivelyStation], from_ms: int, to_ms: int
) -> None:
    """Store samples each ten seconds, production minutes and results."""
    for lively in stations.values():
        placed = lively.placed
        times = range(from_ms, to_ms, 10_000)
        samples = [sample for at_ms in times for sample in lively.samples(at_ms)]
        results = [
            lively.result(ring, at_ms, at_ms // 5000)
            for ring in placed.profile.result_rings
            for at_ms in range(max(from_ms, to_ms - 10 * MINUTE_MS), to_ms, 5000)
        ]
        await historian.write([StationBlock(placed.path, placed.profile.measurement, samples, results)])
        minutes = [production_minute(lively, start) for start in range(from_ms, to_ms, MINUTE_MS)]
        await historian.write_production(minutes)


def production_minute(lively: LivelyStation, start_ms: int) -> ProductionMinute:
    """Return a whole minute's production."""
    good, reject = lively.made(start_ms, 60)
    return ProductionMinute(lively.placed.path, start_ms, good, reject, _seconds(lively, start_ms, 60.0))


def _seconds(lively: LivelyStation, at_ms: int, known_s: float) -> dict[str, float]:
    return {time_class(lively.state(at_ms)).value: known_s, "unknown": 60.0 - known_s}


def touch(live: LiveStation, lively: LivelyStation, at_ms: int) -> None:
    """Take in a fresh read of every signal, as the collector would."""
    live.online = True
    for sample in lively.samples(at_ms):
        live.samples[sample.signal] = sample
    for poll in live.placed.profile.poll_classes:
        live.read_at_ms[poll] = at_ms


async def move_forever(
    live: LivePicture,
    stations: dict[tuple[str, str, str], LivelyStation],
    historian: Historian,
    dead: frozenset[str],
) -> None:
    """Move everything four times a second, but the dead stations, which fall silent after two seconds."""
    began_ms = now_ms()
    made: dict[tuple[str, str, str], tuple[float, float]] = {}
    minute_ms = began_ms - began_ms % MINUTE_MS
    tick = 0
    while True:
        at_ms = now_ms()
        if at_ms - minute_ms >= MINUTE_MS:
            minute_ms, made = at_ms - at_ms % MINUTE_MS, {}
        blocks, minutes = [], []
        for key, lively in stations.items():
            if key[2] in dead and at_ms - began_ms > 2000:
                continue
            station = live.stations[key]
            touch(station, lively, at_ms)
            live.revision += 1
            station.revision = live.revision
            if tick % 4:
                continue
            good, reject = lively.made(at_ms, 1.0)
            known = made.get(key, (0.0, 0.0))
            made[key] = (known[0] + good, known[1] + reject)
            results = _results(station, lively, at_ms, tick // 4)
            path, measurement = lively.placed.path, lively.placed.profile.measurement
            blocks.append(StationBlock(path, measurement, lively.samples(at_ms), results))
            known_s = (at_ms - minute_ms) / 1000
            minutes.append(ProductionMinute(path, minute_ms, *made[key], _seconds(lively, at_ms, known_s)))
        if blocks:
            await historian.write(blocks)
            await historian.write_production(minutes)
        tick += 1
        await asyncio.sleep(0.25)


def _results(live: LiveStation, lively: LivelyStation, at_ms: int, second: int) -> list[Result]:
    if second % 5:
        return []
    found = [lively.result(ring, at_ms, at_ms // 5000) for ring in live.placed.profile.result_rings]
    live.results.extend(found)
    return found


async def main(port: int, folder: Path, hours: float, dead: frozenset[str]) -> None:
    """Serve a lively plant until cancelled."""
    plant = load_plant()
    historian = DuckDbHistorian(folder / "lively.duckdb")
    await historian.open()
    try:
        stations = lively_plant(plant)
        to_ms = now_ms() // MINUTE_MS * MINUTE_MS
        await fill_history(historian, stations, to_ms - round(hours * 60) * MINUTE_MS, to_ms)
        live = LivePicture(plant)
        app = create_app(Services(plant=plant, reader=historian, live=live))
        ready = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(move_forever(live, stations, historian, dead), name="plant")
            tasks.create_task(serve(app, "127.0.0.1", port, ready), name="serve")
            await ready.wait()
            print(f"lively at http://127.0.0.1:{port}", flush=True)  # noqa: T201 - what a test waits for
    finally:
        with contextlib.suppress(TimeoutError):
            await historian.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--dead", nargs="*", default=[])
    given = parser.parse_args()
    configure_logs("lively", level="WARNING")
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(run_until_stopped(lambda: main(given.port, given.folder, given.hours, frozenset(given.dead))))
