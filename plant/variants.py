"""The same plant elsewhere or faster: changed copies of a description (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from plant.model import Line, Plant, Station

Endpoint = tuple[str, int]
"""Host and port of a PLC or gateway."""


def endpoints(plant: Plant) -> list[Endpoint]:
    """Return every Modbus endpoint once, in plant order."""
    found = [
        (placed.station.modbus.host, placed.station.modbus.port)
        for placed in plant.stations()
        if placed.station.modbus is not None
    ]
    return list(dict.fromkeys(found))


def relocated(plant: Plant, moves: Mapping[Endpoint, Endpoint]) -> Plant:
    """Return the plant with its Modbus endpoints moved; what is not named stays."""

    def move(station: Station) -> Station:
        if station.modbus is None:
            return station
        host, port = moves.get(
            (station.modbus.host, station.modbus.port), (station.modbus.host, station.modbus.port)
        )
        return station.model_copy(
            update={"modbus": station.modbus.model_copy(update={"host": host, "port": port})}
        )

    return _with_stations(plant, move)


def faster(plant: Plant, factor: float) -> Plant:
    """Return the plant whose machines, and plans, run that many times faster."""

    def speed_up(station: Station) -> Station:
        if station.ideal_rate_per_min is None:
            return station
        return station.model_copy(update={"ideal_rate_per_min": station.ideal_rate_per_min * factor})

    def plan_more(line: Line) -> Line:
        if line.plan is None:
            return line
        return line.model_copy(
            update={"plan": line.plan.model_copy(update={"rate_per_min": line.plan.rate_per_min * factor})}
        )

    return _with_stations(plant, speed_up, plan_more)


def _with_stations(
    plant: Plant,
    change: Callable[[Station], Station],
    change_line: Callable[[Line], Line] = lambda line: line,
) -> Plant:
    def lines(old: Iterable[Line]) -> tuple[Line, ...]:
        return tuple(
            change_line(line).model_copy(
                update={"stations": tuple(change(station) for station in line.stations)}
            )
            for line in old
        )

    return plant.model_copy(
        update={
            "sites": tuple(
                site.model_copy(
                    update={
                        "areas": tuple(
                            area.model_copy(update={"lines": lines(area.lines)}) for area in site.areas
                        )
                    }
                )
                for site in plant.sites
            )
        }
    )
