"""A signal over time as ECharts options (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.screens.formats import decimals_for, shown_unit
from api.screens.look import Look
from historian.ports import Bucket, Series
from plant.model import Signal
from telemetry.quality import Quality
from telemetry.sample import Sample

RANGES_MS = {"5m": 5 * 60_000, "1h": 3_600_000, "8h": 8 * 3_600_000, "24h": 24 * 3_600_000}
REFRESH_S = {"5m": 10.0, "1h": 10.0, "8h": 30.0, "24h": 60.0}
"""How often the store is asked again; in between, what arrives live is added."""
POINTS = 400

_INK = "#7d8790"
"""Readable on the light and on the dark ground."""
_LINE = "#4f8fc0"
_LIMIT = "#c8861a"
_GRID = "rgba(128,138,148,.22)"

Options = dict[str, Any]
_BAND_FLOOR: Options = {"lineStyle": {"opacity": 0}, "stack": "band", "tooltip": {"show": False}}
_BAND: Options = _BAND_FLOOR | {"areaStyle": {"color": _LINE, "opacity": 0.25}}
Point = list[float | None]


def trend_options(found: Series | None, signal: Signal, live: Sample | None, look: Look) -> Options:
    """Return the chart's options: mean, envelope and limits; gaps stay gaps."""
    # ECharts knows the browser's zone and UTC only, so the site's local time is given as if it were UTC.
    shift_ms = look.formats.utc_offset_ms(look.now_ms)
    mean, low, span = (_shifted(points, shift_ms) for points in _points(found, live))
    decimals = decimals_for(signal.limits, signal.deadband)
    return {
        "animation": False,
        "textStyle": {"fontFamily": "Roboto, sans-serif", "fontSize": 13},
        "useUTC": True,
        "grid": {"left": 74, "right": 88, "top": 16, "bottom": 32},
        "xAxis": {
            "type": "time",
            "min": found.start_ms + shift_ms if found else None,
            "max": found.stop_ms + shift_ms if found else None,
            "axisLabel": {"color": _INK, "fontSize": 14, "hideOverlap": True},
            "axisLine": {"lineStyle": {"color": _GRID}},
            "splitLine": {"show": False},
        },
        "yAxis": _y_axis(signal, mean, low, span),
        "tooltip": {"trigger": "axis", "confine": True, "transitionDuration": 0},
        "series": [
            _line(look.texts.envelope, low, _BAND_FLOOR),
            _line("±", span, _BAND),
            _line(look.texts.mean if found and found.bucket_ms else signal.title, mean, {
                "lineStyle": {"color": _LINE, "width": 1.8},
                "itemStyle": {"color": _LINE},
                "step": False if found and found.bucket_ms else "end",
                "markLine": _limit_lines(signal, decimals, look),
            }),
        ],
    }  # fmt: skip


def _shifted(points: Sequence[Point], shift_ms: int) -> list[Point]:
    return [[(at_ms or 0) + shift_ms, value] for at_ms, value in points]


def with_live(found: Series, live: Sample | None, now_ms: int) -> Series:
    """Return raw samples moved on to now, with the newest live one if it is not among them."""
    moved_ms = max(0, now_ms - found.stop_ms)
    start_ms = found.start_ms + moved_ms
    samples = [sample for sample in found.samples if sample.at_ms >= start_ms]
    if live is not None and (not samples or live.at_ms > samples[-1].at_ms):
        samples.append(live)
    return replace(found, start_ms=start_ms, stop_ms=found.stop_ms + moved_ms, samples=samples)


def is_empty(found: Series | None) -> bool:
    """Return whether the range holds no value to draw."""
    return found is None or not (found.buckets or found.samples)


def _line(name: str, data: Sequence[Point], more: Options) -> Options:
    return {
        "type": "line",
        "name": name,
        "data": list(data),
        "showSymbol": False,
        "connectNulls": False,
        "silent": True,
        **more,
    }


def _points(found: Series | None, live: Sample | None) -> tuple[list[Point], list[Point], list[Point]]:
    """Return the mean, the minimum, and how far the maximum is above it."""
    if found is None:
        return [], [], []
    if not found.bucket_ms:
        points = [_raw(sample) for sample in found.samples]
        if live is not None and live.quality is Quality.GOOD and points:
            # Reported by exception: unchanged means it still holds.
            points.append([found.stop_ms, _number(live)])
        return points, [], []
    buckets = list(_with_gaps(found.buckets, found.bucket_ms))
    mean = [[at_ms, _round(bucket.mean) if bucket else None] for at_ms, bucket in buckets]
    low = [[at_ms, _round(bucket.minimum) if bucket else None] for at_ms, bucket in buckets]
    span = [[at_ms, _height(bucket)] for at_ms, bucket in buckets]
    return mean, low, span


def _with_gaps(buckets: Sequence[Bucket], bucket_ms: int) -> list[tuple[float, Bucket | None]]:
    """Return buckets at their middles, with an empty one where the stored ones stop being neighbours."""
    placed: list[tuple[float, Bucket | None]] = []
    for index, bucket in enumerate(buckets):
        middle_ms = bucket.start_ms + bucket_ms / 2
        if index and bucket.start_ms - buckets[index - 1].start_ms > 3 * bucket_ms:
            placed.append((middle_ms - bucket_ms, None))
        placed.append((middle_ms, bucket if bucket.good else None))
    return placed


def _raw(sample: Sample) -> Point:
    return [sample.at_ms, _number(sample)]


def _number(sample: Sample) -> float | None:
    value = sample.value
    if sample.quality is not Quality.GOOD or isinstance(value, str) or not isinstance(value, int | float):
        return None
    return _round(float(value))


def _height(bucket: Bucket | None) -> float | None:
    if bucket is None or bucket.maximum is None or bucket.minimum is None:
        return None
    return _round(bucket.maximum - bucket.minimum)


def _round(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def _limit_lines(signal: Signal, decimals: int | None, look: Look) -> Options:
    limits = signal.limits
    lines = [
        {
            "yAxis": value,
            "lineStyle": {"color": color, "type": kind, "width": 1.2},
            "label": {
                "formatter": f"{sign}{look.formats.number(value, decimals or 0)}",
                "color": color,
                "position": "end",
                "fontSize": 14,
            },
        }
        for value, color, kind, sign in (
            (limits.high if limits else None, _LIMIT, "dashed", "▲ "),
            (limits.low if limits else None, _LIMIT, "dashed", "▼ "),
            (limits.nominal if limits else None, _INK, "dotted", ""),
        )
        if value is not None
    ]
    return {"symbol": "none", "silent": True, "animation": False, "data": lines}


def _y_axis(signal: Signal, mean: Sequence[Point], low: Sequence[Point], span: Sequence[Point]) -> Options:
    """Scale to the data and those limits that are near it, so that a drift shows before it hurts."""
    values = [value for _, value in (*mean, *low) if value is not None]
    values += [a + b for (_, a), (_, b) in zip(low, span, strict=True) if a is not None and b is not None]
    axis: Options = {
        "type": "value",
        "scale": True,
        "name": shown_unit(signal.unit),
        "nameTextStyle": {"color": _INK, "fontSize": 14},
        "nameLocation": "middle",
        "nameGap": 54,
        "axisLabel": {"color": _INK, "fontSize": 14, "showMinLabel": False, "showMaxLabel": False},
        "splitLine": {"lineStyle": {"color": _GRID}},
        "min": None,
        "max": None,
    }
    limits = signal.limits
    if limits is not None and values:
        near = [*values, *(each for each in (limits.low, limits.high, limits.nominal) if each is not None)]
        bottom, top = min(near), max(near)
        margin = (top - bottom) * 0.06 or abs(top) * 0.01 or 1.0
        axis |= {"min": _round(bottom - margin), "max": _round(top + margin)}
    return axis
