"""What other encoders really send: each case was seen in a library's source."""

from __future__ import annotations

import pytest

from telemetry.quality import Quality
from telemetry.sample import Value
from telemetry.sparkplug.datatype import DataType, UnsupportedTypeError, unpack_array
from telemetry.sparkplug.payload import declared, parse, quality_of, results_of, value_of
from tests.support.protobuf_wire import block, double, integer, single


def value(datatype: DataType, fields: bytes) -> Value:
    """Return the value of a metric with those fields."""
    return value_of(parse(block(2, fields)).metrics[0], datatype)


def quality(fields: bytes) -> Quality:
    """Return the quality of a metric with those fields."""
    return quality_of(parse(block(2, fields)).metrics[0])


@pytest.mark.parametrize(
    ("datatype", "fields", "expected"),
    [
        pytest.param(DataType.INT8, integer(10, 4_294_967_273), -23, id="Tahu Java sign-extends Int8"),
        pytest.param(DataType.INT8, integer(10, 233), -23, id="Tahu Python writes Int8 modulo 2**8"),
        pytest.param(DataType.INT16, integer(10, 4_294_937_296), -30_000, id="Tahu Java sign-extends Int16"),
        pytest.param(
            DataType.INT16, integer(10, 35_536), -30_000, id="Tahu Python writes Int16 modulo 2**16"
        ),
        pytest.param(DataType.INT64, integer(11, 2**64 - 5), -5, id="Int64 in two's complement"),
        pytest.param(
            DataType.UINT32, integer(11, 4_000_000_000), 4_000_000_000, id="Tahu Java UInt32 as long"
        ),
        pytest.param(DataType.UINT32, integer(10, 4_000_000_000), 4_000_000_000, id="UInt32 as specified"),
        pytest.param(DataType.DOUBLE, single(12, 1.5), 1.5, id="Double sent as float"),
        pytest.param(DataType.FLOAT, double(13, 1.5), 1.5, id="Float sent as double"),
        pytest.param(DataType.DOUBLE, integer(11, 4), 4.0, id="whole Double sent as long"),
        pytest.param(DataType.BOOLEAN, integer(10, 1), True, id="Boolean sent as integer"),
        pytest.param(DataType.STRING, block(15, ""), "", id="empty text is a value"),
        pytest.param(DataType.DOUBLE, integer(7, 1), None, id="null"),
    ],
)
def test_value_is_understood(datatype: DataType, fields: bytes, expected: Value) -> None:
    assert value(datatype, fields) == expected


@pytest.mark.parametrize(
    "datatype", [DataType.DOUBLE, DataType.BOOLEAN, DataType.STRING, DataType.FLOAT_ARRAY]
)
def test_missing_value_is_not_zero(datatype: DataType) -> None:
    with pytest.raises(UnsupportedTypeError, match="that is not marked null"):
        value(datatype, integer(2, 1))


@pytest.mark.parametrize(
    ("datatype", "fields"),
    [
        (DataType.INT32, block(15, "12")),
        (DataType.STRING, integer(10, 12)),
        (DataType.DOUBLE, integer(14, 1)),
        (DataType.BOOLEAN, double(13, 1.0)),
    ],
)
def test_value_of_another_kind_is_refused(datatype: DataType, fields: bytes) -> None:
    with pytest.raises(UnsupportedTypeError, match="does not travel as"):
        value(datatype, fields)


def test_type_outside_the_specification_is_named() -> None:
    metric = parse(block(2, block(1, "odd") + integer(4, 77))).metrics[0]
    with pytest.raises(UnsupportedTypeError, match="'odd' has unknown data type 77"):
        declared(metric)


@pytest.mark.parametrize(
    ("datatype", "data"),
    [
        (DataType.INT16_ARRAY, b"\1\2\3"),
        (DataType.DOUBLE_ARRAY, b"\0" * 12),
        (DataType.BOOLEAN_ARRAY, b"\x0c\0\0\0\x34"),
        (DataType.BOOLEAN_ARRAY, b"\1\0"),
        (DataType.STRING_ARRAY, b"a\0"),
    ],
)
def test_array_that_is_cut_off_or_no_numbers_is_refused(datatype: DataType, data: bytes) -> None:
    with pytest.raises(UnsupportedTypeError):
        unpack_array(data, datatype)


def said(code: bytes, key: str = "Quality") -> bytes:
    """Return a metric's property."""
    return block(9, block(1, key) + block(2, integer(1, 3) + code))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(double(13, 1.0), Quality.GOOD, id="says nothing, has a value"),
        pytest.param(integer(7, 1), Quality.BAD, id="says nothing, is null"),
        pytest.param(double(13, 1.0) + said(integer(3, 192)), Quality.GOOD, id="good"),
        pytest.param(double(13, 1.0) + said(integer(3, 0)), Quality.BAD, id="bad"),
        pytest.param(integer(7, 1) + said(integer(3, 500)), Quality.STALE, id="stale"),
        pytest.param(double(13, 1.0) + said(integer(4, 192)), Quality.GOOD, id="code as long"),
        pytest.param(double(13, 1.0) + said(integer(3, 77)), Quality.UNCERTAIN, id="a code we do not know"),
        pytest.param(double(13, 1.0) + said(b""), Quality.UNCERTAIN, id="property without a value"),
        pytest.param(integer(7, 1) + said(integer(3, 1), "engUnit"), Quality.BAD, id="null, other property"),
        pytest.param(double(13, 1.0) + said(integer(3, 1), "engUnit"), Quality.GOOD, id="other property"),
    ],
)
def test_quality_is_never_better_than_what_was_said(fields: bytes, expected: Quality) -> None:
    assert quality(fields) is expected


def test_data_set_that_is_not_a_list_of_results_is_refused() -> None:
    foreign = block(17, integer(1, 1) + block(2, "speed") + integer(3, 10))
    metric = parse(block(2, block(1, "Result/cell") + foreign)).metrics[0]
    with pytest.raises(UnsupportedTypeError, match="starts with"):
        results_of("cell", metric)
