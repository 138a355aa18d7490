"""What no store takes, and what a value is when it is stored (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TypeVar

from historian.ports import RejectedPoint, StationBlock
from telemetry.sample import Result, Sample

LAST_MS = 9_223_372_036_854
"""Nanoseconds of 64 bits end in the year 2262; earlier than minus that they start."""

Timed = TypeVar("Timed", Sample, Result)

_at_ms = attrgetter("at_ms")


def acceptable(blocks: Iterable[StationBlock]) -> tuple[list[StationBlock], list[RejectedPoint]]:
    """Return the blocks without the points no store can keep, and those points."""
    accepted: list[StationBlock] = []
    refused: list[RejectedPoint] = []
    for block in blocks:
        if _in_time(block.samples) and _in_time(block.results):
            accepted.append(block)
            continue
        refused += [_refusal(block, sample.signal, sample.at_ms) for sample in _out_of_time(block.samples)]
        refused += [_refusal(block, name_of(result), result.at_ms) for result in _out_of_time(block.results)]
        accepted.append(
            replace(
                block,
                samples=[sample for sample in block.samples if abs(sample.at_ms) < LAST_MS],
                results=[result for result in block.results if abs(result.at_ms) < LAST_MS],
            )
        )
    return accepted, refused


def name_of(result: Result) -> str:
    """Return what a person calls the result: kind and key."""
    return f"{result.kind} {result.key}"


def _in_time(things: Sequence[Sample] | Sequence[Result]) -> bool:
    return not things or -LAST_MS < min(map(_at_ms, things)) <= max(map(_at_ms, things)) < LAST_MS


def _out_of_time(things: Sequence[Timed]) -> list[Timed]:
    return [thing for thing in things if abs(thing.at_ms) >= LAST_MS]


def _refusal(block: StationBlock, what: str, at_ms: int) -> RejectedPoint:
    reason = f"its time, {at_ms} ms since 1970, is beyond the year 2262; check the clock of the device"
    return RejectedPoint(block.path, what, at_ms, reason)
