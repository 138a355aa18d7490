"""Look at a running plant through its API: `watch.py live|newest|whole URL [STATE_FILE]`.

`live` waits until values are good and change; `newest` notes the newest result of every station;
`whole` waits until there are newer ones and no result number of these stations is missing since.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PAGE = 1000
WAIT_S = 180.0
Ring = tuple[str, str, str]
"""Line, station, kind of result."""


def main(what: str, url: str, file: str = "") -> None:
    """Do what the command line says."""
    plant = Plant(url)
    if what == "live":
        _see_live(plant)
    elif what == "newest":
        _note_newest(plant, Path(file))
    else:
        _see_whole(plant, Path(file))


class Plant:
    """Questions to the API."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, page: str, **parameters: str | int) -> Any:  # noqa: ANN401 - whatever the page answers
        """Return an answer's JSON."""
        address = f"{self._url}/api/v1/{page}?{urlencode(parameters)}"
        with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - http on the loopback
            return json.load(answer)

    def good_values(self) -> dict[str, Any]:
        """Return the good values by station and signal."""
        found = self._all("values")
        return {
            f"{each['place']['line']}/{each['place']['station']}/{each['signal']}": each["current"]["value"]
            for each in found
            if each["current"] and each["current"]["quality"] == "good"
        }

    def kinds(self) -> set[str]:
        """Return every kind of result that a station reports."""
        details = (
            self.ask(f"stations/{site['site']}/{line['line']}/{station['station']}")
            for site in self.ask("plant")["sites"]
            for area in site["areas"]
            for line in area["lines"]
            for station in line["stations"]
        )
        return {ring["kind"] for detail in details for ring in detail["results"]}

    def results(self, since: str) -> dict[Ring, dict[int, str]]:
        """Return, for every ring, the instants of its results by their number."""
        found: dict[Ring, dict[int, str]] = {}
        for kind in sorted(self.kinds()):
            for each in self._all(f"results/{kind}", **{"from": since}):
                ring = (each["place"]["line"], each["place"]["station"], kind)
                found.setdefault(ring, {})[each["number"]] = each["at"]
        return found

    def _all(self, page: str, **parameters: str | int) -> Iterator[Any]:
        offset = 0
        while True:
            part = self.ask(page, limit=PAGE, offset=offset, **parameters)
            yield from part["items"]
            offset += PAGE
            if offset >= part["total"]:
                return


def _see_live(plant: Plant) -> None:
    before = plant.good_values()
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        time.sleep(1)
        now = plant.good_values()
        changed = [name for name, value in now.items() if name in before and before[name] != value]
        if changed:
            first = changed[0]
            _say(f"{len(now)} good values, {len(changed)} changed; {first}: {before[first]} -> {now[first]}")
            return
        before = now
    raise SystemExit(f"No live value changed in {WAIT_S:.0f} s; {len(before)} values are good.")


def _note_newest(plant: Plant, file: Path) -> None:
    until = time.monotonic() + WAIT_S
    while not (newest := {ring: max(numbers) for ring, numbers in plant.results("-1h").items()}):
        if time.monotonic() > until:
            raise SystemExit(f"No station reported a result in {WAIT_S:.0f} s.")
        time.sleep(2)
    file.write_text(json.dumps([[*ring, number] for ring, number in newest.items()]), encoding="utf-8")
    _say(f"newest results noted: {_listed(newest)}")


def _see_whole(plant: Plant, file: Path) -> None:
    noted = {(line, station, kind): number for line, station, kind, number in json.loads(file.read_text())}
    until = time.monotonic() + WAIT_S
    while True:
        found = plant.results("-1h")
        newest = {ring: max(found.get(ring, {0: ""})) for ring in noted}
        missing = {
            ring: sorted(set(range(since, newest[ring] + 1)) - set(found.get(ring, ())))
            for ring, since in noted.items()
        }
        missing = {ring: numbers for ring, numbers in missing.items() if numbers}
        grown = [ring for ring, since in noted.items() if newest[ring] > since]
        if grown and not missing:
            new = sum(newest[ring] - noted[ring] for ring in grown)
            _say(f"{new} new results of {len(grown)} stations, none missing: {_listed(newest)}")
            return
        if time.monotonic() > until:
            raise SystemExit(f"Missing after {WAIT_S:.0f} s: {missing}; stations with new results: {grown}")
        time.sleep(2)


def _listed(numbers: dict[Ring, int]) -> str:
    return ", ".join(f"{station} {kind} {number}" for (_, station, kind), number in sorted(numbers.items()))


def _say(sentence: str) -> None:
    sys.stdout.write(f"  {sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
