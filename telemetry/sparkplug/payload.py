"""Samples and results to Sparkplug metrics and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from google.protobuf.message import DecodeError

from telemetry.quality import Quality
from telemetry.sample import BatchNumber, Result, Sample, Scalar, Value
from telemetry.sparkplug.datatype import (
    ARRAY_DTYPES,
    DataType,
    UnsupportedTypeError,
    pack_array,
    put,
    take,
    unpack_array,
)
from telemetry.sparkplug.schema import Payload

RESULT_PREFIX = "Result/"
"""A metric `Result/cell` is a data set whose rows are results of that kind."""
READ_PREFIX = "Read/"
"""A metric `Read/state` says when the poll class was last really read."""
REBIRTH = "Node Control/Rebirth"
BD_SEQ = "bdSeq"

_RESULT_COLUMNS = (("number", DataType.UINT64), ("at", DataType.DATETIME), ("key", DataType.STRING))
_QUALITY = "Quality"
_STATUS = "Status"
"""Our own property for uncertain, which Sparkplug's Quality cannot say."""


class PayloadError(ValueError):
    """Bytes are not a Sparkplug B payload."""


class MetricDef(NamedTuple):
    """A metric as a birth declares it."""

    name: str
    datatype: DataType
    alias: int | None = None


class MetricBuilder:
    """Collects the metrics of one message; serialises once.

    The bytes of `metrics()` hold metrics only. `frame` adds what is known at
    the moment of publishing: time, sequence number, batch number. Protobuf
    messages concatenate, so a batch is encoded once, when it is spooled.
    """

    def __init__(self) -> None:
        self._payload = Payload()

    def __len__(self) -> int:
        return len(self._payload.metrics)

    def add(self, definition: MetricDef, sample: Sample, *, birth: bool = False) -> None:
        """Add one sample; a birth carries name and data type too."""
        metric = self._payload.metrics.add()
        _identify(metric, definition, birth=birth)
        metric.timestamp = sample.at_ms
        if sample.value is None:
            metric.is_null = True
        else:
            _put_value(metric, sample.value, definition.datatype)
        if sample.quality is not Quality.GOOD:
            _put_quality(metric, sample.quality)

    def add_results(
        self, definition: MetricDef, results: Sequence[Result], at_ms: int, *, birth: bool = False
    ) -> None:
        """Add results of one kind as rows of a data set; none gives a null metric."""
        metric = self._payload.metrics.add()
        _identify(metric, definition, birth=birth)
        metric.timestamp = at_ms
        if not results:
            metric.is_null = True
            return
        columns = [*_RESULT_COLUMNS, *_field_columns(results)]
        data_set = metric.dataset_value
        data_set.num_of_columns = len(columns)
        data_set.columns.extend(name for name, _ in columns)
        data_set.types.extend(int(datatype) for _, datatype in columns)
        for result in results:
            row = data_set.rows.add()
            cells: list[Scalar | None] = [result.number, result.at_ms, result.key]
            cells.extend(result.fields.get(name) for name, _ in columns[len(_RESULT_COLUMNS) :])
            for (_, datatype), cell in zip(columns, cells, strict=True):
                element = row.elements.add()
                if cell is not None:
                    put(element, cell, datatype)

    def metrics(self) -> bytes:
        """Return the serialised metrics."""
        return bytes(self._payload.SerializeToString())


def frame(metrics: bytes, *, at_ms: int, seq: int | None, number: BatchNumber | None = None) -> bytes:
    """Return a complete payload from serialised metrics."""
    envelope = Payload(timestamp=at_ms)
    if seq is not None:
        envelope.seq = seq
    if number is not None:
        envelope.uuid = str(number)
    return metrics + bytes(envelope.SerializeToString())


def mark_historical(metrics: bytes) -> bytes:
    """Return the metrics flagged as historical: late, never the current value."""
    payload = Payload.FromString(metrics)
    for metric in payload.metrics:
        metric.is_historical = True
    return bytes(payload.SerializeToString())


def parse(data: bytes) -> Any:
    """Return the protobuf payload.

    Raises:
        PayloadError: the bytes are something else.
    """
    try:
        return Payload.FromString(data)
    except DecodeError as error:
        raise PayloadError(f"not a Sparkplug B payload ({len(data)} bytes): {error}") from None


def bd_seq_payload(bd_seq: int, at_ms: int) -> bytes:
    """Return an NDEATH payload: bdSeq and nothing else."""
    builder = MetricBuilder()
    builder.add(MetricDef(BD_SEQ, DataType.INT64), Sample(BD_SEQ, at_ms, bd_seq), birth=True)
    return frame(builder.metrics(), at_ms=at_ms, seq=None)


def command_payload(definitions: Iterable[tuple[MetricDef, Scalar]], at_ms: int) -> bytes:
    """Return an NCMD payload; a metric with an alias goes by alias alone."""
    builder = MetricBuilder()
    for definition, value in definitions:
        builder.add(definition, Sample(definition.name, at_ms, value))
    return frame(builder.metrics(), at_ms=at_ms, seq=None)


def declared(metric: Any) -> MetricDef:
    """Return what a birth metric declares.

    Raises:
        UnsupportedTypeError: the data type is not in the specification.
    """
    try:
        datatype = DataType(metric.datatype)
    except ValueError:
        raise UnsupportedTypeError(
            f"metric {metric.name!r} has unknown data type {metric.datatype}"
        ) from None
    return MetricDef(metric.name, datatype, metric.alias if metric.HasField("alias") else None)


def value_of(metric: Any, datatype: DataType) -> Value:
    """Return the metric's value, None if null.

    Raises:
        UnsupportedTypeError: the type carries no process value.
    """
    if metric.is_null:
        return None
    if datatype in ARRAY_DTYPES or datatype is DataType.BOOLEAN_ARRAY:
        if not metric.HasField("bytes_value"):
            raise UnsupportedTypeError(f"{datatype.name} without bytes that is not marked null")
        return unpack_array(metric.bytes_value, datatype)
    return take(metric, datatype)


def quality_of(metric: Any) -> Quality:
    """Return the metric's quality; good if the sender says nothing and there is a value."""
    unsaid = Quality.BAD if metric.is_null else Quality.GOOD
    if not metric.HasField("properties"):
        return unsaid
    properties = dict(zip(metric.properties.keys, metric.properties.values, strict=False))
    code = properties.get(_STATUS, properties.get(_QUALITY))
    if code is None:
        return unsaid
    try:
        return Quality(int(take(code, DataType.INT32)))
    except ValueError:
        return Quality.UNCERTAIN


def results_of(kind: str, metric: Any) -> list[Result]:
    """Return the results in a data set metric.

    Raises:
        UnsupportedTypeError: a column has no scalar type, or the set is not ours.
    """
    if metric.is_null:
        return []
    data_set = metric.dataset_value
    names = list(data_set.columns)
    fixed = [name for name, _ in _RESULT_COLUMNS]
    if names[: len(fixed)] != fixed:
        raise UnsupportedTypeError(f"data set of {kind!r} starts with {names[:3]}, not {fixed}")
    types = [DataType(number) for number in data_set.types]
    results = []
    for row in data_set.rows:
        cells = [
            take(element, datatype) if element.WhichOneof("value") else None
            for element, datatype in zip(row.elements, types, strict=True)
        ]
        number, at_ms, key, *rest = cells
        fields = dict(zip(names[len(fixed) :], rest, strict=True))
        results.append(Result(kind, int(at_ms or 0), int(number or 0), str(key or ""), fields))
    return results


def _identify(metric: Any, definition: MetricDef, *, birth: bool) -> None:
    if definition.alias is None or birth:
        metric.name = definition.name
    if definition.alias is not None:
        metric.alias = definition.alias
    if birth:
        metric.datatype = int(definition.datatype)


def _put_value(metric: Any, value: Value, datatype: DataType) -> None:
    if isinstance(value, np.ndarray):
        metric.bytes_value = pack_array(value, datatype)
    elif value is not None:
        put(metric, value, datatype)


def _put_quality(metric: Any, quality: Quality) -> None:
    standard = Quality.BAD if quality is Quality.UNCERTAIN else quality
    _put_property(metric, _QUALITY, standard)
    if quality is Quality.UNCERTAIN:
        _put_property(metric, _STATUS, quality)


def _put_property(metric: Any, key: str, code: int) -> None:
    metric.properties.keys.append(key)
    value = metric.properties.values.add()
    value.type = int(DataType.INT32)
    value.int_value = int(code)


_WIDENING = (DataType.BOOLEAN, DataType.INT64, DataType.DOUBLE, DataType.STRING)
"""Each holds what the ones before it hold; a column takes the widest its values need."""


def _field_columns(results: Sequence[Result]) -> list[tuple[str, DataType]]:
    columns: dict[str, DataType | None] = {}
    for result in results:
        for name, value in result.fields.items():
            so_far = columns.setdefault(name, None)
            if value is not None:
                needed = _scalar_type(value)
                columns[name] = needed if so_far is None else max(so_far, needed, key=_WIDENING.index)
    return [(name, datatype or DataType.DOUBLE) for name, datatype in columns.items()]


def _scalar_type(value: Scalar) -> DataType:
    match value:
        case bool():
            return DataType.BOOLEAN
        case int():
            return DataType.INT64 if -(2**63) <= value < 2**63 else DataType.DOUBLE
        case float():
            return DataType.DOUBLE
        case str():
            return DataType.STRING
