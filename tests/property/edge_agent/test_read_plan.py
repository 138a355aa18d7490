"""Whatever a profile says, the plan reads each register once and within the device's limits."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.sources.read_plan import Extent, ReadRequest, halves, plan_reads
from plant.model import Encoding, Profile, Signal, Table

_WIDTHS = {Encoding.INT16: 1, Encoding.FLOAT32: 2, Encoding.UINT64: 4}


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Draw a profile with scalars, arrays, texts and flags at any distance from each other."""
    signals: list[dict[str, object]] = []
    for table in draw(st.sets(st.sampled_from(list(Table)), min_size=1)):
        address = draw(st.integers(0, 100))
        for _ in range(draw(st.integers(1, 12))):
            register, width = draw(_registers(table, address))
            poll = draw(st.sampled_from(["fast", "slow"]))
            signals.append({"name": f"s{len(signals)}", "title": "", "modbus": register, "poll": poll})
            address += width + draw(st.integers(0, 30))
    return Profile.model_validate({
        "profile": "any", "measurement": "any", "title": "", "stage": "X",
        "poll_classes": {"fast": {"period_s": 1}, "slow": {"period_s": 10}},
        "signals": signals,
        "modbus": {
            "max_registers": draw(st.integers(8, 125)),
            "max_bits": draw(st.integers(8, 2000)),
            "max_gap": draw(st.integers(0, 40)),
        },
    })  # fmt: skip


@st.composite
def _registers(draw: st.DrawFn, table: Table, address: int) -> tuple[dict[str, object], int]:
    register: dict[str, object] = {"table": table, "address": address}
    count = draw(st.sampled_from([1, 1, 1, 3, 60]))
    if table.is_bits:
        return {**register, "encoding": "bool", "count": count}, count
    if draw(st.booleans()):
        length = draw(st.integers(1, 8))
        return {**register, "encoding": "string", "length": length}, length
    encoding = draw(st.sampled_from(list(_WIDTHS)))
    return {**register, "encoding": encoding, "count": count}, _WIDTHS[encoding] * count


def _covering(plan: tuple[ReadRequest, ...], signal: Signal, address: int) -> list[ReadRequest]:
    assert signal.modbus is not None
    return [
        request
        for request in plan
        if request.poll == signal.poll
        and request.table is signal.modbus.table
        and request.address <= address < request.stop
    ]


@given(profiles())
def test_each_register_is_read_exactly_once(profile: Profile) -> None:
    plan = plan_reads(profile)
    for signal in profile.signals:
        assert signal.modbus is not None
        for address in range(signal.modbus.address, signal.modbus.stop):
            assert len(_covering(plan, signal, address)) == 1


@given(profiles())
def test_no_request_is_longer_than_the_device_allows(profile: Profile) -> None:
    dialect = profile.modbus
    for request in plan_reads(profile):
        assert 1 <= request.count <= (dialect.max_bits if request.table.is_bits else dialect.max_registers)


@given(profiles())
def test_no_gap_is_wider_than_allowed(profile: Profile) -> None:
    for request in plan_reads(profile):
        assert request.extents[0].start == request.address
        assert request.extents[-1].stop == request.stop
        for one, other in pairwise(request.extents):
            assert 0 <= other.start - one.stop <= profile.modbus.max_gap


@given(profiles())
def test_no_value_is_torn_over_two_requests(profile: Profile) -> None:
    plan = plan_reads(profile)
    for signal in profile.signals:
        assert signal.modbus is not None
        width = signal.modbus.width // signal.modbus.count
        for start in range(signal.modbus.address, signal.modbus.stop, width):
            (first,) = _covering(plan, signal, start)
            (last,) = _covering(plan, signal, start + width - 1)
            assert first is last


@given(profiles())
def test_no_two_neighbouring_requests_could_have_been_one(profile: Profile) -> None:
    dialect = profile.modbus
    for one, other in pairwise(plan_reads(profile)):
        if (one.poll, one.table) == (other.poll, other.table):
            limit = dialect.max_bits if one.table.is_bits else dialect.max_registers
            first_of_other = other.extents[0]
            too_long = first_of_other.stop - one.address > limit
            assert too_long or first_of_other.start - one.stop > dialect.max_gap


@given(profiles())
def test_halving_loses_nothing_and_ends_at_single_values(profile: Profile) -> None:
    for request in plan_reads(profile):
        found: list[Extent] = []
        waiting = [request]
        while waiting:
            piece = waiting.pop()
            assert request.address <= piece.address < piece.stop <= request.stop
            split = halves(piece)
            waiting.extend(split or ())
            found.extend(() if split else piece.extents)
        assert sorted(found) == sorted(request.extents)
