"""What a host makes of messages in every order they can arrive in."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from telemetry.quality import Quality
from telemetry.sample import BatchNumber, Result, Sample
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.host import (
    Data,
    DeviceBorn,
    DeviceDied,
    Event,
    HostView,
    NodeBorn,
    NodeDied,
    RebirthWanted,
    Rejected,
)
from telemetry.sparkplug.payload import (
    BD_SEQ,
    MetricBuilder,
    MetricDef,
    bd_seq_payload,
    frame,
    mark_historical,
)
from telemetry.sparkplug.topics import MessageType, Topic
from tests.support.protobuf_wire import block, double, integer
from tests.support.small_plant import MACHINE, NODE, SENSOR

T0 = 1_700_000_000_000
RECEIVED_MS = T0 + 5_000
OVERHANG = MetricDef("overhang_mm", DataType.DOUBLE, 10)
COUNT = MetricDef("good_count", DataType.UINT32, 11)
CELLS = MetricDef("Result/cell", DataType.DATASET, 12)
VIBRATION = MetricDef("vibration_mm_s", DataType.DOUBLE, 20)


@dataclass(slots=True)
class Edge:
    """An edge node that speaks to a host; `say` sends whatever it is told to."""

    host: HostView = field(default_factory=HostView)
    seq: int = 0

    def say(
        self,
        kind: MessageType,
        metrics: bytes,
        station: str | None = None,
        number: BatchNumber | None = None,
    ) -> list[Event]:
        """Send a message with the next sequence number."""
        data = frame(metrics, at_ms=T0, seq=self.seq, number=number)
        self.seq = (self.seq + 1) % 256
        return self.hear(kind, data, station)

    def hear(self, kind: MessageType, data: bytes, station: str | None = None) -> list[Event]:
        """Hand bytes to the host."""
        return self.host.handle(Topic(kind, NODE, station), data, RECEIVED_MS)

    def born(self, bd_seq: int = 3) -> list[Event]:
        """Send NBIRTH."""
        self.seq = 0
        builder = MetricBuilder()
        builder.add(MetricDef(BD_SEQ, DataType.INT64), Sample(BD_SEQ, T0, bd_seq), birth=True)
        rebirth = MetricDef("Node Control/Rebirth", DataType.BOOLEAN)
        builder.add(rebirth, Sample(rebirth.name, T0, value=False), birth=True)
        return self.say(MessageType.NBIRTH, builder.metrics())

    def machine_born(self, *definitions: MetricDef) -> list[Event]:
        """Send the machine's DBIRTH."""
        builder = MetricBuilder()
        for definition in definitions or (OVERHANG, COUNT):
            builder.add(definition, Sample(definition.name, T0, 1), birth=True)
        builder.add_results(CELLS, [], T0, birth=True)
        return self.say(MessageType.DBIRTH, builder.metrics(), MACHINE)

    def data(self, *samples: tuple[MetricDef, Sample], number: int | None = None) -> list[Event]:
        """Send the machine's DDATA."""
        builder = MetricBuilder()
        for definition, sample in samples:
            builder.add(definition, sample)
        batch = None if number is None else BatchNumber("3f2a", number)
        return self.say(MessageType.DDATA, builder.metrics(), MACHINE, number=batch)


@pytest.fixture
def edge() -> Edge:
    """Return an edge node whose machine was born."""
    edge = Edge()
    edge.born()
    edge.machine_born()
    return edge


def overhang(value: float | None = 2.0, quality: Quality = Quality.GOOD) -> tuple[MetricDef, Sample]:
    """Return a sample with its definition."""
    return OVERHANG, Sample("overhang_mm", T0 + 100, value, quality)


def test_birth_declares_the_metrics_of_the_node() -> None:
    (event,) = Edge().born()
    assert isinstance(event, NodeBorn)
    assert event.at_ms == T0
    assert set(event.metrics) == {"bdSeq", "Node Control/Rebirth"}


def test_birth_of_a_station_tells_its_current_values(edge: Edge) -> None:
    (event,) = edge.machine_born()
    assert isinstance(event, DeviceBorn)
    assert [(sample.signal, sample.value) for sample in event.batch.samples] == [
        ("overhang_mm", 1.0),
        ("good_count", 1),
    ]


def test_data_by_alias_has_name_value_quality_and_its_batch_number(edge: Edge) -> None:
    (event,) = edge.data(overhang(2.5, Quality.UNCERTAIN), number=57)
    assert isinstance(event, Data)
    assert event.batch.samples == [Sample("overhang_mm", T0 + 100, 2.5, Quality.UNCERTAIN)]
    assert event.batch.number == BatchNumber("3f2a", 57)
    assert (event.batch.node, event.batch.station) == (NODE, MACHINE)


def test_lost_value_has_no_value_and_is_stale(edge: Edge) -> None:
    (event,) = edge.data(overhang(None, Quality.STALE))
    assert isinstance(event, Data)
    assert event.batch.samples == [Sample("overhang_mm", T0 + 100, None, Quality.STALE)]


def test_results_come_back_with_their_types(edge: Edge) -> None:
    result = Result("cell", T0, 7, "A7", {"ocv_v": 3.61, "grade": 0, "passed": True, "note": None})
    builder = MetricBuilder()
    builder.add_results(CELLS, [result], T0)
    (event,) = edge.say(MessageType.DDATA, builder.metrics(), MACHINE)
    assert isinstance(event, Data)
    assert event.batch.results == [result]


def test_backlog_is_marked_as_historical(edge: Edge) -> None:
    builder = MetricBuilder()
    builder.add(*overhang())
    (event,) = edge.say(MessageType.DDATA, mark_historical(builder.metrics()), MACHINE)
    assert isinstance(event, Data)
    assert event.batch.historical


def test_lost_message_wants_a_rebirth_and_what_came_is_kept(edge: Edge) -> None:
    edge.seq += 1
    wanted, data = edge.data(overhang())
    assert wanted == RebirthWanted(NODE, "sequence number 3 instead of 2")
    assert isinstance(data, Data)


def test_one_gap_wants_one_rebirth(edge: Edge) -> None:
    edge.seq += 1
    edge.data(overhang())
    assert [type(event) for event in edge.data(overhang())] == [Data]


def test_sequence_number_runs_from_255_to_0(edge: Edge) -> None:
    for _ in range(600):
        assert [type(event) for event in edge.data(overhang())] == [Data]


def test_data_before_any_birth_wants_a_rebirth() -> None:
    assert Edge().data(overhang()) == [RebirthWanted(NODE, "DDATA before NBIRTH")]


def test_data_of_a_station_that_was_not_born_wants_a_rebirth() -> None:
    edge = Edge()
    edge.born()
    assert edge.data(overhang()) == [RebirthWanted(NODE, f"DDATA of {MACHINE} before its DBIRTH")]


def test_new_node_birth_makes_stations_unknown_until_their_own(edge: Edge) -> None:
    edge.born()
    assert [type(event) for event in edge.data(overhang())] == [RebirthWanted]
    edge.born()
    edge.machine_born()
    assert [type(event) for event in edge.data(overhang())] == [Data]


def test_unknown_alias_wants_a_rebirth_and_the_batch_is_not_half_taken(edge: Edge) -> None:
    stranger = MetricDef("stranger", DataType.DOUBLE, 99)
    events = edge.data(overhang(), (stranger, Sample("stranger", T0, 1.0)), number=1)
    assert [type(event) for event in events] == [RebirthWanted]


def test_alias_of_another_station_is_not_accepted(edge: Edge) -> None:
    builder = MetricBuilder()
    builder.add(VIBRATION, Sample(VIBRATION.name, T0, 0.1), birth=True)
    edge.say(MessageType.DBIRTH, builder.metrics(), SENSOR)
    events = edge.data((VIBRATION, Sample(VIBRATION.name, T0, 0.2)))
    assert [type(event) for event in events] == [RebirthWanted]


def test_alias_given_twice_is_named_and_stays_with_its_first_owner(edge: Edge) -> None:
    builder = MetricBuilder()
    builder.add(VIBRATION._replace(alias=OVERHANG.alias), Sample(VIBRATION.name, T0, 0.1), birth=True)
    _, rejected = edge.say(MessageType.DBIRTH, builder.metrics(), SENSOR)
    assert isinstance(rejected, Rejected)
    assert "already means 'overhang_mm' of stacker-1" in rejected.reason
    assert [type(event) for event in edge.data(overhang())] == [Data]


def test_metric_that_a_new_birth_leaves_out_is_forgotten(edge: Edge) -> None:
    edge.machine_born(OVERHANG)
    events = edge.data((COUNT, Sample("good_count", T0, 2)))
    assert [type(event) for event in events] == [RebirthWanted]


def test_death_with_the_bdseq_of_the_birth_ends_the_session_when_it_is_received(edge: Edge) -> None:
    assert edge.hear(MessageType.NDEATH, bd_seq_payload(3, T0)) == [NodeDied(NODE, RECEIVED_MS)]
    assert not edge.host.is_online(NODE)
    assert [type(event) for event in edge.data(overhang())] == [RebirthWanted]


def test_late_will_of_an_earlier_connection_is_ignored(edge: Edge) -> None:
    assert edge.hear(MessageType.NDEATH, bd_seq_payload(2, T0)) == []
    assert edge.host.is_online(NODE)


def test_second_death_says_nothing_new(edge: Edge) -> None:
    edge.hear(MessageType.NDEATH, bd_seq_payload(3, T0))
    assert edge.hear(MessageType.NDEATH, bd_seq_payload(3, T0)) == []


def test_death_of_a_node_never_heard_of_is_ignored() -> None:
    assert Edge().hear(MessageType.NDEATH, bd_seq_payload(0, T0)) == []


def test_death_of_a_station_is_at_the_instant_it_was_noticed(edge: Edge) -> None:
    assert edge.say(MessageType.DDEATH, b"", MACHINE) == [DeviceDied(NODE, MACHINE, T0)]
    assert [type(event) for event in edge.data(overhang())] == [RebirthWanted]


def test_bytes_that_are_no_payload_are_kept_for_a_person_and_want_a_rebirth(edge: Edge) -> None:
    rejected, wanted = edge.hear(MessageType.DDATA, b"\xff\xff not protobuf", MACHINE)
    assert isinstance(rejected, Rejected)
    assert "not a Sparkplug B payload" in rejected.reason
    assert rejected.message == b"\xff\xff not protobuf"
    assert isinstance(wanted, RebirthWanted)


def test_one_bad_metric_does_not_stop_what_is_good_beside_it(edge: Edge) -> None:
    missing_value = block(2, integer(2, 11) + integer(3, T0))
    good = block(2, integer(2, 10) + integer(3, T0) + double(13, 4.0))
    data, rejected = edge.say(MessageType.DDATA, missing_value + good, MACHINE, number=BatchNumber("3f2a", 8))
    assert isinstance(data, Data)
    assert data.batch.samples == [Sample("overhang_mm", T0, 4.0)]
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "UINT32 without a value that is not marked null"
    assert rejected.number == BatchNumber("3f2a", 8)


def test_metric_without_a_time_takes_the_messages(edge: Edge) -> None:
    (event,) = edge.say(MessageType.DDATA, block(2, integer(2, 10) + double(13, 4.0)), MACHINE)
    assert isinstance(event, Data)
    assert event.batch.samples[0].at_ms == T0


def test_message_without_any_time_takes_its_arrival(edge: Edge) -> None:
    (event,) = edge.hear(MessageType.DDATA, block(2, integer(2, 10) + double(13, 4.0)), MACHINE)
    assert isinstance(event, Data)
    assert event.batch.samples[0].at_ms == RECEIVED_MS


def test_commands_of_hosts_are_not_data(edge: Edge) -> None:
    assert edge.hear(MessageType.NCMD, b"") == []
    assert edge.hear(MessageType.DCMD, b"", MACHINE) == []


def test_host_finds_what_the_birth_declared(edge: Edge) -> None:
    assert edge.host.definition(NODE, "bdSeq") == MetricDef("bdSeq", DataType.INT64)
    assert edge.host.definition(NODE, "nothing") is None
