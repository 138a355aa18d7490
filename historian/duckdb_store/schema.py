"""The tables of the file.

New samples go to `sample_recent` as they come. From time to time they move to
`sample`, sorted, where each series and instant stands once: see `compaction`.
Tables of results (`result_<kind>`) are made as kinds and fields appear.
"""

from __future__ import annotations

_SAMPLE_COLUMNS = """
    series INTEGER NOT NULL,
    at_ms BIGINT NOT NULL,
    value DOUBLE,
    text VARCHAR,
    items DOUBLE[],
    quality SMALLINT NOT NULL
"""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS station (
    id INTEGER NOT NULL, site VARCHAR NOT NULL, area VARCHAR NOT NULL,
    line VARCHAR NOT NULL, station VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS series (
    id INTEGER NOT NULL, station INTEGER NOT NULL, measurement VARCHAR NOT NULL, signal VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS sample_recent ({_SAMPLE_COLUMNS});
CREATE TABLE IF NOT EXISTS sample ({_SAMPLE_COLUMNS});
CREATE TABLE IF NOT EXISTS stored_batch (
    incarnation VARCHAR NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS result_kind (kind VARCHAR NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS result_field (
    kind VARCHAR NOT NULL, field VARCHAR NOT NULL, name VARCHAR NOT NULL, is_text BOOLEAN NOT NULL
);
CREATE TABLE IF NOT EXISTS production (
    station INTEGER NOT NULL, start_ms BIGINT NOT NULL, good DOUBLE NOT NULL, reject DOUBLE NOT NULL,
    seconds MAP(VARCHAR, DOUBLE) NOT NULL
);
"""

RESULT_COLUMNS = ("station", "at_ms", "number", "key")
"""What every table of results has before its own fields."""


def quoted(name: str) -> str:
    """Return the name as an SQL identifier, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def free_name(wanted: str, taken: set[str]) -> str:
    """Return the name, with a number behind it if SQL would confuse it with one that is taken."""
    candidate = wanted = wanted.replace("\0", "?")
    number = 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{wanted}_{number}"
    return candidate
