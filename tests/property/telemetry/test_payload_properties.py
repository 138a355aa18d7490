"""Payloads: every value and result we can have comes back as it was."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from telemetry.quality import Quality
from telemetry.sample import BatchNumber, EdgeNode, Result, Sample, Scalar
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.host import HostView
from telemetry.sparkplug.payload import (
    MetricBuilder,
    MetricDef,
    frame,
    mark_historical,
    parse,
    quality_of,
    results_of,
    value_of,
)
from telemetry.sparkplug.topics import MessageType, Topic

INSTANTS = st.integers(0, 2**53)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS: dict[DataType, st.SearchStrategy[Scalar]] = {
    DataType.INT8: st.integers(-(2**7), 2**7 - 1), DataType.UINT8: st.integers(0, 2**8 - 1),
    DataType.INT16: st.integers(-(2**15), 2**15 - 1), DataType.UINT16: st.integers(0, 2**16 - 1),
    DataType.INT32: st.integers(-(2**31), 2**31 - 1), DataType.UINT32: st.integers(0, 2**32 - 1),
    DataType.INT64: st.integers(-(2**63), 2**63 - 1), DataType.UINT64: st.integers(0, 2**64 - 1),
    DataType.FLOAT: st.floats(width=32, allow_nan=False), DataType.DOUBLE: st.floats(allow_nan=False),
    DataType.BOOLEAN: st.booleans(), DataType.STRING: TEXTS, DataType.DATETIME: INSTANTS,
}  # fmt: skip
TYPED = st.sampled_from(list(SCALARS)).flatmap(lambda kind: st.tuples(st.just(kind), SCALARS[kind]))
FIELDS = st.dictionaries(
    TEXTS.filter(lambda name: name not in ("number", "at", "key")),
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False),
    max_size=5,
)
RESULTS = st.lists(st.builds(Result, st.just("cell"), INSTANTS, st.integers(0, 2**63), TEXTS, FIELDS))


@given(TYPED, INSTANTS, st.sampled_from(Quality))
def test_scalar_comes_back_with_its_instant_and_quality(
    typed: tuple[DataType, Scalar], at_ms: int, quality: Quality
) -> None:
    datatype, value = typed
    builder = MetricBuilder()
    builder.add(MetricDef("x", datatype, 1), Sample("x", at_ms, value, quality))
    (metric,) = parse(builder.metrics()).metrics
    assert (value_of(metric, datatype), metric.timestamp, quality_of(metric)) == (value, at_ms, quality)


@given(arrays.arrays(np.float64, st.integers(0, 200)))
def test_array_comes_back_also_with_values_that_are_no_numbers(values: np.ndarray) -> None:
    builder = MetricBuilder()
    builder.add(MetricDef("x", DataType.DOUBLE_ARRAY, 1), Sample("x", 0, values))
    np.testing.assert_array_equal(
        value_of(parse(builder.metrics()).metrics[0], DataType.DOUBLE_ARRAY), values
    )


@given(RESULTS)
def test_results_come_back_whatever_mixture_of_fields_they_have(results: list[Result]) -> None:
    builder = MetricBuilder()
    builder.add_results(MetricDef("Result/cell", DataType.DATASET, 1), results, at_ms=0)
    names = {name for result in results for name in result.fields}
    expected = [
        result._replace(fields={name: result.fields.get(name) for name in names}) for result in results
    ]
    assert results_of("cell", parse(builder.metrics()).metrics[0]) == expected


@given(st.lists(st.floats(allow_nan=False), min_size=1), INSTANTS, st.integers(0, 255))
def test_late_message_says_the_same_as_it_would_have_said_live(
    values: list[float], at_ms: int, seq: int
) -> None:
    builder = MetricBuilder()
    for value in values:
        builder.add(MetricDef("x", DataType.DOUBLE, 1), Sample("x", at_ms, value))
    late = parse(frame(mark_historical(builder.metrics()), at_ms=at_ms, seq=seq, number=BatchNumber("a", 1)))
    assert all(metric.is_historical for metric in late.metrics)
    assert [metric.double_value for metric in late.metrics] == values
    assert (late.timestamp, late.seq, late.uuid) == (at_ms, seq, "a:1")


@given(st.lists(st.tuples(st.sampled_from(MessageType), st.binary(max_size=40)), max_size=8))
def test_host_survives_any_bytes_in_any_order(messages: list[tuple[MessageType, bytes]]) -> None:
    host = HostView()
    node = EdgeNode("site", "line")
    for kind, data in messages:
        device = "station" if kind.startswith("D") else None
        for event in host.handle(Topic(kind, node, device), data, 1):
            assert event
