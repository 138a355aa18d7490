"""A plant of two sites, small enough to read, with everything the collector looks at."""

from __future__ import annotations

from plant.model import (
    Area,
    Encoding,
    Line,
    Plant,
    PollClass,
    Profile,
    Register,
    ResultRing,
    RingField,
    Role,
    Signal,
    Site,
    Station,
    StationPath,
)

SITES = ("north", "south")
HEARTBEAT_S = 30.0


def small_plant() -> Plant:
    """Return two sites with one line `cells` of a `winder` and a `tower` each."""
    return Plant(
        sites=tuple(_site(site) for site in SITES),
        profiles={"winder": winder(), "tower": tower()},
    )


def winder() -> Profile:
    """Return a machine with a state, two counters, process values, a text and a result ring."""
    return Profile(
        profile="winder",
        measurement="winder",
        title="Winder",
        stage="WIND",
        poll_classes={"process": PollClass(period_s=1.0, heartbeat_s=HEARTBEAT_S)},
        signals=(
            _signal("state", 0, Encoding.UINT16, Role.STATE),
            _signal("good", 1, Encoding.UINT16, Role.GOOD_COUNT),
            _signal("reject", 2, Encoding.UINT16, Role.REJECT_COUNT),
            _signal("tension_n", 4, Encoding.FLOAT32),
            _signal("speed_m_min", 6, Encoding.FLOAT32),
            Signal(
                name="recipe",
                title="Recipe",
                role=Role.IDENTITY,
                modbus=Register(address=10, encoding=Encoding.STRING, length=8),
            ),
        ),
        result_rings=(
            ResultRing(
                kind="cell",
                poll="process",
                head=100,
                first_slot=102,
                slots=4,
                stride=10,
                key_field="serial",
                fields=(
                    RingField(name="serial", at=2, encoding=Encoding.STRING, length=4),
                    RingField(name="mass_g", at=6, encoding=Encoding.FLOAT32),
                ),
            ),
        ),
    )


def tower() -> Profile:
    """Return a machine that only has an array."""
    return Profile(
        profile="tower",
        measurement="formation",
        title="Formation tower",
        stage="FORM",
        poll_classes={"process": PollClass(period_s=1.0)},
        signals=(
            Signal(
                name="cell_voltage_v",
                title="Cell voltages",
                unit="V",
                modbus=Register(address=0, encoding=Encoding.FLOAT32, count=16),
            ),
        ),
    )


def winder_path(site: str = "north") -> StationPath:
    """Return where a site's winder is."""
    return StationPath(site, "assembly", "cells", "winder-1")


def tower_path(site: str = "north") -> StationPath:
    """Return where a site's formation tower is."""
    return StationPath(site, "assembly", "cells", "tower-1")


def _signal(name: str, address: int, encoding: Encoding, role: Role = Role.PROCESS) -> Signal:
    return Signal(name=name, title=name, role=role, modbus=Register(address=address, encoding=encoding))


def _site(site: str) -> Site:
    stations = (
        Station(station="winder-1", title="Winder 1", profile="winder", ideal_rate_per_min=60),
        Station(station="tower-1", title="Tower 1", profile="tower"),
    )
    line = Line(line="cells", title="Cells", stations=stations)
    return Site(
        site=site,
        enterprise="test",
        title=site,
        areas=(Area(area="assembly", title="Assembly", lines=(line,)),),
    )
