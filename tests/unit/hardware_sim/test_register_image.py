"""Engineering values in, registers out."""

from __future__ import annotations

import numpy as np
import pytest
from typing_extensions import override

from hardware_sim.register_image import RegisterImage
from hardware_sim.result_slots import ResultSlots
from plant.model import (
    Encoding,
    PollClass,
    Profile,
    Register,
    ResultRing,
    RingField,
    Role,
    Signal,
    Table,
    WordOrder,
)
from telemetry.registers import decode_numbers, decode_text


def _profile(*signals: Signal, rings: tuple[ResultRing, ...] = (), **dialect: object) -> Profile:
    return Profile.model_validate(
        {
            "profile": "test", "measurement": "test", "title": "Test", "stage": "X", "modbus": dialect,
            "poll_classes": {"process": PollClass(period_s=1), "state": PollClass(period_s=0.25)},
            "signals": signals, "result_rings": rings,
        }
    )  # fmt: skip


def _signal(name: str, **register: object) -> Signal:
    return Signal(name=name, title=name, modbus=Register.model_validate(register))


def _words(image: RegisterImage, address: int, count: int) -> list[int]:
    return [int(word) for word in image.words[Table.HOLDING][address : address + count]]


def test_value_lies_scaled_at_its_address() -> None:
    image = RegisterImage(_profile(_signal("a_c", address=3, encoding=Encoding.INT16, scale=0.1)))
    image.write_number("a_c", -12.34)
    assert _words(image, 3, 1) == [65536 - 123]


def test_float_lies_in_the_word_order_of_the_profile() -> None:
    image = RegisterImage(_profile(_signal("a_bar", address=0, encoding=Encoding.FLOAT32), word_order="cdab"))
    image.write_number("a_bar", 1.0)
    assert _words(image, 0, 2) == [0x0000, 0x3F80]


def test_value_beyond_the_encoding_saturates() -> None:
    image = RegisterImage(_profile(_signal("a", address=0, encoding=Encoding.UINT16)))
    image.write_number("a", 1e9)
    assert _words(image, 0, 1) == [65535]
    image.write_number("a", -5)
    assert _words(image, 0, 1) == [0]


@pytest.mark.parametrize(
    ("encoding", "total", "raw"), [("uint16", 65537, 1), ("uint32", 2**32 + 7, 7), ("int16", 32768, 0)]
)
def test_counter_wraps_at_the_width_of_its_encoding(encoding: str, total: int, raw: int) -> None:
    image = RegisterImage(_profile(_signal("n", address=0, encoding=encoding)))
    image.write_count("n", total)
    order = WordOrder.ABCD
    decoded = decode_numbers(image.words[Table.HOLDING], Encoding(encoding), order)
    assert int(decoded[0]) == raw


def test_missing_value_is_the_sentinel() -> None:
    image = RegisterImage(_profile(_signal("a_c", address=0, encoding=Encoding.INT16, sentinels=(-32768.0,))))
    image.write_number("a_c", float("nan"))
    assert _words(image, 0, 1) == [32768]


def test_bits_of_one_register_are_set_and_cleared_apart() -> None:
    image = RegisterImage(
        _profile(
            _signal("a", address=1, encoding=Encoding.BOOL, bit=0),
            _signal("b", address=1, encoding=Encoding.BOOL, bit=15),
            _signal("c", table=Table.COIL, address=7, encoding=Encoding.BOOL),
        )
    )
    image.write_flag("a", on=True)
    image.write_flag("b", on=True)
    image.write_flag("a", on=False)
    image.write_flag("c", on=True)
    assert _words(image, 1, 1) == [0x8000]
    assert image.bits[Table.COIL][7]


def test_only_described_registers_exist() -> None:
    image = RegisterImage(_profile(_signal("a", address=2), _signal("b", address=4)))
    assert image.has(Table.HOLDING, 2, 1)
    assert not image.has(Table.HOLDING, 2, 3)
    assert not image.has(Table.HOLDING, 4, 2)
    assert not image.has(Table.INPUT, 2, 1)


def test_block_of_scalars_equals_single_writes() -> None:
    signals = [
        _signal("a", address=0, encoding=Encoding.FLOAT32, word_order="dcba"),
        _signal("b_c", address=2, encoding=Encoding.INT16, scale=0.1, offset=5),
        _signal("c", address=10, encoding=Encoding.UINT32),
        _signal("d", address=12, encoding=Encoding.FLOAT32, word_order="dcba"),
    ]
    single, block = RegisterImage(_profile(*signals)), RegisterImage(_profile(*signals))
    values = {"a": 1.25, "b_c": -7.3, "c": 70_000.0, "d": -0.5}
    for name, value in values.items():
        single.write_number(name, value)
    block.scalars(list(values)).write(np.array(list(values.values())))
    assert (single.words[Table.HOLDING] == block.words[Table.HOLDING]).all()


def test_text_is_cut_to_its_room() -> None:
    image = RegisterImage(_profile(_signal("t", address=0, encoding=Encoding.STRING, length=2)))
    image.write_text("t", "abcdef")
    assert decode_text(image.words[Table.HOLDING], WordOrder.ABCD) == "abcd"


RING = ResultRing(
    kind="cell", head=0, first_slot=10, slots=3, stride=12, key_field="serial",
    fields=(
        RingField(name="serial", at=2, encoding=Encoding.STRING, length=4),
        RingField(name="mass_g", at=6, encoding=Encoding.INT32, scale=0.01),
    ),
)  # fmt: skip


class _Watched(np.ndarray):
    """Registers that remember the order of writes."""

    @override
    def __setitem__(self, key: slice, value: object) -> None:  # type: ignore[override]
        log.append(key.start)
        super().__setitem__(key, value)


log: list[int] = []


def test_result_lies_in_its_slot_and_the_head_is_written_last() -> None:
    words = np.zeros(60, dtype=np.uint16).view(_Watched)
    log.clear()
    slots = ResultSlots(RING, words, WordOrder.CDAB)
    for serial in ("A1", "A2", "A3", "A4"):
        number = slots.append({"serial": serial, "mass_g": 12.34})
    assert number == 4
    assert log[-1] == RING.head
    assert log[-4] == 10  # the fourth result takes the first slot again
    assert [int(word) for word in words[0:2]] == [4, 0]
    assert [int(word) for word in words[10:12]] == [4, 0]
    assert decode_text(np.asarray(words[12:16]), WordOrder.CDAB) == "A4"
    assert decode_numbers(np.asarray(words[16:18]), Encoding.INT32, WordOrder.CDAB)[0] == 1234


def test_long_key_keeps_its_end_which_tells_it_from_others() -> None:
    words = np.zeros(60, dtype=np.uint16)
    ResultSlots(RING, words, WordOrder.ABCD).append({"serial": "LINE-0000001234", "mass_g": 0})
    assert decode_text(words[12:16], WordOrder.ABCD) == "00001234"


def test_role_does_not_change_how_a_number_is_written() -> None:
    state = Signal(name="state", title="State", role=Role.STATE, modbus=Register(address=0))
    image = RegisterImage(_profile(state))
    image.write_number("state", 6)
    assert _words(image, 0, 1) == [6]
