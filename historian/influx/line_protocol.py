"""Samples, results and production in line protocol (pure).

All fields of a station with one time stand in one line. Numbers are always
floats, so that a signal never changes its type; NaN and infinity are not
written. `<signal>_q` is written when the quality is not good, alone when there
is no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import isfinite
from typing import NamedTuple

import numpy as np

from historian.acceptance import name_of
from historian.influx.names import QUALITY_SUFFIX, TAGS, element_name, field_name, is_possible
from historian.ports import ProductionMinute, RejectedPoint, StationBlock
from plant.model import StationPath
from plant.packml import TimeClass
from telemetry.quality import Quality
from telemetry.sample import FloatArray, Result, Sample, Scalar

PRODUCTION = "production"
_RESULTS_A_MS = 1_000_000
"""Nanoseconds in a millisecond: so many results of one millisecond keep apart."""

_COMMENT = "#"
_MEASUREMENT = str.maketrans({",": r"\,", " ": r"\ "})
_KEY = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_TEXT = str.maketrans({'"': r"\"", "\\": r"\\"})


class Fragment(NamedTuple):
    """The smallest piece of a line that can be written alone."""

    head: str
    """Measurement and tags."""
    fields: str
    time: str
    point: RejectedPoint
    """What to call it if the server refuses it; the reason is still empty."""


class _Names(dict[str, str | None]):
    """Escaped names of fields by name of signal; None for one that cannot be written."""

    def __missing__(self, name: str) -> str | None:
        field = field_name(name).translate(_KEY) if is_possible(name) else None
        self[name] = field
        return field


_names = _Names()


def lines(blocks: Iterable[StationBlock]) -> Iterator[str]:
    """Yield the lines of the blocks; leaves out what `unwritable` names."""
    for block in blocks:
        head = head_of(block.measurement, block.path)
        if head is not None and block.samples:
            yield from _sample_lines(head, block.samples)
        for result in block.results:
            head = head_of(result.kind, block.path)
            if head is not None:
                fields = ",".join(_result_fields(result))
                yield f"{head} {fields} {_result_time(result)}"


def fragments(blocks: Iterable[StationBlock]) -> Iterator[Fragment]:
    """Yield the same as `lines`, in pieces that know where they come from."""
    for block in blocks:
        head = head_of(block.measurement, block.path)
        for sample in block.samples if head is not None else ():
            text = _sample_fields(sample)
            if head is not None and text:
                point = RejectedPoint(block.path, sample.signal, sample.at_ms, "")
                yield Fragment(head, text, f"{sample.at_ms}000000", point)
        for result in block.results:
            head = head_of(result.kind, block.path)
            point = RejectedPoint(block.path, name_of(result), result.at_ms, "")
            for text in _result_fields(result) if head is not None else ():
                yield Fragment(head or "", text, _result_time(result), point)


def unwritable(blocks: Iterable[StationBlock]) -> list[RejectedPoint]:
    """Return the points whose names line protocol cannot carry."""
    refused: list[RejectedPoint] = []
    for block in blocks:
        known = head_of(block.measurement, block.path) is not None
        if not known or not all(map(_names.__getitem__, {sample.signal for sample in block.samples})):
            refused += [
                RejectedPoint(block.path, sample.signal, sample.at_ms, _IMPOSSIBLE_NAME)
                for sample in block.samples
                if not known or _names[sample.signal] is None
            ]
        refused += [
            RejectedPoint(block.path, name_of(result), result.at_ms, _IMPOSSIBLE_NAME)
            for result in block.results
            if head_of(result.kind, block.path) is None or None in map(_names.__getitem__, result.fields)
        ]
    return refused


_IMPOSSIBLE_NAME = (
    "its name, or its station's, is empty or has a backslash or a control character, which line protocol"
    " cannot carry; rename it"
)


def lines_of(pieces: Iterable[Fragment]) -> list[str]:
    """Return fragments as lines, those of one head and time in one."""
    by_line: dict[tuple[str, str], list[str]] = {}
    for piece in pieces:
        by_line.setdefault((piece.head, piece.time), []).append(piece.fields)
    return [f"{head} {','.join(fields)} {time}" for (head, time), fields in by_line.items()]


def production_line(minute: ProductionMinute) -> str | None:
    """Return the line of a minute: every class, so that a minute that is replaced leaves nothing behind."""
    seconds = {TimeClass(name): value for name, value in (minute.seconds or {}).items()}
    classes = ",".join(f"{each.value}_s={float(seconds.get(each, 0.0))}" for each in TimeClass)
    head = head_of(PRODUCTION, minute.path)
    if head is None:
        return None
    return f"{head} good={float(minute.good)},reject={float(minute.reject)},{classes} {minute.start_ms}000000"


def head_of(measurement: str, path: StationPath) -> str | None:
    """Return measurement and tags escaped; None if they cannot be written."""
    if not is_possible(measurement) or measurement.startswith(_COMMENT) or not all(map(is_possible, path)):
        return None
    parts = path._asdict()
    tags = "".join(f",{tag}={parts[tag].translate(_KEY)}" for tag in TAGS)
    return measurement.translate(_MEASUREMENT) + tags


def _sample_lines(head: str, samples: Sequence[Sample]) -> Iterator[str]:
    by_time: dict[int, list[str]] = {}
    names = _names
    for sample in samples:
        signal, at_ms, value, quality = sample
        if type(value) is float and quality is Quality.GOOD and isfinite(value) and names[signal]:
            text = f"{names[signal]}={value}"
        else:
            text = _sample_fields(sample)
        if text:
            by_time.setdefault(at_ms, []).append(text)
    for at_ms, fields in by_time.items():
        yield f"{head} {','.join(fields)} {at_ms}000000"


def _sample_fields(sample: Sample) -> str:
    """Return the fields of one sample; a good one without a usable value is written as bad."""
    name = _names[sample.signal]
    if name is None:
        return ""
    value = (
        _array_fields(sample.signal, sample.value)
        if isinstance(sample.value, np.ndarray)
        else ("" if sample.value is None else _scalar_field(name, sample.value))
    )
    if value and sample.quality is Quality.GOOD:
        return value
    quality = Quality.BAD if sample.quality is Quality.GOOD else sample.quality
    doubt = f"{name}{QUALITY_SUFFIX}={quality.value}"
    return f"{value},{doubt}" if value else doubt


def _scalar_field(name: str, value: Scalar) -> str:
    if isinstance(value, str):
        return f'{name}="{value.translate(_TEXT)}"'
    try:
        number = float(value)
    except OverflowError:
        return ""
    return f"{name}={number}" if isfinite(number) else ""


def _array_fields(signal: str, items: FloatArray) -> str:
    return ",".join(
        f"{name}={item}"
        for name, item in zip(_element_names(signal, items.size), items.ravel().tolist(), strict=True)
        if isfinite(item)
    )


@lru_cache(maxsize=4096)
def _element_names(signal: str, count: int) -> list[str]:
    return [element_name(signal, index).translate(_KEY) for index in range(count)]


def _result_fields(result: Result) -> Iterator[str]:
    yield f"number={float(result.number)}"
    yield f'key="{result.key.translate(_TEXT)}"'
    for each, value in result.fields.items():
        name = _names[each]
        text = _scalar_field(name, value) if name is not None and value is not None else ""
        if text:
            yield text


def _result_time(result: Result) -> str:
    return str(result.at_ms * 1_000_000 + result.number % _RESULTS_A_MS)
