"""What is written in line protocol is what a reader of its grammar finds."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from historian.influx.line_protocol import fragments, lines, lines_of, unwritable
from historian.influx.names import QUALITY_SUFFIX, field_name, is_possible, original_name
from historian.ports import StationBlock
from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import Result, Sample

Parsed = tuple[str, dict[str, str], dict[str, float | str], int]

names = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["x", "x_q", "time", "key_", "a,b", "a=b", "a b", "#x"]
)
texts = st.text(max_size=20) | st.sampled_from(['"', "\\", '\\"', "a\nb", ", x=1 5", 'end"\\'])
values = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats()
    | texts
    | st.lists(st.floats(), max_size=4).map(np.array)
)
samples = st.builds(
    Sample, names, st.integers(min_value=0, max_value=9_000_000_000_000), values, st.sampled_from(Quality)
)
results = st.builds(
    Result,
    names,
    st.integers(min_value=0, max_value=9_000_000_000_000),
    st.integers(min_value=0, max_value=2**32 - 1),
    texts,
    st.dictionaries(names, st.none() | st.booleans() | st.floats() | texts, max_size=4),
)
paths = st.builds(StationPath, names, names, names, names)
blocks = st.builds(
    StationBlock, paths, names, st.lists(samples, max_size=6), st.lists(results, max_size=3), st.none()
)


def _until(text: str, start: int, stops: str) -> tuple[str, int]:
    """Return the unescaped text before the next stop that is not escaped, and where that stands."""
    found = ""
    while start < len(text) and text[start] not in stops:
        if text[start] == "\\" and text[start + 1] in ", =":
            start += 1
        found += text[start]
        start += 1
    return found, start


def _quoted(text: str, start: int) -> tuple[str, int]:
    found = ""
    start += 1
    while text[start] != '"':
        if text[start] == "\\" and text[start + 1] in '"\\':
            start += 1
        found += text[start]
        start += 1
    return found, start + 1


def parse(line: str) -> Parsed:
    """Read a line by the grammar of the InfluxDB documentation."""
    measurement, place = _until(line, 0, ", ")
    tags: dict[str, str] = {}
    while line[place] == ",":
        key, place = _until(line, place + 1, "=")
        tags[key], place = _until(line, place + 1, ", ")
    fields: dict[str, float | str] = {}
    while True:
        key, place = _until(line, place + 1, "=")
        if line[place + 1] == '"':
            fields[key], place = _quoted(line, place + 1)
        else:
            number, place = _until(line, place + 1, ", ")
            fields[key] = float(number)
            assert math.isfinite(float(number))
        if line[place] == " ":
            return measurement, tags, fields, int(line[place + 1 :])


@given(
    paths, names, st.text(max_size=20).map(str) | st.floats(allow_nan=False, allow_infinity=False), samples
)
def test_sample_comes_back_from_its_line(
    path: StationPath, measurement: str, value: float | str, sample: Sample
) -> None:
    sample = sample._replace(value=value)
    block = StationBlock(path, measurement, [sample])
    if unwritable([block]):
        assert list(lines([block])) == []
        return
    [line] = lines([block])
    found, tags, fields, at_ns = parse(line)
    assert (found, tags, at_ns) == (measurement, path._asdict(), sample.at_ms * 1_000_000)
    name = field_name(sample.signal)
    quality = fields.pop(name + QUALITY_SUFFIX, Quality.GOOD)
    assert (fields, quality) == ({name: value}, sample.quality)
    assert original_name(name) == sample.signal


@given(paths, results)
def test_result_comes_back_from_its_line(path: StationPath, result: Result) -> None:
    block = StationBlock(path, "assembly", results=[result])
    if unwritable([block]):
        return
    [line] = lines([block])
    kind, tags, fields, at_ns = parse(line)
    assert (kind, tags, at_ns // 1_000_000) == (result.kind, path._asdict(), result.at_ms)
    assert (fields.pop("number"), fields.pop("key")) == (result.number, result.key)
    assert {original_name(name): value for name, value in fields.items()} == {
        name: value
        for name, value in result.fields.items()
        if value is not None and (isinstance(value, str) or math.isfinite(value))
    }


@given(st.lists(blocks, max_size=4))
def test_pieces_say_the_same_as_the_lines(some: list[StationBlock]) -> None:
    assert _points(lines_of(fragments(some))) == _points(lines(some))
    one_by_one = (line for piece in fragments(some) for line in lines_of([piece]))
    assert _points(one_by_one) == _points(lines(some))


@given(st.lists(blocks, max_size=4))
def test_every_sample_is_written_or_named(some: list[StationBlock]) -> None:
    named = {(point.path, point.what, point.at_ms) for point in unwritable(some)}
    written = {(piece.point.path, piece.point.what, piece.point.at_ms) for piece in fragments(some)}
    for block in some:
        for sample in block.samples:
            assert (block.path, sample.signal, sample.at_ms) in named | written


@given(names)
def test_field_name_can_be_undone_and_never_ends_as_a_quality(name: str) -> None:
    assert original_name(field_name(name)) == name
    assert not field_name(name).endswith(QUALITY_SUFFIX)


@given(names, names)
def test_different_signals_have_different_fields(one: str, other: str) -> None:
    assert (field_name(one) == field_name(other)) == (one == other)


@given(names)
def test_possible_names_are_one_line_without_backslash(name: str) -> None:
    assert is_possible(name) == (
        "\\" not in name and all(ord(each) >= 32 and ord(each) != 127 for each in name)
    )


def _points(some_lines: Iterable[str]) -> dict[tuple[str, ...], float | str]:
    """Return what a server holds after the lines, a later field of the same point in place of an earlier."""
    held: dict[tuple[str, ...], float | str] = {}
    for line in some_lines:
        measurement, tags, fields, at_ns = parse(line)
        for field, value in fields.items():
            held[measurement, *(tags[tag] for tag in sorted(tags)), field, str(at_ns)] = value
    return held
