"""What a host may tell an edge node, and what it may not."""

from __future__ import annotations

from edge_agent.commands import Acknowledgement, Rebirth, RejectedCommand, commands_in
from telemetry.delivery import ACKNOWLEDGED
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.payload import REBIRTH, MetricDef, command_payload

NAMES = {7: ACKNOWLEDGED, 8: "Vitals/spool_bytes"}
REBIRTH_DEF = MetricDef(REBIRTH, DataType.BOOLEAN)


def test_a_rebirth_is_understood() -> None:
    assert commands_in(command_payload([(REBIRTH_DEF, True)], 0), NAMES) == [Rebirth()]


def test_a_rebirth_of_false_means_nothing() -> None:
    assert commands_in(command_payload([(REBIRTH_DEF, False)], 0), NAMES) == []


def test_an_acknowledgement_is_understood_by_alias_and_by_name() -> None:
    by_alias = command_payload([(MetricDef(ACKNOWLEDGED, DataType.STRING, 7), "3f2a:1-57,60")], 0)
    by_name = command_payload([(MetricDef(ACKNOWLEDGED, DataType.STRING), "3f2a:1-57,60")], 0)
    expected = [Acknowledgement("3f2a", [(1, 57), (60, 60)])]
    assert commands_in(by_alias, NAMES) == commands_in(by_name, NAMES) == expected


def test_a_broken_acknowledgement_does_not_stop_what_stands_beside_it() -> None:
    definition = MetricDef(ACKNOWLEDGED, DataType.STRING, 7)
    payload = command_payload(
        [(definition, "3f2a:9-1"), (REBIRTH_DEF, True), (definition, "no"), (definition, "a:5")], 0
    )
    bad, rebirth, also_bad, good = commands_in(payload, NAMES)
    assert isinstance(bad, RejectedCommand)
    assert isinstance(also_bad, RejectedCommand)
    assert (rebirth, good) == (Rebirth(), Acknowledgement("a", [(5, 5)]))


def test_writing_anything_else_is_rejected_in_words() -> None:
    payload = command_payload(
        [(MetricDef("line_speed_sp", DataType.DOUBLE), 80.0), (MetricDef("", DataType.DOUBLE, 8), 1.0),
         (MetricDef("", DataType.DOUBLE, 99), 1.0)], 0
    )  # fmt: skip
    reasons = [
        command.reason for command in commands_in(payload, NAMES) if isinstance(command, RejectedCommand)
    ]
    assert [reason.split("'")[1] for reason in reasons] == ["line_speed_sp", "Vitals/spool_bytes", "alias 99"]


def test_bytes_that_are_no_payload_are_rejected() -> None:
    (command,) = commands_in(b"\xff\xff\xff", NAMES)
    assert isinstance(command, RejectedCommand)
