"""A ring of results in the PLC: every product, batch or roll exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from plant.nearest import nearest
from plant.record import Finding, Identifier, Model, SignalName, refuse
from plant.register import Encoding, Table, WordOrder
from plant.signal import Limits, Noise


class RingField(Model):
    """One field of a result slot."""

    name: SignalName
    title: str = ""
    ref: str | None = None
    unit: str = ""
    at: int = Field(ge=0)
    """Registers from the start of the slot."""
    encoding: Encoding = Encoding.UINT16
    word_order: WordOrder | None = None
    length: int | None = Field(default=None, ge=1, le=60)
    scale: float = 1.0
    offset: float = 0.0
    limits: Limits | None = None
    noise: Noise | None = None

    @property
    def width(self) -> int:
        """Registers the field takes."""
        return self.length or 0 if self.encoding is Encoding.STRING else self.encoding.registers

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        refuse(self._findings())
        return self

    def _findings(self) -> Iterator[Finding]:
        who = f"field '{self.name}'"
        if (self.encoding is Encoding.STRING) != (self.length is not None):
            yield Finding(("encoding",), f"{who}: 'length' goes with encoding string, and only with it")
        if self.encoding is Encoding.BOOL:
            yield Finding(("encoding",), f"{who}: use uint16 for a flag in a result slot")
        if self.encoding is Encoding.STRING and (self.scale != 1 or self.offset != 0 or self.limits):
            yield Finding(("encoding",), f"{who} is text; it takes no scale, offset or limits; remove them")
        if self.scale == 0:
            yield Finding(("scale",), f"{who}: a scale of 0 would make every value the offset")


class ResultRing(Model):
    """A ring of results in the PLC: a head counter and N slots.

    The head counts results since the PLC started; result number `n` (from 1)
    lies in slot `(n - 1) % slots`. Each slot starts with its own result
    number, so that a slot overwritten while it was read is recognised.
    """

    kind: Identifier
    """What a result is: cell, batch, roll, coil... Also the historian's measurement."""
    poll: str = "state"
    table: Table = Table.HOLDING
    head: int = Field(ge=0, le=65534)
    """Address of the head counter (uint32, the profile's word order)."""
    first_slot: int = Field(ge=0, le=65535)
    slots: int = Field(ge=2, le=1024)
    stride: int = Field(ge=3, le=120)
    """Registers from one slot to the next; the first two hold the result number (uint32)."""
    time_field: SignalName | None = None
    """Field with the PLC's own UTC time in ms since 1970 (uint64); None stamps with the read."""
    key_field: SignalName
    """Field that identifies the product: serial, batch or roll number."""
    grade_field: SignalName | None = None
    """Field that is 0 for good and the reject code otherwise."""
    fields: tuple[RingField, ...] = Field(min_length=1)

    @property
    def stop(self) -> int:
        """First address after the last slot."""
        return self.first_slot + self.slots * self.stride

    @model_validator(mode="after")
    def _fits(self) -> Self:
        refuse((*self._field_findings(), *self._layout_findings()))
        return self

    def _field_findings(self) -> Iterator[Finding]:
        who = f"ring '{self.kind}'"
        fields: dict[str, RingField] = {}
        for index, field in enumerate(self.fields):
            if field.name in fields:
                yield Finding(("fields", index, "name"), f"{who} has two fields named '{field.name}'")
            fields.setdefault(field.name, field)
        for key, wanted in (
            ("time_field", self.time_field),
            ("key_field", self.key_field),
            ("grade_field", self.grade_field),
        ):
            if wanted is not None and wanted not in fields:
                yield Finding((key,), f"{who} has no field '{wanted}'{nearest(wanted, fields)}")
        time = fields.get(self.time_field or "")
        if time is not None and time.encoding not in (Encoding.UINT64, Encoding.INT64):
            yield Finding(("time_field",), f"{who}: milliseconds since 1970 need uint64, not {time.encoding}")
        grade = fields.get(self.grade_field or "")
        if grade is not None and not grade.encoding.is_whole:
            yield Finding(("grade_field",), f"{who}: a reject code is a whole number, not {grade.encoding}")

    def _layout_findings(self) -> Iterator[Finding]:
        who = f"ring '{self.kind}'"
        if self.table.is_bits:
            yield Finding(("table",), f"{who} needs registers; write table: holding or input")
        before, end = "the result number", 2
        for index, field in sorted(enumerate(self.fields), key=lambda item: item[1].at):
            if field.at < end:
                message = (
                    f"{who}: field '{field.name}' at {field.at} overlaps {before}, which ends at {end - 1}"
                )
                yield Finding(("fields", index, "at"), message)
            if field.at + field.width > end:
                before, end = f"'{field.name}'", field.at + field.width
        if end > self.stride:
            yield Finding(("stride",), f"{who}: its fields need {end} registers, stride is {self.stride}")
        if self.stop > 65536:
            yield Finding(("slots",), f"{who} ends at register {self.stop - 1}, beyond the last one, 65535")
