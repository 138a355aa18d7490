"""Which stations exist, where they stand and where they are reached."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator
from typing_extensions import override

from plant.record import Finding, Identifier, Model, refuse


class ModbusAddress(Model):
    """Where a PLC is reached."""

    host: str = "127.0.0.1"
    port: int = Field(default=502, ge=1, le=65535)
    unit: int = Field(default=1, ge=0, le=255)

    @override
    def __str__(self) -> str:
        """Return `host:port unit n`."""
        return f"{self.host}:{self.port} unit {self.unit}"


class MqttAddress(Model):
    """Where a sensor publishes on the plant's local broker."""

    topic: str = Field(pattern=r"^[^+#]+$")

    @override
    def __str__(self) -> str:
        """Return the topic."""
        return f"topic {self.topic}"


class Plan(Model):
    """What a line is asked for."""

    rate_per_min: float = Field(gt=0)
    """Good products a minute while the line is planned to run."""


class Station(Model):
    """A machine in the hierarchy."""

    station: Identifier
    title: str
    profile: Identifier
    modbus: ModbusAddress | None = None
    mqtt: MqttAddress | None = None
    ideal_rate_per_min: float | None = Field(default=None, gt=0)
    """Products a minute at the ideal cycle time, in what the profile counts."""
    buffer_before: int | None = Field(default=None, ge=1)
    """Capacity of the buffer in front, in products of this station; None: fed from elsewhere."""


class Line(Model):
    """Stations in the order material flows; one edge agent reads them."""

    line: Identifier
    title: str
    product: str = ""
    plan: Plan | None = None
    stations: tuple[Station, ...] = Field(min_length=1)


class Area(Model):
    """A part of a site."""

    area: Identifier
    title: str
    lines: tuple[Line, ...] = Field(min_length=1)


class Maturity(StrEnum):
    """How far a plant's ramp-up has got; picks the simulator's yields."""

    RAMP_UP = "ramp-up"
    STABILISING = "stabilising"
    MATURE = "mature"


class Site(Model):
    """A plant of an enterprise."""

    site: Identifier
    enterprise: str
    title: str
    place: str = ""
    timezone: str = "Europe/Paris"
    latitude_deg: float | None = Field(default=None, ge=-90, le=90)
    longitude_deg: float | None = Field(default=None, ge=-180, le=180)
    product: str = ""
    capacity_gwh_per_year: float | None = Field(default=None, gt=0)
    maturity: Maturity = Maturity.STABILISING
    areas: tuple[Area, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        refuse((*self._name_findings(), *self._address_findings()))
        return self

    def stations(self) -> Iterator[tuple[tuple[str | int, ...], Station]]:
        """Yield every station with its place in the description."""
        for a, area in enumerate(self.areas):
            for b, line in enumerate(area.lines):
                for c, station in enumerate(line.stations):
                    yield ("areas", a, "lines", b, "stations", c), station

    def _name_findings(self) -> Iterator[Finding]:
        lines: set[str] = set()
        areas: set[str] = set()
        for a, area in enumerate(self.areas):
            if area.area in areas:
                yield Finding(("areas", a, "area"), f"two areas are named '{area.area}'; rename one")
            areas.add(area.area)
            for b, line in enumerate(area.lines):
                place = ("areas", a, "lines", b)
                if line.line in lines:
                    message = f"two lines are named '{line.line}'; a line's id is unique within its site"
                    yield Finding((*place, "line"), message)
                lines.add(line.line)
                yield from _twice_in_line(line, place)

    def _address_findings(self) -> Iterator[Finding]:
        taken: dict[object, str] = {}
        for place, station in self.stations():
            for key, address in (("modbus", station.modbus), ("mqtt", station.mqtt)):
                if address is not None and address in taken:
                    message = f"station '{station.station}' has the address of '{taken[address]}', {address}"
                    yield Finding((*place, key), f"{message}; give each its own")
                if address is not None:
                    taken.setdefault(address, station.station)


def _twice_in_line(line: Line, place: tuple[str | int, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, station in enumerate(line.stations):
        if station.station in seen:
            message = f"line '{line.line}' has two stations named '{station.station}'; rename one"
            yield Finding((*place, "stations", index, "station"), message)
        seen.add(station.station)
