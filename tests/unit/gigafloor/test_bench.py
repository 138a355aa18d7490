"""The benchmarks' own parts: a load that says what it means, figures against budgets."""

from __future__ import annotations

import io

import numpy as np
from rich.console import Console

from gigafloor.bench.load import array_load, scalar_load
from gigafloor.bench.report import Figure, print_figures
from telemetry.sparkplug.payload import parse, value_of


def test_every_batch_of_scalars_carries_its_own_time_and_the_same_values() -> None:
    metrics, make = scalar_load(50)
    at_ms = (1_795_413_977_576, 1_795_413_977_586)
    first, second = (parse(make(each)).metrics for each in at_ms)
    assert {metric.timestamp for metric in first} == {at_ms[0]}
    assert {metric.timestamp for metric in second} == {at_ms[1]}
    values = [
        value_of(metric, definition.datatype) for metric, definition in zip(first, metrics, strict=True)
    ]
    assert len(set(values)) == 50
    assert values == [value_of(metric, each.datatype) for metric, each in zip(second, metrics, strict=True)]


def test_a_batch_of_arrays_holds_as_many_elements_as_are_counted() -> None:
    metrics, make = array_load(3, 256)
    arrays = [
        value_of(metric, each.datatype)
        for metric, each in zip(parse(make(1_795_413_977_576)).metrics, metrics, strict=True)
    ]
    assert [array.size for array in arrays if isinstance(array, np.ndarray)] == [256] * 3


def test_a_missed_budget_is_said() -> None:
    sink = io.StringIO()
    figures = [
        Figure("rate", 90, "values/s", 100, at_least=True),
        Figure("memory", 90, "MiB", 100),
        Figure("seen", 5, ""),
    ]
    print_figures("Bench", figures, Console(file=sink, width=100))
    rows = {line.split("│")[1].strip(): line for line in sink.getvalue().splitlines() if line.startswith("│")}
    assert "MISSED" in rows["rate"]
    assert "within" in rows["memory"]
    assert "within" not in rows["seen"]
    assert "MISSED" not in rows["seen"]
