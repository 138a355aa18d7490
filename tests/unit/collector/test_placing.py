"""Batches by the plant description: what belongs somewhere is stored, the rest becomes dead letters."""

from __future__ import annotations

import json

import numpy as np
import pytest

from collector.dead_letter import Kind
from collector.placing import MOST_AHEAD_MS, PlantPlaces
from plant.model import StationPath
from telemetry.sample import BatchNumber, DeviceBatch, EdgeNode, Result, Sample
from tests.unit.collector.small_plant import small_plant, tower_path, winder_path

NOW_MS = 1_800_000_000_000
NORTH = EdgeNode("north", "cells")
NUMBER = BatchNumber("abc", 7)
GOOD = Sample("tension_n", NOW_MS, 1.5)
CELL = Result("cell", NOW_MS, 1, "S-1", {"serial": "S-1", "mass_g": 46.5})


@pytest.fixture
def places() -> PlantPlaces:
    return PlantPlaces(small_plant())


def batch(
    *samples: Sample, results: tuple[Result, ...] = (), node: EdgeNode = NORTH, station: str = "winder-1"
) -> DeviceBatch:
    return DeviceBatch(node, station, list(samples), list(results), number=NUMBER)


def test_batch_becomes_a_block_of_its_station(places: PlantPlaces) -> None:
    placed = places.place(batch(GOOD, results=(CELL,)), NOW_MS)
    assert placed.block is not None
    assert (placed.block.path, placed.block.measurement) == (winder_path(), "winder")
    assert (placed.block.samples, placed.block.results, placed.block.number) == ([GOOD], [CELL], NUMBER)
    assert (placed.letters, placed.values) == ((), 3)


def test_each_element_of_an_array_counts(places: PlantPlaces) -> None:
    placed = places.place(batch(Sample("cell_voltage_v", NOW_MS, np.zeros(16)), station="tower-1"), NOW_MS)
    assert placed.block is not None
    assert (placed.block.path, placed.values) == (tower_path(), 16)


@pytest.mark.parametrize(
    ("node", "station"),
    [(EdgeNode("west", "cells"), "winder-1"), (EdgeNode("north", "packs"), "winder-1"), (NORTH, "winder-9")],
)
def test_station_nobody_knows_becomes_a_dead_letter(
    places: PlantPlaces, node: EdgeNode, station: str
) -> None:
    placed = places.place(batch(GOOD, node=node, station=station), NOW_MS)
    assert placed.block is None
    [letter] = placed.letters
    assert (letter.kind, letter.node, letter.station) == (Kind.UNKNOWN_STATION, node, station)
    assert json.loads(letter.body) == [{"signal": "tension_n", "at_ms": NOW_MS, "value": 1.5, "quality": 192}]


def test_unknown_signal_does_not_stop_the_others(places: PlantPlaces) -> None:
    placed = places.place(batch(GOOD, Sample("tension_lbf", NOW_MS, 3.0)), NOW_MS)
    assert placed.block is not None
    assert placed.block.samples == [GOOD]
    [letter] = placed.letters
    assert letter.kind is Kind.UNKNOWN_SIGNAL
    assert "tension_lbf" in letter.reason


def test_unknown_result_ring_does_not_stop_the_others(places: PlantPlaces) -> None:
    placed = places.place(batch(GOOD, results=(CELL, CELL._replace(kind="roll"))), NOW_MS)
    assert placed.block is not None
    assert placed.block.results == [CELL]
    assert [letter.kind for letter in placed.letters] == [Kind.UNKNOWN_SIGNAL]


@pytest.mark.parametrize("at_ms", [0, -5, NOW_MS + MOST_AHEAD_MS + 1])
def test_impossible_time_is_put_aside(places: PlantPlaces, at_ms: int) -> None:
    early, late = GOOD._replace(at_ms=at_ms), CELL._replace(at_ms=at_ms)
    placed = places.place(batch(GOOD, early, results=(CELL, late)), NOW_MS)
    assert placed.block is not None
    assert (placed.block.samples, placed.block.results) == ([GOOD], [CELL])
    assert [letter.kind for letter in placed.letters] == [Kind.IMPOSSIBLE_TIME] * 2


def test_read_marks_are_not_stored(places: PlantPlaces) -> None:
    mark = Sample("Read/process", NOW_MS, NOW_MS)
    both = places.place(batch(mark, GOOD), NOW_MS)
    assert both.block is not None
    assert both.block.samples == [GOOD]
    assert places.place(batch(mark), NOW_MS) == (None, (), 0)


def test_vitals_of_a_node_are_stored_under_its_agent(places: PlantPlaces) -> None:
    vitals = batch(Sample("Vitals/spool_batches", NOW_MS, 3), Sample("bdSeq", NOW_MS, 1), station="")
    placed = places.place(vitals, NOW_MS)
    assert placed.block is not None
    assert placed.block.path == StationPath("north", "assembly", "cells", "agent")
    assert placed.block.measurement == "vitals"
    assert placed.block.samples == [Sample("spool_batches", NOW_MS, 3)]
