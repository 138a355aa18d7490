"""Which requests read a profile's signals: as few as the device allows (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from edge_agent.exceptions import PlanError
from plant.model import ModbusDialect, PlacedStation, Profile, Register, ResultRing, Signal, Table

HEAD_REGISTERS = 2
TYPICAL_RESPONSE_MS = 10.0
"""Of a PLC that serves Modbus once per scan (5 to 50 ms are usual)."""


class Extent(NamedTuple):
    """Consecutive registers (or bits) that must come from one request, or the value could be torn."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One Modbus request."""

    poll: str
    table: Table
    address: int
    count: int
    extents: tuple[Extent, ...]
    """What is wanted of it, in order of address; the rest is gaps."""

    @property
    def stop(self) -> int:
        """First address after the request."""
        return self.address + self.count


def plan_reads(profile: Profile) -> tuple[ReadRequest, ...]:
    """Return the fewest requests that read every signal, by poll class.

    Result rings are planned apart, by `plan_head` and `plan_slots`.

    Raises:
        PlanError: a value is longer than the device's longest answer.
    """
    wanted: dict[tuple[str, Table], set[Extent]] = defaultdict(set)
    for signal in profile.signals:
        if signal.modbus is not None:
            wanted[signal.poll, signal.modbus.table].update(_extents(signal, signal.modbus, profile))
    order = {poll: index for index, poll in enumerate(profile.poll_classes)}
    tables = list(Table)
    return tuple(
        request
        for (poll, table), extents in sorted(
            wanted.items(), key=lambda item: (order[item[0][0]], tables.index(item[0][1]))
        )
        for request in _coalesce(poll, table, sorted(extents), profile.modbus)
    )


def plan_head(ring: ResultRing) -> ReadRequest:
    """Return the request for the ring's head counter."""
    return _request(ring.poll, ring.table, [Extent(ring.head, ring.head + HEAD_REGISTERS)])


def plan_slots(ring: ResultRing, dialect: ModbusDialect, slots: Iterable[int]) -> tuple[ReadRequest, ...]:
    """Return the fewest requests for the slots of these indices, each slot whole."""
    extents = sorted(
        Extent(ring.first_slot + index * ring.stride, ring.first_slot + (index + 1) * ring.stride)
        for index in set(slots)
    )
    return tuple(_coalesce(ring.poll, ring.table, extents, dialect.model_copy(update={"max_gap": 0})))


def check_plan(profile: Profile) -> None:
    """Refuse a profile that cannot be read.

    Raises:
        PlanError: a value or a slot is longer than the device's longest answer.
    """
    plan_reads(profile)
    for ring in profile.result_rings:
        limit = _limit(ring.table, profile.modbus)
        if ring.table.is_bits:
            raise PlanError(f"ring '{ring.kind}' is in table {ring.table}: put it in holding or input")
        if max(ring.stride, HEAD_REGISTERS) > limit:
            raise PlanError(
                f"a slot of ring '{ring.kind}' has {ring.stride} registers, but the device answers "
                f"{limit} at most (max_registers): raise it or shorten the slot"
            )


def halves(request: ReadRequest) -> tuple[ReadRequest, ReadRequest] | None:
    """Return two requests for the same values without what lies between, or None for a single value."""
    if len(request.extents) < 2:
        return None
    middle = len(request.extents) // 2
    return (
        _request(request.poll, request.table, request.extents[:middle]),
        _request(request.poll, request.table, request.extents[middle:]),
    )


def signals_in(profile: Profile, request: ReadRequest) -> list[str]:
    """Return the names of the signals that need something of the request, for a message."""
    return [
        signal.name
        for signal in profile.signals
        if signal.modbus is not None
        and signal.poll == request.poll
        and signal.modbus.table is request.table
        and signal.modbus.address < request.stop
        and request.address < signal.modbus.stop
    ]


class PlanRow(NamedTuple):
    """What polling one class over one connection costs, for `gigafloor check`."""

    connection: str
    """`host:port`."""
    poll: str
    stations: tuple[str, ...]
    period_s: float
    requests: int
    registers: int
    """Registers and bits asked for, gaps included."""
    requests_per_s: float
    expected_ms: float
    """Time all requests of one poll take."""

    @property
    def load(self) -> float:
        """Return the share of the connection's time this takes; all rows of one must stay below 1."""
        return self.expected_ms / (1000 * self.period_s)


def describe_plan(
    stations: Iterable[PlacedStation], *, response_ms: float = TYPICAL_RESPONSE_MS
) -> list[PlanRow]:
    """Return one row per connection, poll class and period.

    Raises:
        PlanError: a profile cannot be read.
    """
    costs: dict[tuple[str, str, float], list[tuple[str, int, int, float]]] = defaultdict(list)
    for placed in stations:
        if placed.station.modbus is None:
            continue
        check_plan(placed.profile)
        connection = f"{placed.station.modbus.host}:{placed.station.modbus.port}"
        heads = [plan_head(ring) for ring in placed.profile.result_rings]
        each_ms = response_ms + 1000 * placed.profile.modbus.pause_between_requests_s
        for poll, poll_class in placed.profile.poll_classes.items():
            requests = [each for each in (*plan_reads(placed.profile), *heads) if each.poll == poll]
            if requests:
                registers = sum(request.count for request in requests)
                costs[connection, poll, poll_class.period_s].append(
                    (placed.path.station, len(requests), registers, len(requests) * each_ms)
                )
    return [_row(*key, shares) for key, shares in costs.items()]


def _row(connection: str, poll: str, period_s: float, shares: list[tuple[str, int, int, float]]) -> PlanRow:
    requests = sum(share[1] for share in shares)
    return PlanRow(
        connection,
        poll,
        tuple(share[0] for share in shares),
        period_s,
        requests,
        registers=sum(share[2] for share in shares),
        requests_per_s=requests / period_s,
        expected_ms=sum(share[3] for share in shares),
    )


def _extents(signal: Signal, register: Register, profile: Profile) -> Iterator[Extent]:
    """Yield what must not be torn: each element of an array, any other value whole."""
    width = register.width // register.count
    limit = _limit(register.table, profile.modbus)
    if width > limit:
        raise PlanError(
            f"signal '{signal.name}' takes {width} registers, but the device answers {limit} at most "
            f"(max_registers): raise it, or read a shorter {register.encoding}"
        )
    for start in range(register.address, register.stop, width):
        yield Extent(start, start + width)


def _limit(table: Table, dialect: ModbusDialect) -> int:
    return dialect.max_bits if table.is_bits else dialect.max_registers


def _coalesce(
    poll: str, table: Table, extents: list[Extent], dialect: ModbusDialect
) -> Iterator[ReadRequest]:
    """Yield requests for sorted extents; starting each as late as possible makes them fewest."""
    limit = _limit(table, dialect)
    taken: list[Extent] = []
    for extent in extents:
        fits = taken and (
            extent.start - taken[-1].stop <= dialect.max_gap and extent.stop - taken[0].start <= limit
        )
        if taken and not fits:
            yield _request(poll, table, taken)
            taken = []
        taken.append(extent)
    if taken:
        yield _request(poll, table, taken)


def _request(poll: str, table: Table, extents: Iterable[Extent]) -> ReadRequest:
    wanted = tuple(extents)
    return ReadRequest(poll, table, wanted[0].start, wanted[-1].stop - wanted[0].start, wanted)


__all__ = ["Extent", "PlanRow", "ReadRequest", "check_plan", "describe_plan", "halves",
           "plan_head", "plan_reads", "plan_slots", "signals_in"]  # fmt: skip
