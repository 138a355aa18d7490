"""What the store found as answers (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api.instants import TimeRange
from api.schemas.common import Place, finite, plain, quality_name
from api.schemas.history import BucketAnswer, PointAnswer, ProductionAnswer, SeriesAnswer
from api.services.production import BucketWidth, Sums, bucket_span, coverage, in_buckets, ratios
from api.services.rate import is_output
from historian.ports import ProductionMinute, Series
from plant.model import PlacedStation, Profile, Signal
from telemetry.clock import at
from telemetry.quality import Quality


def series_answer(found: Series, signal: Signal) -> SeriesAnswer:
    """Return a stored series as an answer, with how much of it is good."""
    good = sum(bucket.good for bucket in found.buckets)
    not_good = sum(bucket.not_good for bucket in found.buckets)
    good += sum(sample.quality is Quality.GOOD for sample in found.samples)
    not_good += sum(sample.quality is not Quality.GOOD for sample in found.samples)
    return SeriesAnswer(
        place=Place.of(found.path),
        signal=found.signal,
        unit=signal.unit,
        start=at(found.start_ms),
        stop=at(found.stop_ms),
        bucket_ms=found.bucket_ms,
        samples=[
            PointAnswer(at=at(sample.at_ms), value=plain(sample.value), quality=quality_name(sample.quality))
            for sample in found.samples
        ],
        buckets=[
            BucketAnswer(
                at=at(bucket.start_ms),
                minimum=finite(bucket.minimum),
                maximum=finite(bucket.maximum),
                mean=finite(bucket.mean),
                last=finite(bucket.last),
                good=bucket.good,
                not_good=bucket.not_good,
            )
            for bucket in found.buckets
        ],
        good=good,
        not_good=not_good,
    )


def production_answers(
    stored: Iterable[ProductionMinute],
    stations: Sequence[PlacedStation],
    profiles: dict[str, Profile],
    width: BucketWidth,
    span: TimeRange,
    now_ms: int,
) -> list[ProductionAnswer]:
    """Return production by station, in plant order, and time."""
    found = in_buckets(stored, width, span.start_ms)
    answers: list[ProductionAnswer] = []
    for placed in stations:
        for bucket_ms, sums in sorted(found.get(placed.path, {}).items()):
            start_ms, stop_ms = bucket_span(bucket_ms, width, span.start_ms, span.stop_ms)
            answers.append(
                _production(
                    placed, sums, TimeRange(start_ms, stop_ms), now_ms, output=is_output(placed, profiles)
                )
            )
    return answers


def _production(
    placed: PlacedStation, sums: Sums, span: TimeRange, now_ms: int, *, output: bool
) -> ProductionAnswer:
    figures = ratios(sums, placed.station.ideal_rate_per_min)
    return ProductionAnswer(
        place=Place.of(placed.path),
        start=at(span.start_ms),
        stop=at(span.stop_ms),
        good=sums.good,
        reject=sums.reject,
        counts=placed.profile.counts,
        seconds=sums.seconds,
        availability=figures.availability,
        performance=figures.performance,
        quality=figures.quality,
        oee=figures.oee,
        coverage=coverage(sums, span.start_ms, min(span.stop_ms, now_ms)),
        is_line_output=output,
    )
