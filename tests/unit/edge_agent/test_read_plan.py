"""Read plans by example."""

from __future__ import annotations

import pytest

from edge_agent.exceptions import PlanError
from edge_agent.sources.read_plan import (
    check_plan,
    describe_plan,
    plan_head,
    plan_reads,
    plan_slots,
    signals_in,
)
from plant.load import load_plant
from plant.model import ModbusDialect, Plant, Profile, ResultRing


def profile(*registers: dict[str, object], **dialect: object) -> Profile:
    return Profile.model_validate({
        "profile": "any", "measurement": "any", "title": "", "stage": "X",
        "poll_classes": {"process": {"period_s": 1}},
        "signals": [
            {"name": f"s{index}", "title": "", "modbus": register} for index, register in enumerate(registers)
        ],
        "modbus": dialect,
    })  # fmt: skip


def spans(described: Profile) -> list[tuple[int, int]]:
    return [(request.address, request.count) for request in plan_reads(described)]


def ring(**changes: object) -> ResultRing:
    return ResultRing.model_validate(
        {"kind": "cell", "head": 0, "first_slot": 100, "slots": 10, "stride": 20, "key_field": "serial",
         "fields": [{"name": "serial", "at": 2, "encoding": "string", "length": 8}], **changes}
    )  # fmt: skip


def test_neighbours_within_the_gap_share_a_request() -> None:
    assert spans(profile({"address": 0}, {"address": 9})) == [(0, 10)]


def test_a_device_that_refuses_holes_gets_no_gap() -> None:
    assert spans(profile({"address": 0}, {"address": 2}, max_gap=0)) == [(0, 1), (2, 1)]


def test_flags_of_one_register_are_read_once() -> None:
    flags = [{"address": 5, "encoding": "bool", "bit": bit} for bit in range(16)]
    assert spans(profile(*flags)) == [(5, 1)]


def test_a_pair_is_not_torn_at_the_odd_limit_of_125() -> None:
    assert spans(profile({"address": 0, "encoding": "float32", "count": 100})) == [(0, 124), (124, 76)]


def test_a_value_longer_than_the_longest_answer_is_refused_with_a_remedy() -> None:
    short = {"modbus": ModbusDialect(max_registers=16)}
    described = profile({"address": 0, "encoding": "string", "length": 20}).model_copy(update=short)
    with pytest.raises(PlanError, match=r"signal 's0' takes 20 registers.*max_registers"):
        plan_reads(described)


def test_slots_are_read_whole_and_together() -> None:
    requests = plan_slots(ring(), ModbusDialect(), [0, 1, 2, 3, 4, 5, 6, 9])
    assert [(request.address, request.count) for request in requests] == [(100, 120), (220, 20), (280, 20)]


def test_a_slot_longer_than_the_longest_answer_is_refused_with_a_remedy() -> None:
    described = profile({"address": 900}, max_registers=16).model_copy(update={"result_rings": (ring(),)})
    with pytest.raises(PlanError, match=r"a slot of ring 'cell' has 20 registers.*16 at most"):
        check_plan(described)


def test_the_head_is_two_registers() -> None:
    request = plan_head(ring(head=7))
    assert (request.address, request.count) == (7, 2)


def test_a_message_can_name_the_signals_of_a_request() -> None:
    described = profile({"address": 0}, {"address": 4, "encoding": "float32"}, {"address": 60})
    assert signals_in(described, plan_reads(described)[0]) == ["s0", "s1"]


def test_stations_behind_one_address_share_its_time() -> None:
    gateway = [
        {"station": f"s-{unit}", "title": "", "profile": "any", "modbus": {"host": "plc", "unit": unit}}
        for unit in (1, 2)
    ]
    lines = [{"line": "l", "title": "", "stations": gateway}]
    site = {"site": "x", "enterprise": "", "title": "", "areas": [{"area": "a", "title": "", "lines": lines}]}
    described = profile({"address": 0}, {"address": 60}, pause_between_requests_s=0.02)
    plant = Plant.model_validate({"sites": [site], "profiles": {"any": described}})
    (row,) = describe_plan(plant.stations(), response_ms=10)
    assert (row.connection, row.stations, row.requests, row.registers) == ("plc:502", ("s-1", "s-2"), 4, 4)
    assert row.expected_ms == pytest.approx(120)
    assert row.load == pytest.approx(0.12)


def test_every_packaged_profile_can_be_read() -> None:
    for described in load_plant().profiles.values():
        check_plan(described)
