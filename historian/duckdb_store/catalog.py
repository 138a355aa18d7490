"""The numbers that stand for stations and series in the file."""

from __future__ import annotations

import duckdb

from plant.model import StationPath


class SignalIds(dict[str, int]):
    """Series ids of one station and measurement; an unknown signal gets the next id."""

    def __init__(self, catalog: Catalog, station: int, measurement: str) -> None:
        super().__init__()
        self._catalog = catalog
        self._station = station
        self._measurement = measurement

    def __missing__(self, signal: str) -> int:
        number = self._catalog.new_series(self._station, self._measurement, signal)
        self[signal] = number
        return number


class Catalog:
    """Stations and series by name; what is new waits in memory for `save`.

    Only the writer's thread may ask for ids; a reader looks up what exists.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._stations: dict[StationPath, int] = {}
        self._paths: dict[int, StationPath] = {}
        self._signals: dict[tuple[int, str], SignalIds] = {}
        self._series_count = 0
        self._new_stations: list[tuple[int, str, str, str, str]] = []
        self._new_series: list[tuple[int, int, str, str]] = []
        for number, *path in connection.execute("FROM station ORDER BY id").fetchall():
            self._place(number, StationPath(*path))
        for number, station, measurement, signal in connection.execute("FROM series").fetchall():
            self._ids(station, measurement)[signal] = number
            self._series_count = max(self._series_count, number + 1)

    def station(self, path: StationPath) -> int:
        """Return the station's id, a new one if it is unknown."""
        known = self._stations.get(path)
        if known is not None:
            return known
        number = len(self._stations)
        self._place(number, path)
        self._new_stations.append((number, *path))
        return number

    def signals(self, path: StationPath, measurement: str) -> SignalIds:
        """Return the series ids of a station, by signal."""
        return self._ids(self.station(path), measurement)

    def new_series(self, station: int, measurement: str, signal: str) -> int:
        """Return an id for a series that is not known yet."""
        number = self._series_count
        self._series_count += 1
        self._new_series.append((number, station, measurement, signal))
        return number

    def find_series(self, path: StationPath, measurement: str, signal: str) -> int | None:
        """Return the id of a series, None if nothing of it was ever written."""
        station = self._stations.get(path)
        if station is None:
            return None
        ids = self._signals.get((station, measurement))
        return ids.get(signal) if ids is not None else None

    def find_station(self, path: StationPath) -> int | None:
        """Return the id of a station, None if it is unknown."""
        return self._stations.get(path)

    def path(self, station: int) -> StationPath:
        """Return the station of that id."""
        return self._paths[station]

    def save(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write what is new, as part of the connection's transaction."""
        if self._new_stations:
            connection.executemany("INSERT INTO station VALUES (?, ?, ?, ?, ?)", self._new_stations)
        if self._new_series:
            connection.executemany("INSERT INTO series VALUES (?, ?, ?, ?)", self._new_series)
        self._new_stations, self._new_series = [], []

    def _place(self, number: int, path: StationPath) -> None:
        self._stations[path] = number
        self._paths[number] = path

    def _ids(self, station: int, measurement: str) -> SignalIds:
        key = (station, measurement)
        if key not in self._signals:
            self._signals[key] = SignalIds(self, station, measurement)
        return self._signals[key]
