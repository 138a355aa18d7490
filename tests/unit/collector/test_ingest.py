"""From events to acknowledgements, with the store in memory."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from collector.acknowledge import Acknowledger
from collector.dead_letter import DeadLetterStore, Kind
from collector.durable import DurableStore
from collector.group_writer import GroupWriter
from collector.ingest import Ingest
from collector.intake import Intake
from collector.placing import PlantPlaces
from collector.recent import RecentNumbers
from collector.vitals import CollectorVitals
from historian.ports import StationBlock
from runtime.service import background
from runtime.vitals import Vitals
from telemetry.clock import now_ms
from telemetry.live import LivePicture
from telemetry.sample import BatchNumber, DeviceBatch, EdgeNode, Sample, Scalar
from telemetry.sparkplug.host import Data, Rejected
from tests.support.memory_historian import MemoryHistorian
from tests.unit.collector.small_plant import small_plant, winder_path

NORTH, SOUTH = EdgeNode("north", "cells"), EdgeNode("south", "cells")


class Bench:
    """The collector without broker and files."""

    def __init__(self, dead_letters: DeadLetterStore) -> None:
        plant = small_plant()
        self.historian = MemoryHistorian()
        self.dead_letters = dead_letters
        self.live = LivePicture(plant)
        self.all_vitals = Vitals("collector")
        vitals = CollectorVitals(self.all_vitals)
        self.intake = Intake(most_values=40, group_values=20, linger_s=0.0)
        self.acknowledger = Acknowledger(vitals, every_s=0.0)
        recent = RecentNumbers()
        self.ingest = Ingest(PlantPlaces(plant), self.live, self.intake, self.acknowledger, recent, vitals)
        store = DurableStore(
            self.historian,
            dead_letters,
            vitals,
            stored=self._stored,
            answering=self.intake.set_answering,
            retry_delays=lambda: itertools.repeat(0.001),
        )
        self.writer = GroupWriter(self.intake, store, self.acknowledger, recent, vitals)
        self.commands: list[tuple[EdgeNode, str]] = []
        self.link_is_up = True
        self.stored_blocks: list[StationBlock] = []

    async def arrives(self, *numbers: int, node: EdgeNode = NORTH, signal: str = "tension_n") -> None:
        """Take one sample per batch."""
        for number in numbers:
            sample = Sample(signal, now_ms() + number, float(number))
            batch = DeviceBatch(node, "winder-1", [sample], number=BatchNumber("abc", number))
            await self.ingest.take(node, [Data(batch)])

    async def write(self) -> None:
        """Write one group and send the acknowledgements."""
        await self.writer.write_group()
        await self.acknowledger.flush(self.command)

    async def command(self, node: EdgeNode, name: str, value: Scalar) -> bool:
        assert name == "Delivery/Acknowledged"
        self.commands.append((node, str(value)))
        return self.link_is_up

    def written(self) -> list[object]:
        return [sample.value for sample in self.historian.values(winder_path(), "winder", "tension_n")]

    def vital(self, name: str) -> float:
        return self.all_vitals.values()[name]

    async def _stored(self, blocks: object) -> None:
        assert isinstance(blocks, list)
        self.stored_blocks += blocks


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    dead_letters = DeadLetterStore(tmp_path / "dead-letters.sqlite")
    yield Bench(dead_letters)
    dead_letters.close()


@pytest.fixture
async def writing(bench: Bench) -> AsyncIterator[Bench]:
    async with background("writer", bench.writer.run_forever()):
        yield bench


async def test_numbers_are_acknowledged_as_ranges_per_node_after_the_write(bench: Bench) -> None:
    await bench.arrives(1, 2, 3, 7)
    await bench.arrives(4, node=SOUTH)
    await bench.acknowledger.flush(bench.command)
    assert bench.commands == []
    await bench.write()
    assert bench.commands == [(NORTH, "abc:1-3,7"), (SOUTH, "abc:4")]
    assert bench.written() == [1.0, 2.0, 3.0, 7.0]


async def test_repeat_of_a_durable_batch_is_acknowledged_and_not_written(bench: Bench) -> None:
    await bench.arrives(1)
    await bench.write()
    await bench.arrives(1)
    await bench.acknowledger.flush(bench.command)
    assert bench.commands == [(NORTH, "abc:1")] * 2
    assert bench.historian.writes == 1
    assert bench.vital("batches_repeated_total") == 1


async def test_repeat_of_a_waiting_batch_takes_no_room(bench: Bench) -> None:
    await bench.arrives(*[1] * 100)
    assert bench.vital("batches_taken_in_total") == 1


async def test_live_picture_goes_on_while_the_store_is_down_and_memory_is_bounded(writing: Bench) -> None:
    writing.historian.down = True
    await writing.arrives(*range(1, 200))
    live = writing.live.station("north", "cells", "winder-1")
    assert live.samples["tension_n"].value == 199.0
    assert writing.intake.values <= 40
    await writing.acknowledger.flush(writing.command)
    assert writing.commands == []
    assert writing.vital("batches_not_accepted_total") > 100


async def test_refused_batches_are_taken_when_the_edge_sends_them_again(writing: Bench) -> None:
    writing.historian.down = True
    await writing.arrives(*range(1, 100))
    writing.historian.down = False
    async with asyncio.timeout(10):
        while len(writing.written()) < 99:
            await asyncio.sleep(0.002)
            await writing.arrives(*range(1, 100))
    await writing.acknowledger.flush(writing.command)
    assert writing.written() == [float(number) for number in range(1, 100)]


async def test_refused_points_become_dead_letters_and_the_rest_is_acknowledged(bench: Bench) -> None:
    bench.historian.refused_signals = {"speed_m_min"}
    await bench.arrives(1)
    await bench.arrives(2, signal="speed_m_min")
    await bench.write()
    [letter] = await asyncio.to_thread(bench.dead_letters.list)
    assert (letter.kind, letter.node, letter.station, letter.reason) == (
        Kind.REFUSED,
        NORTH,
        "winder-1",
        "of another type",
    )
    assert bench.commands == [(NORTH, "abc:1-2")]
    assert bench.written() == [1.0]


async def test_batch_of_an_unknown_signal_only_is_put_aside_and_acknowledged(bench: Bench) -> None:
    await bench.arrives(1, signal="torque_nm")
    await bench.write()
    assert [letter.kind for letter in await asyncio.to_thread(bench.dead_letters.list)] == [
        Kind.UNKNOWN_SIGNAL
    ]
    assert bench.commands == [(NORTH, "abc:1")]


async def test_undecodable_message_is_kept_as_it_arrived(bench: Bench) -> None:
    await bench.ingest.take(NORTH, [Rejected(NORTH, "winder-1", "not a payload", message=b"\x01\x02")])
    await bench.write()
    [letter] = await asyncio.to_thread(bench.dead_letters.list)
    assert (letter.kind, letter.body, letter.reason) == (Kind.UNDECODABLE, b"\x01\x02", "not a payload")


async def test_production_is_told_before_the_edge_is(bench: Bench) -> None:
    await bench.arrives(1)
    await bench.writer.write_group()
    assert [block.number for block in bench.stored_blocks] == [BatchNumber("abc", 1)]
    assert bench.commands == []


async def test_lost_acknowledgement_is_sent_again_for_a_repeat(bench: Bench) -> None:
    bench.link_is_up = False
    await bench.arrives(1)
    await bench.write()
    assert bench.vital("batches_acknowledged_total") == 0
    bench.link_is_up = True
    await bench.arrives(1)
    await bench.acknowledger.flush(bench.command)
    assert bench.vital("batches_acknowledged_total") == 1


async def test_unnumbered_data_is_stored_and_not_acknowledged(bench: Bench) -> None:
    batch = DeviceBatch(NORTH, "winder-1", [Sample("tension_n", now_ms(), 5.0)])
    await bench.ingest.take(NORTH, [Data(batch)])
    await bench.write()
    assert bench.written() == [5.0]
    assert bench.commands == []
