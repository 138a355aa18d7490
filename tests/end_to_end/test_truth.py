"""What the simulator's truth says was produced is what the API reports, through every hop."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

import pytest

from hardware_sim.truth import TruthReader
from plant.load import load_plant
from plant.model import StationPath
from telemetry.clock import at, now_ms
from telemetry.sample import Result
from tests.support.influx import Influx1, Influx2
from tests.support.mosquitto import Mosquitto
from tests.support.ports import HOST, free_port
from tests.support.processes import gigafloor
from tests.support.stack import Reader, Stack, eventually, running

SITE, LINES = "acc-douvrin", ("assembly-1", "finishing-1")
SPEED = 20
PRODUCE_S = 20
SETTLED_MS = 6_000
"""What was made longer ago than this is on disk, both as truth and in the historian."""
BOUNDARY_MS = 1_000
"""A count this near an end of the compared range may fall on either side of it."""
PRODUCTION_LAG_MS = 10_000
"""The running minute's figures are brought up to date every few seconds."""

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(params=[Influx1, Influx2], ids=lambda version: version.version)
def influx(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Influx1 | Influx2]:
    server = request.param(tmp_path / "influx")
    server.start()
    yield server
    server.stop()


def test_separate_processes_on_influxdb_report_the_truth(
    influx: Influx1 | Influx2, own_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    stack = Stack(tmp_path, SITE, LINES, own_mosquitto.settings, influx.prepared(), speed=SPEED)
    began_ms = now_ms()
    with running(stack):
        _compare_when_settled(stack.reader, TruthReader(stack.truth), began_ms)
        for child in reversed(stack.children.values()):
            child.stop()
            assert child.returncode == 0, child.output()
            assert "Traceback" not in child.output()


def test_the_demo_on_duckdb_reports_the_truth(tmp_path: Path) -> None:
    port = free_port()
    began_ms = now_ms()
    arguments = (
        "--site",
        SITE,
        "--speed",
        str(SPEED),
        "--port",
        str(port),
        "--data-dir",
        str(tmp_path / "data"),
    )
    with gigafloor("demo", *arguments, folder=tmp_path / "log") as demo:
        reader = Reader(f"http://{HOST}:{port}/api/v1")
        _compare_when_settled(reader, TruthReader(tmp_path / "data" / "truth"), began_ms)
        demo.stop()
        assert demo.returncode == 0, demo.output()
        assert "Traceback" not in demo.output()


def _compare_when_settled(reader: Reader, truth: TruthReader, began_ms: int) -> None:
    eventually(
        lambda: len(_reported(reader, began_ms, now_ms())) > 20, within_s=90, what="20 cells on the API"
    )
    time.sleep(PRODUCE_S)
    until_ms = now_ms()
    time.sleep(SETTLED_MS / 1000)
    _compare_results(reader, truth, began_ms, until_ms)
    _compare_counts(reader, truth)


def _compare_results(reader: Reader, truth: TruthReader, began_ms: int, until_ms: int) -> None:
    """Every cell exactly once, with the values its machine had."""
    reported = _reported(reader, began_ms, until_ms)
    true = {
        (path, result.number, result.key): result
        for path in {_path(item["place"]) for item in reported}
        for result in truth.results("cell", path)
        if result.at_ms < until_ms
    }
    seen = [(_path(item["place"]), item["number"], item["key"]) for item in reported]
    assert len(seen) == len(set(seen)), "a cell was reported twice"
    _assert_none("lost", set(true) - set(seen))
    _assert_none("never made", set(seen) - set(true))
    assert len(true) > 100
    for item in reported:
        _compare_fields(item, true[_path(item["place"]), item["number"], item["key"]])


@cache
def _steps(path: StationPath) -> dict[str, float]:
    """Return how far the PLC's register can be from each field of a cell: half a step of a scaled integer."""
    profile = next(placed.profile for placed in load_plant(sites=[SITE]).stations() if placed.path == path)
    fields = next(ring for ring in profile.result_rings if ring.kind == "cell").fields
    return {field.name: 0.501 * abs(field.scale) if field.encoding.is_whole else 0.0 for field in fields}


def _assert_none(what: str, cells: set[tuple[StationPath, int, str]]) -> None:
    some = sorted(cells)[:5]
    assert not cells, f"{len(cells)} cells {what}, for example {some}"


def _compare_fields(item: dict[str, Any], true: Result) -> None:
    assert _ms(item["at"]) == true.at_ms
    steps = _steps(_path(item["place"]))
    for name, value in true.fields.items():
        reported = item["fields"][name]
        if isinstance(value, str):
            assert reported == value, name
        elif value is not None and math.isfinite(value):
            assert reported == pytest.approx(value, rel=1e-6, abs=steps[name]), name


def _compare_counts(reader: Reader, truth: TruthReader) -> None:
    """Production over the whole time equals what the machine counted since the first read."""
    answers = [_Produced.asked(reader, _path(place)) for line in LINES for place in _stations(reader, line)]
    time.sleep(SETTLED_MS / 1000)
    counted = truth.table("counts")
    for path, first_ms, last_ms, asked_ms, good, counter in answers:
        least, most = _made_between(counted, path, first_ms, last_ms)
        assert least <= counter <= most, f"{path}: the counter rose by {counter}, not {least} to {most}"
        _, most = _made_between(counted, path, first_ms, asked_ms)
        assert least <= good <= most, f"{path}: {good} good reported, between {least} and {most} made"


class _Produced(NamedTuple):
    """What the API says of one station."""

    path: StationPath
    first_ms: int
    """When its counter was first read; what was made before nobody saw."""
    last_ms: int
    asked_ms: int
    good: float
    counter: float
    """How far the counter rose from the first to the last read."""

    @classmethod
    def asked(cls, reader: Reader, path: StationPath) -> Self:
        where = {"site": path.site, "line": path.line, "station": path.station}
        series = reader.get(
            "/series", **where, signal="good_count", **_span(now_ms() - 600_000, now_ms()), points=5000
        )
        stored = [(_ms(each["at"]), each["value"]) for each in series["samples"] if each["quality"] == "good"]
        (first_ms, first), (last_ms, last) = stored[0], stored[-1]
        produced = reader.items("/production", **where, **_span(first_ms - 60_000, now_ms()), bucket="minute")
        return cls(path, first_ms, last_ms, now_ms(), sum(each["good"] for each in produced), last - first)


def _made_between(
    counted: Sequence[dict[str, Any]], path: StationPath, start_ms: int, stop_ms: int
) -> tuple[float, float]:
    """Return the least and the most the truth counts between two reads of the register."""
    return (
        _made(counted, path, start_ms + BOUNDARY_MS, stop_ms - PRODUCTION_LAG_MS),
        _made(counted, path, start_ms - BOUNDARY_MS, stop_ms + BOUNDARY_MS),
    )


def _made(counted: Sequence[dict[str, Any]], path: StationPath, start_ms: int, stop_ms: int) -> float:
    """Return how many good products the truth counts in a range."""
    totals = [(row["at_ms"], row["good"]) for row in counted if _path(row) == path]
    before = [good for at_ms, good in totals if at_ms < start_ms]
    until = [good for at_ms, good in totals if at_ms < stop_ms]
    return (until[-1] if until else 0.0) - (before[-1] if before else 0.0)


def _reported(reader: Reader, start_ms: int, stop_ms: int) -> list[dict[str, Any]]:
    return reader.items("/results/cell", site=SITE, **_span(start_ms, stop_ms))


def _stations(reader: Reader, line: str) -> list[dict[str, Any]]:
    places = [item["place"] for item in reader.items("/signals", site=SITE, line=line, q="good_count")]
    assert places
    return places


def _span(start_ms: int, stop_ms: int) -> dict[str, str]:
    return {"from": at(start_ms).isoformat(), "to": at(stop_ms).isoformat()}


def _path(place: dict[str, Any]) -> StationPath:
    return StationPath(*(place[name] for name in StationPath._fields))


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
