"""What is measured: samples and results, and the batches they travel in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from telemetry.quality import Quality

FloatArray = npt.NDArray[np.float64]
Scalar = float | int | bool | str
Value = Scalar | FloatArray | None
"""None when there is no usable value; quality says why."""


class Sample(NamedTuple):
    """The value of one signal at the instant it was really read."""

    signal: str
    at_ms: int
    """Milliseconds since 1970 UTC, of the read itself."""
    value: Value
    quality: Quality = Quality.GOOD


class Result(NamedTuple):
    """One finished product or batch, as the PLC's result ring reported it.

    `(station, kind, at_ms, number)` identifies it: two results of one
    millisecond stay two, a repeat stays one.
    """

    kind: str
    at_ms: int
    """When it was made, by the PLC's clock where the ring has a time field."""
    number: int
    """Result number of the ring's head counter."""
    key: str
    """Serial, batch or roll number."""
    fields: Mapping[str, Scalar | None]


class BatchNumber(NamedTuple):
    """Identifies a batch for ever: numbers of one incarnation of a spool never repeat."""

    incarnation: str
    """Random id of the spool file that gave the number."""
    number: int

    @override
    def __str__(self) -> str:
        """Return the form that travels in the payload's `uuid`."""
        return f"{self.incarnation}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> BatchNumber | None:
        """Return the batch number, or None if the text is not one (another vendor's uuid)."""
        incarnation, colon, number = text.rpartition(":")
        if not (colon and incarnation and number.isdecimal()):
            return None
        return cls(incarnation, int(number))


class EdgeNode(NamedTuple):
    """A Sparkplug edge node: the agent of one line."""

    site: str
    line: str

    @override
    def __str__(self) -> str:
        """Return `site/line`, the Sparkplug edge node descriptor."""
        return f"{self.site}/{self.line}"


@dataclass(frozen=True, slots=True)
class DeviceBatch:
    """What one message says about one station."""

    node: EdgeNode
    station: str
    samples: list[Sample] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    historical: bool = False
    """Sent late from the spool: never the current value."""
    number: BatchNumber | None = None
    """None if the sender does not number its batches."""
