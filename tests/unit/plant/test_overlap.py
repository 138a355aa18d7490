"""Overlaps against a brute-force count of who claims which register."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from plant.model import Encoding, Register, ResultRing, Signal, Table
from plant.overlap import overlaps


class Machine(NamedTuple):
    signals: tuple[Signal, ...]
    result_rings: tuple[ResultRing, ...] = ()


words = st.builds(
    lambda address, encoding, count: Register(
        address=address, encoding=encoding, count=count, table=Table.HOLDING
    ),
    st.integers(0, 30),
    st.sampled_from([Encoding.UINT16, Encoding.FLOAT32, Encoding.UINT64]),
    st.integers(1, 3),
)
flags = st.builds(
    lambda address, bit: Register(address=address, encoding=Encoding.BOOL, bit=bit),
    st.integers(0, 30),
    st.integers(0, 3),
)
coils = st.builds(
    lambda address: Register(table=Table.COIL, address=address, encoding=Encoding.BOOL), st.integers(0, 5)
)
registers = st.lists(words | flags | coils, min_size=1, max_size=8)


def _machine(given_registers: list[Register]) -> Machine:
    return Machine(
        tuple(
            Signal(name=f"signal_{index}", title="x", modbus=register)
            for index, register in enumerate(given_registers)
        )
    )


def _claimed_bits(register: Register) -> list[tuple[Table, int, int]]:
    """Return every single bit a register claims."""
    if register.table.is_bits:
        return [(register.table, register.address, 0)]
    bits = range(16) if register.bit is None else [register.bit]
    return [(register.table, at, bit) for at in range(register.address, register.stop) for bit in bits]


@given(registers)
def test_overlap_is_found_exactly_when_a_bit_is_claimed_twice(given_registers: list[Register]) -> None:
    claims = Counter(bit for register in given_registers for bit in _claimed_bits(register))
    assert bool(list(overlaps(_machine(given_registers)))) == any(count > 1 for count in claims.values())


@given(registers)
def test_every_finding_points_at_a_signal_that_overlaps_another(given_registers: list[Register]) -> None:
    claims = Counter(bit for register in given_registers for bit in _claimed_bits(register))
    for finding in overlaps(_machine(given_registers)):
        index = finding.where[1]
        assert isinstance(index, int)
        assert any(claims[bit] > 1 for bit in _claimed_bits(given_registers[index]))
