import numpy as np

from historian.influx.line_protocol import lines, production_line, unwritable
from historian.influx.names import field_name, original_name
from historian.ports import ProductionMinute, StationBlock
from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import Result, Sample, Value

PATH = StationPath("douvrin", "electrode", "line-1", "coater-1")
HEAD = "area=electrode,line=line-1,site=douvrin,station=coater-1"


def test_fields_of_one_time_stand_in_one_line() -> None:
    block = StationBlock(
        PATH,
        "coater",
        [
            Sample("speed_m_min", 1000, 42.5),
            Sample("recipe", 1000, 'A "7"\\'),
            Sample("running", 1000, True),
            Sample("coat_weight_g_m2", 1001, 210, Quality.UNCERTAIN),
            Sample("dew_point_c", 1001, None, Quality.STALE),
            Sample("profile_um", 1001, np.array([80.0, np.nan, 81.0])),
        ],
    )
    late = (
        "coat_weight_g_m2=210.0,coat_weight_g_m2_q=64,dew_point_c_q=500,profile_um_0=80.0,profile_um_2=81.0"
    )
    assert list(lines([block])) == [
        f'coater,{HEAD} speed_m_min=42.5,recipe="A \\"7\\"\\\\",running=1.0 1000000000',
        f"coater,{HEAD} {late} 1001000000",
    ]


def test_results_of_one_millisecond_get_different_times() -> None:
    results = [Result("cell", 1000, number, f"C{number}", {"ocv_v": 3.3}) for number in (7, 8)]
    assert list(lines([StationBlock(PATH, "assembly", results=results)])) == [
        f'cell,{HEAD} number=7.0,key="C7",ocv_v=3.3 1000000007',
        f'cell,{HEAD} number=8.0,key="C8",ocv_v=3.3 1000000008',
    ]


def test_production_minute_writes_every_class() -> None:
    minute = ProductionMinute(PATH, 60_000, 12, 1, {"apt": 45.0, "adot": 15.0})
    assert production_line(minute) == (
        f"production,{HEAD} good=12.0,reject=1.0,apt_s=45.0,aust_s=0.0,adet_s=0.0,adot_s=15.0,"
        "planned_s=0.0,unknown_s=0.0 60000000000"
    )


def test_infinity_and_nan_are_never_written() -> None:
    values: tuple[Value, ...] = (float("inf"), -float("inf"), float("nan"), np.full(2, np.inf), 10**400)
    block = StationBlock(PATH, "coater", [Sample("x", n, value) for n, value in enumerate(values)])
    assert [line.split(" ")[1] for line in lines([block])] == ["x_q=0"] * len(values)


def test_name_that_cannot_be_written_is_named_and_left_out() -> None:
    block = StationBlock(PATH, "coater", [Sample("a\nb", 5, 1.0), Sample("x", 5, 2.0)])
    [point] = unwritable([block])
    assert (point.what, point.at_ms) == ("a\nb", 5)
    assert list(lines([block])) == [f"coater,{HEAD} x=2.0 5000000"]
    lost = StationBlock(PATH._replace(line="a\\"), "coater", [Sample("x", 5, 2.0)])
    assert [point.what for point in unwritable([lost])] == ["x"]
    assert list(lines([lost])) == []


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("coat_weight_g_m2", "time_s", "line_speed_m_min", "torque", "q", "x_q_max"):
        assert field_name(name) == name == original_name(name)
