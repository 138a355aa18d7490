"""Mistakes that only show when files are seen together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plant.model import Encoding, Profile, RingField, Signal, Site, Station
from plant.nearest import nearest
from plant.problem import Problem
from plant.yaml_document import Document, Step

RESERVED = frozenset({"state", "production", "alarm", "vitals"})
"""Measurements of the historian that are not a machine's process values."""


def profile_problems(profiles: Iterable[tuple[Document, Profile]]) -> Iterator[Problem]:
    """Yield what is wrong with profiles beside each other."""
    profiles = list(profiles)
    kinds = {ring.kind for _, profile in profiles for ring in profile.result_rings}
    columns: dict[tuple[str, str], _Column] = {}
    for document, profile in profiles:
        yield from _name_problems(document, profile.profile, "profile")
        if profile.measurement in RESERVED | kinds:
            message = (
                f"the measurement '{profile.measurement}' is already used for something else; take another"
            )
            yield Problem(document.file, document.line(["measurement"]), message)
        for steps, table, item in _columns(profile):
            column = _Column(table, item.unit, _form(item), document.file)
            first = columns.setdefault((table, item.name), column)
            if (first.unit, first.form) != (column.unit, column.form):
                yield Problem(document.file, document.line(steps), _conflict(item.name, column, first))


def site_problems(
    document: Document, site: Site, profiles: Mapping[str, Profile], known: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong with a site, given its profiles.

    `known` are all profile ids there are, also those with mistakes of their own.
    """
    yield from _name_problems(document, site.site, "site")
    try:
        ZoneInfo(site.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        message = f"there is no timezone '{site.timezone}'; write a name such as Europe/Paris"
        yield Problem(document.file, document.line(["timezone"]), message)
    for steps, station in site.stations():
        if station.profile not in known:
            message = f"there is no profile '{station.profile}'{nearest(station.profile, known)}"
            yield Problem(document.file, document.line([*steps, "profile"]), message)
        elif station.profile in profiles:
            for key, message in _address_problems(station, profiles[station.profile]):
                yield Problem(document.file, document.line([*steps, key], of_key=True), message)


class _Column(NamedTuple):
    """What the historian stores under one name."""

    table: str
    unit: str
    form: str
    file: str


def _columns(profile: Profile) -> Iterator[tuple[list[Step], str, Signal | RingField]]:
    """Yield every signal and ring field with its place and its measurement."""
    for index, signal in enumerate(profile.signals):
        yield ["signals", index, "name"], profile.measurement, signal
    for index, ring in enumerate(profile.result_rings):
        for at, field in enumerate(ring.fields):
            yield ["result_rings", index, "fields", at, "name"], ring.kind, field


def _form(item: Signal | RingField) -> str:
    """Return whether the historian sees a number, numbers, text or a truth value."""
    if isinstance(item, RingField):
        return "text" if item.encoding is Encoding.STRING else "a number"
    if item.is_array:
        return "an array"
    encoding = None if item.modbus is None else item.modbus.encoding
    return {Encoding.STRING: "text", Encoding.BOOL: "true or false"}.get(
        encoding or Encoding.FLOAT64, "a number"
    )


def _conflict(name: str, column: _Column, first: _Column) -> str:
    one = column.form + (f" in {column.unit}" if column.unit else "")
    other = first.form + (f" in {first.unit}" if first.unit else "") + f" in {PurePath(first.file).name}"
    return f"'{name}' of '{column.table}' is {one} here but {other}; rename one of them"


def _name_problems(document: Document, name: str, key: str) -> Iterator[Problem]:
    stem = PurePath(document.file).stem
    if stem != name:
        message = f"the file is named '{stem}' but says {key}: {name}; make them the same"
        yield Problem(document.file, document.line([key]), message)


def _address_problems(station: Station, profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield addresses that the profile needs and that are missing, or that it has no use for."""
    registers = bool(profile.result_rings) or any(signal.modbus for signal in profile.signals)
    messages = any(signal.mqtt for signal in profile.signals)
    who = f"station '{station.station}'"
    if registers and station.modbus is None:
        yield (
            "station",
            f"{who} needs 'modbus: {{host: ..., port: ..., unit: ...}}': '{profile.profile}' has registers",
        )
    if messages and station.mqtt is None:
        yield "station", f"{who} needs 'mqtt: {{topic: ...}}': '{profile.profile}' has MQTT signals"
    if station.modbus is not None and not registers:
        yield "modbus", f"{who} has a 'modbus' address but '{profile.profile}' has no registers; remove it"
    if station.mqtt is not None and not messages:
        yield "mqtt", f"{who} has an 'mqtt' topic but '{profile.profile}' has no MQTT signals; remove it"
