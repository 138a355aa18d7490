"""The search for refused points, against servers that misbehave in known ways."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from historian.influx.line_protocol import Fragment
from historian.influx.rejection import PointsRefusedError, store_all_but
from historian.ports import HistorianUnavailableError, RejectedPoint
from plant.model import StationPath

PATH = StationPath("douvrin", "electrode", "line-1", "coater-1")


def piece(field: str, at_ms: int, value: str = "1.0") -> Fragment:
    return Fragment("coater", f"{field}={value}", f"{at_ms}000000", RejectedPoint(PATH, field, at_ms, ""))


class PicksOut:
    """A server that drops every line with a certain text, and may name the field."""

    def __init__(self, bad: str, *, names_field: str | None = None, all_or_nothing: bool = False) -> None:
        self.stored: set[str] = set()
        self.requests = 0
        self._bad = re.compile(bad)
        self._names_field = names_field
        self._all_or_nothing = all_or_nothing

    async def __call__(self, lines: Sequence[str]) -> None:
        self.requests += 1
        good = [line for line in lines if not self._bad.search(line)]
        if len(good) < len(lines) and self._all_or_nothing:
            raise PointsRefusedError("unable to parse")
        for line in good:
            _, fields, time = line.split(" ")
            self.stored |= {f"{field} {time}" for field in fields.split(",")}
        if len(good) < len(lines):
            named = f'input field "{self._names_field}" on measurement "coater" ' if self._names_field else ""
            raise PointsRefusedError(f"partial write: {named}dropped={len(lines) - len(good)}")


@pytest.mark.parametrize("all_or_nothing", [False, True])
@pytest.mark.parametrize("names_field", [None, "b"])
async def test_all_but_the_bad_pieces_are_stored(names_field: str | None, *, all_or_nothing: bool) -> None:
    pieces = [piece(field, at_ms) for at_ms in range(40) for field in "abc"]
    pieces[50] = piece("b", 16, '"text"')
    pieces[100] = piece("b", 33, '"text"')
    server = PicksOut("text", names_field=names_field, all_or_nothing=all_or_nothing)
    refused = await store_all_but(server, pieces)
    assert sorted((point.what, point.at_ms) for point in refused) == [("b", 16), ("b", 33)]
    assert all(point.reason for point in refused)
    assert len(server.stored) == 118


async def test_field_the_server_names_is_found_in_few_requests() -> None:
    pieces = [
        piece(field, at_ms, '"text"' if field == "b" else "1") for at_ms in range(500) for field in "abc"
    ]
    server = PicksOut("text", names_field="b")
    assert len(await store_all_but(server, pieces)) == 500
    assert len(server.stored) == 1000
    assert server.requests == 3


async def test_nothing_to_store_asks_nothing() -> None:
    server = PicksOut("")
    assert await store_all_but(server, []) == []
    assert server.requests == 0


async def test_server_that_goes_away_meanwhile_is_unavailable() -> None:
    async def gone(lines: Sequence[str]) -> None:
        raise HistorianUnavailableError(f"gone before {len(lines)} lines")

    with pytest.raises(HistorianUnavailableError):
        await store_all_but(gone, [piece("a", 1)])
