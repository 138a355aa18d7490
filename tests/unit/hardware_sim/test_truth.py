"""What really happened can be read back, at any time and after trouble."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware_sim import truth
from hardware_sim.truth import TruthFiles, TruthLog, TruthReader
from plant.model import StationPath
from plant.packml import PackmlState
from telemetry.sample import Result

PATH = StationPath("acc-douvrin", "assembly", "assembly-1", "welder-1")


def result(number: int) -> Result:
    return Result("cell", 1000 + number, number, f"C{number:04d}", {"weld_uohm": 45.5, "grade": 0})


def test_what_is_noted_is_read_back(tmp_path: Path) -> None:
    log, files = TruthLog(), TruthFiles(tmp_path, "1")
    log.result(PATH, result(1), good=True)
    log.state(PATH, 5, PackmlState.HELD, "failure")
    log.counts(PATH, 6, 17, 2)
    log.fault(PATH, 7, "F23", begins=True)
    files.write(log.take())
    reader = TruthReader(tmp_path)
    assert reader.results() == [result(1)]
    assert reader.counts() == {(PATH, "cell"): 1}
    assert reader.by_key("C0001") == [(PATH, result(1))]
    assert reader.totals() == {PATH: (17.0, 2.0)}
    assert [row["state"] for row in reader.table("states")] == [11]
    assert [row["fault"] for row in reader.table("faults")] == ["F23"]


def test_parts_rotate_and_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "PART_ROWS", 10)
    log, files = TruthLog(), TruthFiles(tmp_path, "1")
    for number in range(1, 26):
        log.result(PATH, result(number), good=True)
        files.write(log.take())
    assert len(list((tmp_path / "results").glob("*.parquet"))) == 3
    assert [each.number for each in TruthReader(tmp_path).results()] == list(range(1, 26))


def test_two_runs_into_one_directory_add_up(tmp_path: Path) -> None:
    for run in ("1", "2"):
        log = TruthLog()
        log.result(PATH, result(int(run)), good=True)
        TruthFiles(tmp_path, run).write(log.take())
    assert TruthReader(tmp_path).counts() == {(PATH, "cell"): 2}


def test_rows_that_could_not_be_written_come_with_the_next(tmp_path: Path) -> None:
    obstacle = tmp_path / "truth"
    obstacle.write_text("in the way")
    log, files = TruthLog(), TruthFiles(obstacle, "1")
    log.result(PATH, result(1), good=True)
    with pytest.raises(OSError, match="truth"):
        files.write(log.take())
    obstacle.unlink()
    files.write(log.take())
    assert TruthReader(obstacle).results() == [result(1)]


def test_directory_without_truth_reads_as_empty(tmp_path: Path) -> None:
    assert TruthReader(tmp_path).counts() == {}
