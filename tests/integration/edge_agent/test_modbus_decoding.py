"""Every encoding in every word order, from a server that shares no code with us."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from plant.model import Table, WordOrder
from telemetry.quality import Quality
from telemetry.sample import Value
from tests.integration.edge_agent.reading import plant_of, polling, units_at, until
from tests.support.libmodbus import BLOCK, SIZE, libmodbus_server

ORDERS = [WordOrder.ABCD, WordOrder.CDAB, WordOrder.BADC, WordOrder.DCBA]
VALUES: dict[str, tuple[int, Value]] = {
    "int16": (0, -1234), "uint16": (1, 65000), "int32": (2, -123456789), "uint32": (4, 4000000000),
    "float32": (6, float(np.float32(3.14159))), "int64": (8, -1234567890123456789),
    "uint64": (12, 12345678901234567890), "float64": (16, -2.718281828459045),
}  # fmt: skip
"""Where the server's C code puts each encoding, and what it puts there."""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("libmodbus")
    with libmodbus_server(folder) as number:
        yield number


@pytest.mark.parametrize("table", [Table.HOLDING, Table.INPUT])
@pytest.mark.parametrize("order", ORDERS)
async def test_each_encoding_is_read_as_the_server_means_it(
    port: int, table: Table, order: WordOrder
) -> None:
    base = BLOCK * ORDERS.index(order)
    place = {"table": table, "word_order": order}
    signals = [
        {"name": f"v_{encoding}", "modbus": {**place, "address": base + offset, "encoding": encoding}}
        for encoding, (offset, _) in VALUES.items()
    ]
    signals.append(
        {"name": "text", "modbus": {**place, "address": base + 20, "encoding": "string", "length": 8}}
    )
    signals.append(
        {"name": "floats", "modbus": {**place, "address": base + 30, "encoding": "float32", "count": 10}}
    )
    plant = plant_of({"signals": signals}, units_at(port, 1))
    async with polling(plant) as (stations, _):
        station = stations["unit-1"]
        await until(lambda: station.last("floats"))
        for encoding, (_, expected) in VALUES.items():
            sample = station.last(f"v_{encoding}")
            assert sample is not None
            assert (sample.value, sample.quality) == (expected, Quality.GOOD), encoding
        text, floats = station.last("text"), station.last("floats")
        assert text is not None
        assert text.value == "Electrode-07"
        assert floats is not None
        np.testing.assert_array_equal(floats.value, np.arange(10) + 0.5)


async def test_coils_and_discrete_inputs_are_read_in_one_request_each(port: int) -> None:
    signals = [
        {"name": f"{table}_{index}", "modbus": {"table": table, "address": index, "encoding": "bool"}}
        for table in ("coil", "discrete")
        for index in range(40)
    ]
    async with polling(plant_of({"signals": signals}, units_at(port, 1))) as (stations, _):
        station = stations["unit-1"]
        await until(lambda: station.last("discrete_39"))
        for index in range(40):
            coil, discrete = station.last(f"coil_{index}"), station.last(f"discrete_{index}")
            assert coil is not None
            assert discrete is not None
            assert (coil.value, discrete.value) == (index % 3 == 0, index % 5 == 0)
        assert len(station.state.requests["process"]) == 2


async def test_a_register_the_server_does_not_have_is_found_and_the_rest_is_read(port: int) -> None:
    signals = [
        {"name": f"r_{address}", "modbus": {"address": address}} for address in range(SIZE - 20, SIZE + 1)
    ]
    async with polling(plant_of({"signals": signals}, units_at(port, 1))) as (stations, vitals):
        station = stations["unit-1"]
        await until(lambda: station.last(f"r_{SIZE}"))
        missing = station.last(f"r_{SIZE}")
        assert missing is not None
        assert (missing.value, missing.quality) == (None, Quality.BAD)
        for address in range(SIZE - 20, SIZE):
            sample = station.last(f"r_{address}")
            assert sample is not None
            assert sample.quality is Quality.GOOD
        assert vitals.values()["modbus_isolated"] == 1
