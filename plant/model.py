"""The plant description: what exists, as frozen models that forbid what they do not know.

A *profile* says what a machine type has (signals, registers, limits, result
rings). A *site* says which stations exist and where they are reached. The
simulator serves, the edge agent reads, the historian stores and the screens
draw from the same description. Everybody imports its models from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from typing_extensions import override

from plant.profile import ModbusDialect, PollClass, Profile, SensorDialect
from plant.record import Identifier, Model, SignalName
from plant.register import Encoding, Register, Table, WordOrder
from plant.result_ring import ResultRing, RingField
from plant.signal import AlarmBit, Dynamics, Limits, MqttField, Noise, NoiseLaw, Priority, Role, Signal
from plant.site import Area, Line, Maturity, ModbusAddress, MqttAddress, Plan, Site, Station

__all__ = [
    "AlarmBit",
    "Area",
    "Dynamics",
    "Encoding",
    "Identifier",
    "Limits",
    "Line",
    "Maturity",
    "ModbusAddress",
    "ModbusDialect",
    "Model",
    "MqttAddress",
    "MqttField",
    "Noise",
    "NoiseLaw",
    "PlacedStation",
    "Plan",
    "Plant",
    "PollClass",
    "Priority",
    "Profile",
    "Register",
    "ResultRing",
    "RingField",
    "Role",
    "SensorDialect",
    "Signal",
    "SignalName",
    "Site",
    "Station",
    "StationPath",
    "Table",
    "WordOrder",
]


class StationPath(NamedTuple):
    """A station's place in the hierarchy; also its tags in the historian."""

    site: str
    area: str
    line: str
    station: str

    @override
    def __str__(self) -> str:
        """Return the path as `site/area/line/station`."""
        return "/".join(self)


class PlacedStation(NamedTuple):
    """A station with its place and its profile."""

    path: StationPath
    station: Station
    profile: Profile
    line: Line


class Plant(Model):
    """All sites and the profiles they use."""

    sites: tuple[Site, ...]
    profiles: dict[str, Profile]

    def site(self, site: str) -> Site:
        """Return the site of that id.

        Raises:
            KeyError: there is none.
        """
        for candidate in self.sites:
            if candidate.site == site:
                return candidate
        raise KeyError(site)

    def stations(self, *, site: str | None = None, line: str | None = None) -> Iterator[PlacedStation]:
        """Yield every station, in plant order, optionally of one site or line."""
        for each_site in self.sites:
            if site is not None and each_site.site != site:
                continue
            for area in each_site.areas:
                for each_line in area.lines:
                    if line is not None and each_line.line != line:
                        continue
                    for station in each_line.stations:
                        path = StationPath(each_site.site, area.area, each_line.line, station.station)
                        yield PlacedStation(path, station, self.profiles[station.profile], each_line)

    def only(self, *sites: str) -> Plant:
        """Return the plant reduced to the named sites.

        Raises:
            KeyError: a site does not exist.
        """
        return Plant(sites=tuple(self.site(site) for site in sites), profiles=self.profiles)
