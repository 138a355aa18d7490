"""Results and production as rows of InfluxDB (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from historian.influx import influxql
from historian.influx.connection import Rows
from historian.influx.names import TAGS, original_name
from historian.ports import ProductionMinute, StoredResult
from plant.model import StationPath
from plant.packml import TimeClass
from telemetry.sample import Result

_TAG_COLUMNS = [f'"{tag}"::tag' for tag in TAGS]

RESULT_COLUMNS = ("*::field", *_TAG_COLUMNS)
PRODUCTION_FIELDS = ("good", "reject", *(f"{each.value}_s" for each in TimeClass))
PRODUCTION_COLUMNS = (*map(influxql.field, PRODUCTION_FIELDS), *_TAG_COLUMNS)


def results(kind: str, rows: Iterable[Rows]) -> Iterator[StoredResult]:
    """Yield the results that rows selected by `RESULT_COLUMNS`, with times in ns, hold."""
    for series in rows:
        fields = series.columns[1 : -len(TAGS)]
        for at_ns, *values in series.values:
            tags = dict(zip(TAGS, values[-len(TAGS) :], strict=True))
            present = {name: value for name, value in zip(fields, values, strict=False) if value is not None}
            number = present.pop("number", None)
            key = present.pop("key", "")
            if number is None:
                continue  # not a result: another measurement has the name of the kind
            named = {original_name(name): _plain(value) for name, value in present.items()}
            yield StoredResult(
                StationPath(**{tag: value or "" for tag, value in tags.items()}),
                Result(kind, at_ns // 1_000_000, int(number), key, named),
            )


def counts(rows: Iterable[Rows]) -> dict[StationPath, int]:
    """Return the count of each station."""
    return {
        StationPath(**{tag: series.tags.get(tag, "") for tag in TAGS}): int(series.values[0][1])
        for series in rows
    }


def production(rows: Iterable[Rows]) -> list[ProductionMinute]:
    """Return the minutes that rows selected by `PRODUCTION_COLUMNS` hold, in order of station and time."""
    minutes = []
    for series in rows:
        for start_ms, *values in series.values:
            good, reject, *seconds = (float(value or 0) for value in values[: -len(TAGS)])
            tags = dict(zip(TAGS, values[-len(TAGS) :], strict=True))
            classes = {each.value: one for each, one in zip(TimeClass, seconds, strict=True) if one}
            path = StationPath(**{tag: value or "" for tag, value in tags.items()})
            minutes.append(ProductionMinute(path, start_ms, good, reject, classes or None))
    return sorted(minutes, key=lambda minute: (minute.path, minute.start_ms))


def _plain(value: float | str) -> float | str:
    return value if isinstance(value, str) else float(value)
