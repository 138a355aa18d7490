"""Where and how a value lies in a Modbus device."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from plant.record import Finding, Model, refuse


class Table(StrEnum):
    """The four Modbus tables."""

    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"

    @property
    def is_bits(self) -> bool:
        """Whether the table holds single bits rather than 16-bit registers."""
        return self in (Table.COIL, Table.DISCRETE)


class Encoding(StrEnum):
    """How a value lies in registers."""

    BOOL = "bool"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    STRING = "string"

    @property
    def registers(self) -> int:
        """Registers one value takes; 0 for a string, whose length is given apart."""
        return _REGISTERS[self]

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole, as counters, states and alarm words are."""
        return self.value.startswith(("int", "uint"))

    @property
    def is_number(self) -> bool:
        """Whether a scale, a deadband and limits make sense."""
        return self not in (Encoding.BOOL, Encoding.STRING)


_REGISTERS = {
    Encoding.BOOL: 1, Encoding.INT16: 1, Encoding.UINT16: 1,
    Encoding.INT32: 2, Encoding.UINT32: 2, Encoding.FLOAT32: 2,
    Encoding.INT64: 4, Encoding.UINT64: 4, Encoding.FLOAT64: 4,
    Encoding.STRING: 0,
}  # fmt: skip


class WordOrder(StrEnum):
    """Order of the bytes of a 32-bit value on the wire; A is the most significant.

    For 64 bits the same two choices hold: which word comes first, and which
    byte comes first within a word. For strings only the byte order counts.
    """

    ABCD = "abcd"
    CDAB = "cdab"
    BADC = "badc"
    DCBA = "dcba"

    @property
    def low_word_first(self) -> bool:
        """Whether the least significant register has the lowest address."""
        return self in (WordOrder.CDAB, WordOrder.DCBA)

    @property
    def low_byte_first(self) -> bool:
        """Whether the two bytes of each register are swapped."""
        return self in (WordOrder.BADC, WordOrder.DCBA)


class Register(Model):
    """Where and how a value lies in a Modbus device."""

    table: Table = Table.HOLDING
    address: int = Field(ge=0, le=65535)
    """Protocol address of the first register, counted from 0 (not 40001)."""
    encoding: Encoding = Encoding.UINT16
    word_order: WordOrder | None = None
    """None takes the profile's."""
    bit: int | None = Field(default=None, ge=0, le=15)
    """For `bool` in a register: which bit, 0 the least significant."""
    length: int | None = Field(default=None, ge=1, le=120)
    """For `string`: registers (two characters each)."""
    count: int = Field(default=1, ge=1, le=4096)
    """Above 1 the signal is an array of as many consecutive values."""
    scale: float = 1.0
    """Engineering value = raw * scale + offset."""
    offset: float = 0.0
    sentinels: tuple[float, ...] = ()
    """Raw values that mean "not available" (NaN always does)."""

    @property
    def width(self) -> int:
        """Registers (or bits) the whole signal takes."""
        if self.table.is_bits:
            return self.count
        if self.encoding is Encoding.STRING:
            return self.length or 0
        return self.encoding.registers * self.count

    @property
    def stop(self) -> int:
        """First address after the signal."""
        return self.address + self.width

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        refuse(self._findings())
        return self

    def _findings(self) -> Iterator[Finding]:
        is_text = self.encoding is Encoding.STRING
        if is_text and self.length is None:
            yield Finding((), "a string needs 'length', its number of registers")
        if not is_text and self.length is not None:
            yield Finding(("length",), "'length' is for strings only; use 'count' for an array")
        if is_text and self.count > 1:
            yield Finding(("count",), "an array of strings is not supported; give each its own signal")
        if not self.encoding.is_number and (self.scale != 1 or self.offset != 0 or self.sentinels):
            yield Finding(
                ("encoding",), f"a {self.encoding} takes no scale, offset or sentinels; remove them"
            )
        if self.scale == 0:
            yield Finding(
                ("scale",), "a scale of 0 would make every value the offset; give the register's step"
            )
        if self.stop > 65536:
            yield Finding(("address",), f"ends at register {self.stop - 1}, beyond the last one, 65535")
        yield from self._bit_findings()

    def _bit_findings(self) -> Iterator[Finding]:
        if self.table.is_bits and self.encoding is not Encoding.BOOL:
            yield Finding(("encoding",), f"a {self.table} holds single bits: write encoding: bool")
        if self.bit is not None and (self.encoding is not Encoding.BOOL or self.table.is_bits):
            yield Finding(
                ("bit",), "'bit' picks one bit of a register: encoding must be bool, table holding or input"
            )
        if self.encoding is Encoding.BOOL and not self.table.is_bits and self.bit is None:
            yield Finding(("encoding",), "a bool in a register needs 'bit', 0 to 15")
        if self.encoding is Encoding.BOOL and not self.table.is_bits and self.count > 1:
            yield Finding(("count",), "an array of single bits is not supported; give each its own signal")
