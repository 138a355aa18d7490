"""Payload bytes pinned to Sparkplug B 3.0, section 6.4, by a protobuf encoder written for these tests."""

from __future__ import annotations

import numpy as np
import pytest

from telemetry.quality import Quality
from telemetry.sample import BatchNumber, Result, Sample, Scalar
from telemetry.sparkplug.datatype import DataType, pack_array, unpack_array
from telemetry.sparkplug.payload import (
    MetricBuilder,
    MetricDef,
    bd_seq_payload,
    command_payload,
    frame,
    mark_historical,
)
from tests.support.protobuf_wire import block, double, integer, single

AT_MS = 1_486_144_502_122
"""The instant of the specification's example messages."""


def payload_of(definition: MetricDef, sample: Sample, *, birth: bool = False) -> bytes:
    """Return the bytes of a message with one metric."""
    builder = MetricBuilder()
    builder.add(definition, sample, birth=birth)
    return builder.metrics()


def test_birth_metric_has_name_timestamp_and_datatype() -> None:
    definition = MetricDef("Node Control/Rebirth", DataType.BOOLEAN)
    sample = Sample("Node Control/Rebirth", AT_MS, value=False)
    metric = block(1, "Node Control/Rebirth") + integer(3, AT_MS) + integer(4, 11) + integer(14, 0)
    assert payload_of(definition, sample, birth=True) == block(2, metric)


def test_aliased_birth_has_name_and_alias_and_aliased_data_has_the_alias_only() -> None:
    definition = MetricDef("speed_m_min", DataType.DOUBLE, alias=7)
    sample = Sample("speed_m_min", AT_MS, 35.5)
    birth = block(1, "speed_m_min") + integer(2, 7) + integer(3, AT_MS) + integer(4, 10) + double(13, 35.5)
    data = integer(2, 7) + integer(3, AT_MS) + double(13, 35.5)
    assert payload_of(definition, sample, birth=True) == block(2, birth)
    assert payload_of(definition, sample) == block(2, data)


def test_sequence_number_zero_is_written_explicitly() -> None:
    assert frame(b"", at_ms=AT_MS, seq=0) == integer(1, AT_MS) + integer(3, 0)


def test_batch_number_travels_in_the_uuid() -> None:
    message = frame(b"", at_ms=AT_MS, seq=9, number=BatchNumber("3f2a", 57))
    assert message == integer(1, AT_MS) + integer(3, 9) + block(4, "3f2a:57")


def test_death_holds_bdseq_only_and_no_sequence_number() -> None:
    metric = block(1, "bdSeq") + integer(3, AT_MS) + integer(4, 4) + integer(11, 255)
    assert bd_seq_payload(255, AT_MS) == block(2, metric) + integer(1, AT_MS)


def test_death_of_the_first_session_says_zero_explicitly() -> None:
    assert integer(11, 0) in bd_seq_payload(0, AT_MS)


def test_command_has_no_sequence_number_and_goes_by_alias_alone() -> None:
    metric = integer(2, 3) + integer(3, AT_MS) + block(15, "3f2a:1-57,60")
    definition = MetricDef("Delivery/Acknowledged", DataType.STRING, alias=3)
    expected = block(2, metric) + integer(1, AT_MS)
    assert command_payload([(definition, "3f2a:1-57,60")], AT_MS) == expected


@pytest.mark.parametrize(
    ("datatype", "value", "field"),
    [
        (DataType.INT8, -23, integer(10, 2**32 - 23)),
        (DataType.INT16, -30_000, integer(10, 2**32 - 30_000)),
        (DataType.INT32, -1, integer(10, 2**32 - 1)),
        (DataType.INT64, -1, integer(11, 2**64 - 1)),
        (DataType.UINT8, 250, integer(10, 250)),
        (DataType.UINT16, 52_360, integer(10, 52_360)),
        (DataType.UINT32, 3_293_969_225, integer(10, 3_293_969_225)),
        (DataType.UINT64, 16_444_743_074_749_521_625, integer(11, 16_444_743_074_749_521_625)),
        (DataType.FLOAT, 1.5, single(12, 1.5)),
        (DataType.DOUBLE, 12.354213, double(13, 12.354213)),
        (DataType.BOOLEAN, True, integer(14, 1)),
        (DataType.STRING, "été", block(15, "été")),
        (DataType.DATETIME, AT_MS, integer(11, AT_MS)),
        (DataType.TEXT, "", block(15, "")),
    ],
)
def test_each_type_travels_in_the_field_the_specification_names(
    datatype: DataType, value: Scalar, field: bytes
) -> None:
    metric = integer(2, 1) + integer(3, AT_MS) + field
    assert payload_of(MetricDef("x", datatype, 1), Sample("x", AT_MS, value)) == block(2, metric)


def test_no_value_is_null_with_its_quality_and_no_value_field() -> None:
    stale = block(1, "Quality") + block(2, integer(1, 3) + integer(3, 500))
    metric = integer(2, 1) + integer(3, AT_MS) + integer(7, 1) + block(9, stale)
    sample = Sample("x", AT_MS, None, Quality.STALE)
    assert payload_of(MetricDef("x", DataType.DOUBLE, 1), sample) == block(2, metric)


def test_uncertain_is_bad_to_others_and_uncertain_to_us() -> None:
    properties = (
        block(1, "Quality") + block(1, "Status")
        + block(2, integer(1, 3) + integer(3, 0)) + block(2, integer(1, 3) + integer(3, 64))
    )  # fmt: skip
    metric = integer(2, 1) + integer(3, AT_MS) + block(9, properties) + double(13, 1.0)
    sample = Sample("x", AT_MS, 1.0, Quality.UNCERTAIN)
    assert payload_of(MetricDef("x", DataType.DOUBLE, 1), sample) == block(2, metric)


def test_historical_flag_is_set_on_every_metric() -> None:
    live = integer(2, 1) + integer(3, AT_MS) + double(13, 1.0)
    late = integer(2, 1) + integer(3, AT_MS) + integer(5, 1) + double(13, 1.0)
    assert mark_historical(block(2, live) + block(2, live)) == block(2, late) + block(2, late)


def test_results_are_rows_of_a_data_set() -> None:
    builder = MetricBuilder()
    result = Result("cell", AT_MS, 7, "ACC-1", {"ocv_v": 3.5, "grade": None})
    builder.add_results(MetricDef("Result/cell", DataType.DATASET, 2), [result], AT_MS)
    columns = b"".join(block(2, name) for name in ("number", "at", "key", "ocv_v", "grade"))
    types = b"".join(integer(3, number) for number in (8, 13, 12, 10, 10))
    cells = block(1, integer(2, 7)) + block(1, integer(2, AT_MS)) + block(1, block(6, "ACC-1"))
    row = block(4, cells + block(1, double(4, 3.5)) + block(1, b""))
    metric = integer(2, 2) + integer(3, AT_MS) + block(17, integer(1, 5) + columns + types + row)
    assert builder.metrics() == block(2, metric)


ARRAYS = [
    (DataType.INT8_ARRAY, [-23, 123], "E9 7B"),
    (DataType.INT16_ARRAY, [-30_000, 30_000], "D0 8A 30 75"),
    (DataType.INT32_ARRAY, [-1, 315_338_746], "FF FF FF FF FA AF CB 12"),
    (DataType.UINT8_ARRAY, [23, 250], "17 FA"),
    (DataType.UINT16_ARRAY, [30, 52_360], "1E 00 88 CC"),
    (DataType.UINT32_ARRAY, [52, 3_293_969_225], "34 00 00 00 49 FB 55 C4"),
    (DataType.FLOAT_ARRAY, [1.23, 89.341], "A4 70 9D 3F 98 AE B2 42"),
    (
        DataType.DATETIME_ARRAY,
        [1_256_102_875_335, 1_656_107_875_000],
        "C7 D0 90 75 24 01 00 00 B8 BA B8 97 81 01 00 00",
    ),
]
"""The specification's examples (3.x errata: 3.0.0 prints Int8, Float, Double and DateTime wrongly)."""


@pytest.mark.parametrize(("datatype", "values", "wire"), ARRAYS)
def test_arrays_are_the_specifications_little_endian_bytes(
    datatype: DataType, values: list[float], wire: str
) -> None:
    assert pack_array(np.array(values, dtype=np.float64), datatype).hex(" ").upper() == wire
    decoded = unpack_array(bytes.fromhex(wire), datatype)
    assert isinstance(decoded, np.ndarray)
    np.testing.assert_allclose(decoded, values, rtol=1e-7)


@pytest.mark.parametrize(
    ("datatype", "values", "wire"),
    [
        (
            DataType.INT64_ARRAY,
            [-4_270_929_666_821_191_986, -3_601_064_768_563_266_876],
            "CE 06 72 AC 18 9C BA C4 C4 BA 9C 18 AC 72 06 CE",
        ),
        (
            DataType.UINT64_ARRAY,
            [52, 16_444_743_074_749_521_625],
            "34 00 00 00 00 00 00 00 D9 9E 02 D1 B2 76 37 E4",
        ),
    ],
)
def test_64_bit_arrays_are_read_to_the_precision_of_a_double(
    datatype: DataType, values: list[int], wire: str
) -> None:
    decoded = unpack_array(bytes.fromhex(wire), datatype)
    assert isinstance(decoded, np.ndarray)
    assert decoded.tolist() == [float(value) for value in values]


def test_booleans_are_packed_most_significant_bit_first_whatever_the_padding() -> None:
    expected = [0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1]
    for padding in ("D0", "DF"):
        decoded = unpack_array(bytes.fromhex("0C 00 00 00 34" + padding), DataType.BOOLEAN_ARRAY)
        assert isinstance(decoded, np.ndarray)
        assert decoded.tolist() == expected
