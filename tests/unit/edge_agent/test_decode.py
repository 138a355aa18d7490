"""Decoding compiled from a profile: one decoder for many signals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from edge_agent.sources.decode import ArrayDecoder, PollImage, TextDecoder, compile_decoder
from edge_agent.sources.read_plan import plan_reads
from plant.model import Encoding, Profile, Table, WordOrder
from telemetry.quality import Quality
from telemetry.registers import Words, encode_numbers, encode_text
from telemetry.sample import Value

AT_MS = 1_700_000_000_000


def profile(signals: list[dict[str, object]], **dialect: object) -> Profile:
    return Profile.model_validate({
        "profile": "any", "measurement": "any", "title": "", "stage": "X",
        "poll_classes": {"process": {"period_s": 1}}, "modbus": dialect,
        "signals": [{"title": "", **signal} for signal in signals],
    })  # fmt: skip


def read(described: Profile, memory: Mapping[int, int]) -> dict[str, tuple[Value, int]]:
    """Return value and quality of every signal of a device with these registers, 0 elsewhere."""
    requests = plan_reads(described)
    image = PollImage(requests)
    decoder = compile_decoder(described, "process", image)
    for request in requests:
        words = [memory.get(address, 0) for address in range(request.address, request.stop)]
        image.store(image.position(request.table, request.address), np.asarray(words, np.uint16), AT_MS)
    found: dict[str, tuple[Value, int]] = {}
    for block in decoder.scalars:
        values, quality, _ = block.decode(image)
        for signal, value, code in zip(block.signals, values.tolist(), quality.tolist(), strict=True):
            found[signal.name] = (value if code == Quality.GOOD else None, code)
    singles: tuple[TextDecoder | ArrayDecoder, ...] = (*decoder.texts, *decoder.arrays)
    for single in singles:
        value, code, _ = single.decode(image)
        found[single.signal.name] = (value, code)
    return found


def memory_of(address: int, words: Words) -> dict[int, int]:
    return {address + index: int(word) for index, word in enumerate(words)}


@pytest.mark.parametrize("order", list(WordOrder))
@pytest.mark.parametrize(
    ("encoding", "number"),
    [(Encoding.INT16, -7), (Encoding.UINT16, 65535), (Encoding.INT32, -(2**31)), (Encoding.UINT32, 2**32 - 1),
     (Encoding.INT64, -(2**63)), (Encoding.UINT64, 2**64 - 1), (Encoding.FLOAT32, 0.5),
     (Encoding.FLOAT64, 1e300)],
)  # fmt: skip
def test_each_encoding_and_order_keeps_its_exact_value(
    encoding: Encoding, order: WordOrder, number: float
) -> None:
    described = profile([{"name": "v", "modbus": {"address": 3, "encoding": encoding, "word_order": order}}])
    memory = memory_of(3, encode_numbers([number], encoding, order))
    assert read(described, memory) == {"v": (number, Quality.GOOD)}


def test_a_tenth_is_right_to_the_published_digit() -> None:
    described = profile(
        [
            {"name": f"v_{raw}", "modbus": {"address": raw, "encoding": "int16", "scale": 0.1}}
            for raw in range(100, 300)
        ]
    )
    found = read(described, {raw: raw for raw in range(100, 300)})
    assert {raw: found[f"v_{raw}"][0] for raw in range(100, 300)} == {
        raw: raw / 10 for raw in range(100, 300)
    }


def test_scale_and_offset_make_an_engineering_value() -> None:
    described = profile([
        {"name": "v", "modbus": {"address": 0, "encoding": "int16", "scale": 0.1, "offset": -40}}
    ])  # fmt: skip
    value, _ = read(described, {0: 655})["v"]
    assert value == pytest.approx(25.5)


def test_sentinels_count_for_their_own_signal_only() -> None:
    described = profile([
        {"name": "a", "modbus": {"address": 0, "encoding": "int16", "sentinels": [-32768, 32767]}},
        {"name": "b", "modbus": {"address": 1, "encoding": "int16"}},
        {"name": "c", "modbus": {"address": 2, "encoding": "int16", "sentinels": [7]}},
    ])  # fmt: skip
    found = read(described, {0: 0x8000, 1: 0x8000, 2: 8})
    assert found == {"a": (None, Quality.BAD), "b": (-32768, Quality.GOOD), "c": (8, Quality.GOOD)}


def test_a_float_sentinel_is_compared_as_the_float_the_device_sends() -> None:
    """Vaisala transmitters say -123.45, which no 32-bit float is exactly."""
    described = profile([
        {"name": "v", "modbus": {"address": 0, "encoding": "float32", "sentinels": [-123.45]}}
    ])  # fmt: skip
    memory = memory_of(0, encode_numbers([-123.45], Encoding.FLOAT32, WordOrder.ABCD))
    assert read(described, memory)["v"] == (None, Quality.BAD)


def test_a_sentinel_no_such_register_can_hold_harms_nobody() -> None:
    described = profile([
        {"name": "v", "modbus": {"address": 0, "encoding": "uint16", "sentinels": [-1, 0.5, 70000]}}
    ])  # fmt: skip
    assert read(described, {0: 65535})["v"] == (65535, Quality.GOOD)


@pytest.mark.parametrize("raw", [0x7FC00000, 0xFFC00000, 0x7F800000, 0xFF800000])
def test_nan_and_infinity_are_no_values(raw: int) -> None:
    described = profile([{"name": "v", "modbus": {"address": 0, "encoding": "float32"}}])
    assert read(described, {0: raw >> 16, 1: raw & 0xFFFF})["v"] == (None, Quality.BAD)


def test_outside_the_range_of_the_instrument_is_bad_but_its_ends_are_good() -> None:
    described = profile([
        {"name": name, "range": (-60, 60), "modbus": {"address": index, "encoding": "int16"}}
        for index, name in enumerate(["low", "lowest", "highest", "high"])
    ])  # fmt: skip
    found = read(described, {0: 65536 - 61, 1: 65536 - 60, 2: 60, 3: 61})
    assert {name: code for name, (_, code) in found.items()} == {
        "low": Quality.BAD, "lowest": Quality.GOOD, "highest": Quality.GOOD, "high": Quality.BAD,
    }  # fmt: skip


def test_flags_of_a_register_are_told_apart() -> None:
    described = profile([
        {"name": f"bit{bit}", "modbus": {"address": 4, "encoding": "bool", "bit": bit}} for bit in (0, 1, 15)
    ])  # fmt: skip
    found = read(described, {4: 0x8001})
    assert [found[f"bit{bit}"][0] for bit in (0, 1, 15)] == [True, False, True]


def test_coils_are_flags() -> None:
    described = profile([
        {"name": f"c{index}", "modbus": {"table": Table.COIL, "address": index, "encoding": "bool"}}
        for index in range(3)
    ])  # fmt: skip
    assert [value for value, _ in read(described, {1: 1}).values()] == [False, True, False]


@pytest.mark.parametrize("order", [WordOrder.ABCD, WordOrder.BADC])
def test_a_text_ends_at_its_first_nul(order: WordOrder) -> None:
    described = profile([
        {"name": "v", "modbus": {"address": 0, "encoding": "string", "length": 6, "word_order": order}}
    ])  # fmt: skip
    assert read(described, memory_of(0, encode_text("Née-7", 6, order)))["v"] == ("Née-7", Quality.GOOD)


def test_a_text_of_other_bytes_is_bad() -> None:
    described = profile([{"name": "v", "modbus": {"address": 0, "encoding": "string", "length": 2}}])
    assert read(described, {0: 0xFFFE, 1: 0xC3C3})["v"] == (None, Quality.BAD)


def test_an_array_over_several_requests_is_one_value_with_holes() -> None:
    described = profile([
        {"name": "v", "range": (0, 150),
         "modbus": {"address": 0, "encoding": "uint16", "count": 200, "scale": 2.0, "sentinels": [5]}}
    ])  # fmt: skip
    assert len(plan_reads(described)) == 2
    value, code = read(described, {address: address % 100 for address in range(200)})["v"]
    expected = np.asarray([2.0 * (index % 100) for index in range(200)])
    expected[[5, 105]] = np.nan
    expected[expected > 150] = np.nan
    np.testing.assert_array_equal(value, expected)
    assert code == Quality.GOOD


def test_an_array_without_any_value_is_bad() -> None:
    described = profile([
        {"name": "v", "modbus": {"address": 0, "encoding": "uint16", "count": 3, "sentinels": [0]}}
    ])  # fmt: skip
    assert read(described, {})["v"] == (None, Quality.BAD)


def test_what_was_not_read_is_told_from_what_was_refused() -> None:
    described = profile(
        [{"name": f"s{index}", "modbus": {"address": 20 * index}} for index in range(3)], max_gap=0
    )
    requests = plan_reads(described)
    image = PollImage(requests)
    (block,) = compile_decoder(described, "process", image).scalars
    image.begin()
    image.store(0, np.asarray([7], np.uint16), AT_MS)
    image.mark(1, 1, Quality.BAD, AT_MS)
    assert block.decode(image).quality.tolist() == [Quality.GOOD, Quality.BAD, -1]
    assert image.complete_at_ms() is None
    image.mark(2, 1, Quality.STALE, AT_MS + 5)
    assert image.complete_at_ms() == AT_MS + 5
