from historian.acceptance import LAST_MS, acceptable
from historian.ports import StationBlock
from plant.model import StationPath
from telemetry.sample import BatchNumber, Result, Sample

PATH = StationPath("douvrin", "electrode", "line-1", "coater-1")


def test_block_without_fault_is_passed_on_as_it_is() -> None:
    block = StationBlock(PATH, "coater", [Sample("x", 1, 1.0)], [Result("roll", 2, 1, "R1", {})])
    accepted, refused = acceptable([block, StationBlock(PATH, "coater")])
    assert accepted[0] is block
    assert not refused


def test_point_beyond_time_is_taken_out_and_named() -> None:
    block = StationBlock(
        PATH,
        "coater",
        [Sample("x", LAST_MS, 1.0), Sample("x", LAST_MS - 1, 2.0), Sample("y", -LAST_MS, 3.0)],
        [Result("roll", LAST_MS + 5, 1, "R1", {}), Result("roll", 5, 2, "R2", {})],
        BatchNumber("a1", 7),
    )
    [accepted], refused = acceptable([block])
    assert [sample.value for sample in accepted.samples] == [2.0]
    assert [result.key for result in accepted.results] == ["R2"]
    assert accepted.number == block.number
    assert [(point.what, point.at_ms) for point in refused] == [
        ("x", LAST_MS),
        ("y", -LAST_MS),
        ("roll R1", LAST_MS + 5),
    ]
    assert "check the clock of the device" in refused[0].reason
