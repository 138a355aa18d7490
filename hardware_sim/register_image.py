"""The memory of a PLC as Modbus shows it: engineering values in, registers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from hardware_sim.result_slots import ResultSlots
from plant.model import Encoding, Profile, Register, Table, WordOrder
from telemetry.registers import encode_numbers, encode_text

Words = npt.NDArray[np.uint16]
Bits = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_EXACT = 2**53
"""Up to here every whole number has its own float64."""


class RegisterImage:
    """The four tables of one Modbus unit; only what the profile describes exists."""

    def __init__(self, profile: Profile) -> None:
        self._order = profile.modbus.word_order
        self._registers = {
            signal.name: signal.modbus for signal in profile.signals if signal.modbus is not None
        }
        self.max_registers = profile.modbus.max_registers
        self.max_bits = profile.modbus.max_bits
        self._codings: dict[str, _Coding] = {}
        self.words: dict[Table, Words] = {}
        self.bits: dict[Table, Bits] = {}
        self._exists: dict[Table, Bits] = {}
        self._make_tables(profile)
        self.rings = {
            ring.kind: ResultSlots(ring, self.words[ring.table], self._order) for ring in profile.result_rings
        }

    def _make_tables(self, profile: Profile) -> None:
        claims = [(each.table, each.address, each.stop) for each in self._registers.values()]
        for ring in profile.result_rings:
            claims.append((ring.table, ring.head, ring.head + 2))
            claims.append((ring.table, ring.first_slot, ring.stop))
        for table in Table:
            size = max((stop for each, _, stop in claims if each is table), default=0)
            self._exists[table] = np.zeros(size, dtype=np.bool_)
            if table.is_bits:
                self.bits[table] = np.zeros(size, dtype=np.bool_)
            else:
                self.words[table] = np.zeros(size, dtype=np.uint16)
        for table, start, stop in claims:
            self._exists[table][start:stop] = True

    def has(self, table: Table, address: int, count: int) -> bool:
        """Return whether every register or bit of the block exists."""
        there = self._exists[table][address : address + count]
        return len(there) == count and bool(there.all())

    def write_number(self, name: str, value: float) -> None:
        """Write a number in its engineering unit; out of range saturates as a PLC does."""
        self._put(self._registers[name], self._coding(name).encode(np.array([value], dtype=np.float64)))

    def write_count(self, name: str, total: int) -> None:
        """Write a counter; it wraps at the width of its encoding."""
        register = self._registers[name]
        raw = round((total - register.offset) / register.scale)
        self._put(
            register,
            encode_numbers([_wrapped(raw, register.encoding)], register.encoding, self._order_of(register)),
        )

    def write_array(self, name: str, values: Floats) -> None:
        """Write as many values as the array signal has; missing ones keep their registers."""
        register = self._registers[name]
        self._put(register, self._coding(name).encode(values[: register.count]))

    def write_text(self, name: str, text: str) -> None:
        """Write text, cut to what there is room for."""
        register = self._registers[name]
        length = register.length or 0
        self._put(register, encode_text(_cut(text, length), length, self._order_of(register)))

    def write_flag(self, name: str, *, on: bool) -> None:
        """Write a single bit, of a bit table or of a register."""
        register = self._registers[name]
        if register.table.is_bits:
            self.bits[register.table][register.address : register.stop] = on
            return
        mask = np.uint16(1 << (register.bit or 0))
        words = self.words[register.table]
        words[register.address] = words[register.address] | mask if on else words[register.address] & ~mask

    def scalars(self, names: Sequence[str]) -> ScalarBlock:
        """Return a writer of many numbers at once."""
        return ScalarBlock(self, {name: self._registers[name] for name in names})

    def order_of(self, name: str) -> WordOrder:
        """Return the word order a signal really has."""
        return self._order_of(self._registers[name])

    def _coding(self, name: str) -> _Coding:
        coding = self._codings.get(name)
        if coding is None:
            register = self._registers[name]
            coding = self._codings[name] = _Coding(register.encoding, self._order_of(register), [register])
        return coding

    def _order_of(self, register: Register) -> WordOrder:
        return register.word_order or self._order

    def _put(self, register: Register, words: Words) -> None:
        self.words[register.table][register.address : register.address + len(words)] = words


class ScalarBlock:
    """Writes numbers to their registers, vectorised by encoding and word order."""

    def __init__(self, image: RegisterImage, registers: Mapping[str, Register]) -> None:
        self._groups: list[tuple[Words, npt.NDArray[np.intp], npt.NDArray[np.intp], _Coding]] = []
        grouped: dict[tuple[Table, Encoding, WordOrder], list[tuple[int, Register]]] = {}
        for index, (name, register) in enumerate(registers.items()):
            key = (register.table, register.encoding, image.order_of(name))
            grouped.setdefault(key, []).append((index, register))
        for (table, encoding, order), members in grouped.items():
            width = encoding.registers
            take = np.array([index for index, _ in members], dtype=np.intp)
            into = np.concatenate([np.arange(each.address, each.address + width) for _, each in members])
            coding = _Coding(encoding, order, [each for _, each in members])
            self._groups.append((image.words[table], take, into, coding))

    def write(self, values: Floats) -> None:
        """Write the values, in the order of the names given at first."""
        for words, take, into, coding in self._groups:
            words[into] = coding.encode(values[take])


class _Coding:
    """Scale, offset, limits and sentinel of a group of registers."""

    def __init__(self, encoding: Encoding, order: WordOrder, registers: Sequence[Register]) -> None:
        self._encoding, self._order = encoding, order
        self._scale = np.array([each.scale for each in registers])
        self._offset = np.array([each.offset for each in registers])
        low, high = _limits(encoding)
        self._low, self._high = low, high
        self._is_whole = encoding not in (Encoding.FLOAT32, Encoding.FLOAT64)
        self._missing = np.array([each.sentinels[0] if each.sentinels else low for each in registers])

    def encode(self, values: Floats) -> Words:
        raw = (values - self._offset) / self._scale
        if self._is_whole:
            raw = np.where(np.isnan(raw), self._missing, np.clip(np.rint(raw), self._low, self._high))
            return encode_numbers(raw.astype(np.int64), self._encoding, self._order)
        return encode_numbers(raw, self._encoding, self._order)


def _limits(encoding: Encoding) -> tuple[float, float]:
    if encoding in (Encoding.FLOAT32, Encoding.FLOAT64):
        return (-np.inf, np.inf)
    bits = 16 * encoding.registers
    if encoding in (Encoding.UINT16, Encoding.UINT32, Encoding.UINT64):
        return (0.0, float(min((1 << bits) - 1, _EXACT)))
    return (float(max(-(1 << bits - 1), -_EXACT)), float(min((1 << bits - 1) - 1, _EXACT)))


def _wrapped(raw: int, encoding: Encoding) -> int:
    if encoding in (Encoding.FLOAT32, Encoding.FLOAT64):
        return raw
    bits = 16 * encoding.registers
    is_signed = encoding in (Encoding.INT16, Encoding.INT32, Encoding.INT64)
    return raw % (1 << (bits - 1 if is_signed else bits))


def _cut(text: str, length: int) -> str:
    return text.encode("utf-8")[: 2 * length].decode("utf-8", errors="ignore")
