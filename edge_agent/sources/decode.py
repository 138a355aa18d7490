"""Registers to engineering values, compiled at start so that polling cannot fail on configuration (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_agent.sources.read_plan import ReadRequest
from plant.model import Encoding, Profile, Register, Signal, Table, WordOrder
from telemetry.quality import Quality
from telemetry.registers import decode_numbers, decode_text
from telemetry.sample import FloatArray, Value
from telemetry.scale import as_ratio
from telemetry.sparkplug.datatype import DataType, datatype_of

Values = npt.NDArray[Any]
Positions = npt.NDArray[np.intp]
UNREAD = -1
"""In place of a quality: this poll says nothing of the register."""


class PollImage:
    """What one poll of a class read: every wanted register side by side, with its own instant and quality."""

    def __init__(self, requests: Iterable[ReadRequest]) -> None:
        self._bases: list[tuple[ReadRequest, int]] = []
        size = 0
        for request in requests:
            self._bases.append((request, size))
            size += request.count
        self.words = np.zeros(size, np.uint16)
        """Bits are words of 0 or 1."""
        self.at_ms = np.zeros(size, np.int64)
        self.quality = np.full(size, UNREAD, np.int16)
        self._wanted = np.zeros(size, np.bool_)
        for request, base in self._bases:
            for extent in request.extents:
                self._wanted[base + extent.start - request.address : base + extent.stop - request.address] = (
                    True
                )

    def complete_at_ms(self) -> int | None:
        """Return when the last of it was read, None if this poll left something out."""
        if (self.quality[self._wanted] == UNREAD).any():
            return None
        return int(self.at_ms.max(initial=0))

    def position(self, table: Table, address: int) -> int:
        """Return where the register lies in the image.

        Raises:
            KeyError: no request of the plan reads it.
        """
        for request, base in self._bases:
            if request.table is table and request.address <= address < request.stop:
                return base + address - request.address
        raise KeyError((table, address))

    def begin(self) -> None:
        """Forget the last poll's qualities."""
        self.quality[:] = UNREAD

    def store(self, position: int, words: npt.NDArray[np.uint16], at_ms: int) -> None:
        """Take in what a request answered."""
        stop = position + len(words)
        self.words[position:stop] = words
        self.at_ms[position:stop] = at_ms
        self.quality[position:stop] = Quality.GOOD

    def mark(self, position: int, count: int, quality: Quality, at_ms: int) -> None:
        """Say why registers have no value."""
        self.at_ms[position : position + count] = at_ms
        self.quality[position : position + count] = quality


class Decoded(NamedTuple):
    """Values of a block of signals; where quality is not good the value means nothing."""

    values: Values
    quality: npt.NDArray[np.int16]
    at_ms: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ScalarDecoder:
    """Signals of one encoding, decoded together."""

    signals: tuple[Signal, ...]
    datatype: DataType
    encoding: Encoding
    word_order: WordOrder
    registers: Positions
    """Shape (signals, registers of one value): where they lie in the image."""
    bit: npt.NDArray[np.uint16]
    scale: tuple[FloatArray, FloatArray] | None
    """Numerators and denominators; None: the raw value is the engineering value."""
    offset: FloatArray
    low: FloatArray
    high: FloatArray
    sentinels: tuple[tuple[Any, Positions], ...]
    """A raw value in the encoding's own type, and the signals for which it means "not available"."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the decoded values."""
        if self.encoding is Encoding.BOOL:
            return np.dtype(np.bool_)
        return np.dtype(np.float64) if self.scale is not None else _raw_dtype(self.encoding)

    def decode(self, image: PollImage) -> Decoded:
        """Return the block's values of this poll."""
        first = self.registers[:, 0]
        quality = image.quality[first]
        if self.encoding is Encoding.BOOL:
            flags = (image.words[first] >> self.bit) & 1
            return Decoded(flags.astype(np.bool_), quality, image.at_ms[first])
        words = image.words[self.registers].reshape(-1)
        raw: Values = decode_numbers(words, self.encoding, self.word_order)
        raw = raw.astype(_raw_dtype(self.encoding))
        values: Values = raw
        if self.scale is not None:
            numerator, denominator = self.scale
            values = raw * numerator / denominator + self.offset
        with np.errstate(invalid="ignore"):
            usable = np.isfinite(values) & (values >= self.low) & (values <= self.high)
        for sentinel, rows in self.sentinels:
            usable[rows] &= raw[rows] != sentinel
        quality[~usable & (quality == Quality.GOOD)] = Quality.BAD
        return Decoded(values, quality, image.at_ms[first])


class DecodedOne(NamedTuple):
    """Value of one text or array."""

    value: Value
    quality: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class TextDecoder:
    """One text."""

    signal: Signal
    word_order: WordOrder
    registers: Positions

    datatype = DataType.STRING

    def decode(self, image: PollImage) -> DecodedOne:
        """Return the text, bad if its bytes are none."""
        at_ms, quality = int(image.at_ms[self.registers[0]]), int(image.quality[self.registers[0]])
        if quality != Quality.GOOD:
            return DecodedOne(None, quality, at_ms)
        try:
            return DecodedOne(decode_text(image.words[self.registers], self.word_order), quality, at_ms)
        except UnicodeDecodeError:
            return DecodedOne(None, Quality.BAD, at_ms)


@dataclass(frozen=True, slots=True)
class ArrayDecoder:
    """One array; an element without a value is NaN, and only a whole array of them is bad."""

    signal: Signal
    datatype: DataType
    elements: ScalarDecoder

    def decode(self, image: PollImage) -> DecodedOne:
        """Return the numbers; the array's instant is that of its oldest part."""
        values, quality, at_ms = self.elements.decode(image)
        if (quality == UNREAD).any():
            return DecodedOne(None, UNREAD, 0)
        good = quality == Quality.GOOD
        if not good.any():
            return DecodedOne(None, int(quality.max()), int(at_ms.max()))
        return DecodedOne(
            np.where(good, values.astype(np.float64), np.nan), Quality.GOOD, int(at_ms[good].min())
        )


@dataclass(frozen=True, slots=True)
class PollDecoder:
    """Everything one poll class of a profile decodes."""

    scalars: tuple[ScalarDecoder, ...]
    texts: tuple[TextDecoder, ...]
    arrays: tuple[ArrayDecoder, ...]


def compile_decoder(profile: Profile, poll: str, image: PollImage) -> PollDecoder:
    """Return the decoders of a poll class whose registers lie in the image."""
    alike: dict[tuple[Encoding, WordOrder, bool], list[tuple[Signal, Register]]] = defaultdict(list)
    texts: list[TextDecoder] = []
    arrays: list[ArrayDecoder] = []
    for signal in profile.signals:
        register = signal.modbus
        if register is None or signal.poll != poll:
            continue
        order = register.word_order or profile.modbus.word_order
        if register.encoding is Encoding.STRING:
            texts.append(TextDecoder(signal, order, _positions(register, image).reshape(-1)))
        elif signal.is_array:
            elements = _scalars([(signal, register)], register.encoding, order, image)
            datatype = datatype_of(register.encoding, scaled=_is_scaled(register), array=True)
            arrays.append(ArrayDecoder(signal, datatype, elements))
        else:
            alike[register.encoding, order, _is_scaled(register)].append((signal, register))
    blocks = (_scalars(group, encoding, order, image) for (encoding, order, _), group in alike.items())
    return PollDecoder(tuple(blocks), tuple(texts), tuple(arrays))


def _is_scaled(register: Register) -> bool:
    return register.encoding.is_number and (register.scale != 1.0 or register.offset != 0.0)


def _raw_dtype(encoding: Encoding) -> np.dtype[Any]:
    nothing = np.zeros(encoding.registers, np.uint16)
    dtype: np.dtype[Any] = decode_numbers(nothing, encoding, WordOrder.ABCD).dtype
    return dtype.newbyteorder("=")


def _positions(register: Register, image: PollImage) -> Positions:
    """Return positions with one row per value; an array may lie in several requests."""
    width = register.width // register.count
    starts = [image.position(register.table, each) for each in range(register.address, register.stop, width)]
    return np.asarray(starts, np.intp)[:, None] + np.arange(width)


def _scalars(
    group: Sequence[tuple[Signal, Register]], encoding: Encoding, order: WordOrder, image: PollImage
) -> ScalarDecoder:
    """Return a decoder with one row per element; an array is a group of one signal with many rows."""
    counts = [register.count for _, register in group]
    registers = np.concatenate([_positions(register, image) for _, register in group])

    def column(numbers: Iterable[float]) -> FloatArray:
        return np.repeat(np.asarray(list(numbers), np.float64), counts)

    scaled = _is_scaled(group[0][1])
    ratios = [as_ratio(register.scale) for _, register in group]
    return ScalarDecoder(
        signals=tuple(signal for signal, _ in group),
        datatype=datatype_of(encoding, scaled=scaled, array=False),
        encoding=encoding,
        word_order=order,
        registers=registers,
        bit=column(register.bit or 0 for _, register in group).astype(np.uint16),
        scale=(column(top for top, _ in ratios), column(bottom for _, bottom in ratios)) if scaled else None,
        offset=column(register.offset for _, register in group),
        low=column(signal.range[0] if signal.range else -np.inf for signal, _ in group),
        high=column(signal.range[1] if signal.range else np.inf for signal, _ in group),
        sentinels=tuple(_sentinels(group, encoding)),
    )


def _sentinels(
    group: Sequence[tuple[Signal, Register]], encoding: Encoding
) -> Iterator[tuple[Any, Positions]]:
    rows: dict[float, list[int]] = defaultdict(list)
    row = 0
    for _, register in group:
        for sentinel in register.sentinels:
            rows[sentinel].extend(range(row, row + register.count))
        row += register.count
    if encoding is Encoding.BOOL:
        return
    dtype = _raw_dtype(encoding)
    for sentinel, where in rows.items():
        if np.isnan(sentinel):
            continue
        if dtype.kind == "f":
            yield dtype.type(sentinel), np.asarray(where, np.intp)
        elif float(sentinel).is_integer() and np.iinfo(dtype).min <= sentinel <= np.iinfo(dtype).max:
            yield dtype.type(int(sentinel)), np.asarray(where, np.intp)
