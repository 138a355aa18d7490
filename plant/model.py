"""The plant description: what exists, as frozen models that forbid what they do not know.

A *profile* says what a machine type has (signals, registers, limits, result
rings). A *site* says which stations exist and where they are reached. The
simulator serves, the edge agent reads, the historian stores and the screens
draw from the same description.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import override

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
"""Lower case with hyphens; safe in an MQTT topic, a tag, a file name and a URL."""

SignalName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
"""Lower snake case, ending in the unit where there is one."""


class Model(BaseModel):
    """A frozen record that forbids unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Table(StrEnum):
    """The four Modbus tables."""

    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"

    @property
    def is_bits(self) -> bool:
        """Whether the table holds single bits rather than 16-bit registers."""
        return self in (Table.COIL, Table.DISCRETE)


class Encoding(StrEnum):
    """How a value lies in registers."""

    BOOL = "bool"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    STRING = "string"

    @property
    def registers(self) -> int:
        """Registers one value takes; 0 for a string, whose length is given apart."""
        return _REGISTERS[self]

    @property
    def is_number(self) -> bool:
        """Whether a scale, a deadband and limits make sense."""
        return self not in (Encoding.BOOL, Encoding.STRING)


_REGISTERS = {
    Encoding.BOOL: 1, Encoding.INT16: 1, Encoding.UINT16: 1,
    Encoding.INT32: 2, Encoding.UINT32: 2, Encoding.FLOAT32: 2,
    Encoding.INT64: 4, Encoding.UINT64: 4, Encoding.FLOAT64: 4,
    Encoding.STRING: 0,
}  # fmt: skip


class WordOrder(StrEnum):
    """Order of the bytes of a 32-bit value on the wire; A is the most significant.

    For 64 bits the same two choices hold: which word comes first, and which
    byte comes first within a word. For strings only the byte order counts.
    """

    ABCD = "abcd"
    CDAB = "cdab"
    BADC = "badc"
    DCBA = "dcba"

    @property
    def low_word_first(self) -> bool:
        """Whether the least significant register has the lowest address."""
        return self in (WordOrder.CDAB, WordOrder.DCBA)

    @property
    def low_byte_first(self) -> bool:
        """Whether the two bytes of each register are swapped."""
        return self in (WordOrder.BADC, WordOrder.DCBA)


class Role(StrEnum):
    """What a signal is for, beyond being a process value."""

    PROCESS = "process"
    STATE = "state"
    """PackML state number (see `packml`)."""
    MODE = "mode"
    GOOD_COUNT = "good_count"
    REJECT_COUNT = "reject_count"
    ALARM_WORD = "alarm_word"
    IDENTITY = "identity"
    """Text: recipe, batch, roll or serial now in the machine."""


class Priority(StrEnum):
    """ISA-18.2 alarm priority."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Register(Model):
    """Where and how a value lies in a Modbus device."""

    table: Table = Table.HOLDING
    address: int = Field(ge=0, le=65535)
    """Protocol address of the first register, counted from 0 (not 40001)."""
    encoding: Encoding = Encoding.UINT16
    word_order: WordOrder | None = None
    """None takes the profile's."""
    bit: int | None = Field(default=None, ge=0, le=15)
    """For `bool` in a register: which bit, 0 the least significant."""
    length: int | None = Field(default=None, ge=1, le=120)
    """For `string`: registers (two characters each)."""
    count: int = Field(default=1, ge=1, le=4096)
    """Above 1 the signal is an array of as many consecutive values."""
    scale: float = 1.0
    """Engineering value = raw * scale + offset."""
    offset: float = 0.0
    sentinels: tuple[float, ...] = ()
    """Raw values that mean "not available" (NaN always does)."""

    @property
    def width(self) -> int:
        """Registers (or bits) the whole signal takes."""
        if self.table.is_bits:
            return self.count
        if self.encoding is Encoding.STRING:
            return self.length or 0
        return self.encoding.registers * self.count

    @property
    def stop(self) -> int:
        """First address after the signal."""
        return self.address + self.width

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.encoding is Encoding.STRING and self.length is None:
            raise ValueError("a string needs 'length', its number of registers")
        if self.encoding is not Encoding.STRING and self.length is not None:
            raise ValueError("'length' is for strings only; use 'count' for an array")
        if self.encoding is Encoding.STRING and self.count > 1:
            raise ValueError("an array of strings is not supported; give each its own signal")
        if self.table.is_bits and self.encoding is not Encoding.BOOL:
            raise ValueError(f"a {self.table} holds single bits: its encoding must be bool")
        if self.bit is not None and (self.encoding is not Encoding.BOOL or self.table.is_bits):
            raise ValueError(
                "'bit' picks one bit of a register: encoding must be bool, table holding or input"
            )
        if self.encoding is Encoding.BOOL and not self.table.is_bits and self.bit is None:
            raise ValueError("a bool in a register needs 'bit', 0 to 15")
        if self.scale == 0:
            raise ValueError("a scale of 0 would make every value the offset")
        if self.stop > 65536:
            raise ValueError(f"ends at register {self.stop - 1}, beyond the last one, 65535")
        return self


class MqttField(Model):
    """Where a value stands in a sensor's JSON message."""

    topic: str = Field(default="", pattern=r"^[^+#]*$")
    """Below the station's own topic; empty for that topic itself."""
    field: str
    """Dotted path into the JSON object, for example `readings.dew_point`."""
    scale: float = 1.0
    offset: float = 0.0


class Limits(Model):
    """Specification limits of a product characteristic, control limits of a process value."""

    nominal: float | None = None
    low: float | None = None
    high: float | None = None
    low_low: float | None = None
    high_high: float | None = None

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        given = [
            (name, value)
            for name in ("low_low", "low", "nominal", "high", "high_high")
            if (value := getattr(self, name)) is not None
        ]
        for (name, value), (next_name, next_value) in pairwise(given):
            if value > next_value:
                raise ValueError(f"{name} {value:g} is above {next_name} {next_value:g}")
        return self


class NoiseLaw(StrEnum):
    """How a value scatters around its true mean."""

    NORMAL = "normal"
    POISSON = "poisson"
    """A count: its variance is its mean, sigma is not used."""
    BINOMIAL = "binomial"
    """A share of rejects: its variance follows from the number of products, sigma is not used."""
    LOGNORMAL = "lognormal"
    """Sigma is the standard deviation of the natural logarithm, without a unit."""


class Noise(Model):
    """Short-term behaviour of a real signal, for the simulator."""

    law: NoiseLaw = NoiseLaw.NORMAL
    sigma: float = Field(default=0.0, ge=0)
    """One standard deviation of white noise, in the signal's unit."""
    wander_sigma: float | None = Field(default=None, ge=0)
    """AR(1) process wander; None takes 0.6 sigma."""
    wander_tau_s: float = Field(default=600.0, gt=0)


class Dynamics(Model):
    """First order plus dead time response, for the simulator."""

    tau_s: float = Field(default=0.0, ge=0)
    dead_time_s: float = Field(default=0.0, ge=0)


class AlarmBit(Model):
    """One bit of a PLC alarm word."""

    text: str
    priority: Priority = Priority.MEDIUM


class Signal(Model):
    """One measured or commanded quantity of a machine type."""

    name: SignalName
    title: str
    ref: str | None = None
    """Id in the domain's signal list, where it has one."""
    role: Role = Role.PROCESS
    unit: str = ""
    poll: str = "process"
    """Name of the poll class."""
    modbus: Register | None = None
    mqtt: MqttField | None = None
    deadband: float = Field(default=0.0, ge=0)
    """Smallest change worth reporting, in the signal's unit."""
    range: tuple[float, float] | None = None
    """What the instrument can read; outside is quality bad."""
    limits: Limits | None = None
    noise: Noise | None = None
    dynamics: Dynamics | None = None
    bits: dict[int, AlarmBit] = Field(default_factory=dict)
    """For an alarm word: meaning of each bit, 0 the least significant."""

    @property
    def is_array(self) -> bool:
        """Whether each sample is an array of numbers."""
        return self.modbus is not None and self.modbus.count > 1

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.modbus is None) == (self.mqtt is None):
            raise ValueError(f"signal '{self.name}' needs either 'modbus' or 'mqtt', and only one of them")
        if self.bits and self.role is not Role.ALARM_WORD:
            raise ValueError(f"signal '{self.name}' has 'bits' but its role is not alarm_word")
        if self.modbus is not None and not self.modbus.encoding.is_number and self.deadband:
            raise ValueError(f"signal '{self.name}' is not a number and cannot have a deadband")
        width = 16 * (self.modbus.encoding.registers if self.modbus else 2)
        for bit in self.bits:
            if not 0 <= bit < width:
                raise ValueError(f"signal '{self.name}' has {width} bits; there is no bit {bit}")
        if self.range is not None and self.range[0] >= self.range[1]:
            raise ValueError(f"signal '{self.name}': range must go from low to high")
        return self


class RingField(Model):
    """One field of a result slot."""

    name: SignalName
    title: str = ""
    ref: str | None = None
    unit: str = ""
    at: int = Field(ge=0)
    """Registers from the start of the slot."""
    encoding: Encoding = Encoding.UINT16
    word_order: WordOrder | None = None
    length: int | None = Field(default=None, ge=1, le=60)
    scale: float = 1.0
    offset: float = 0.0
    limits: Limits | None = None
    noise: Noise | None = None

    @property
    def width(self) -> int:
        """Registers the field takes."""
        return self.length or 0 if self.encoding is Encoding.STRING else self.encoding.registers

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.encoding is Encoding.STRING) != (self.length is not None):
            raise ValueError(f"field '{self.name}': 'length' goes with encoding string, and only with it")
        if self.encoding is Encoding.BOOL:
            raise ValueError(f"field '{self.name}': use uint16 for a flag in a result slot")
        return self


class ResultRing(Model):
    """A ring of results in the PLC: a head counter and N slots.

    The head counts results since the PLC started; result number `n` (from 1)
    lies in slot `(n - 1) % slots`. Each slot starts with its own result
    number, so that a slot overwritten while it was read is recognised.
    """

    kind: Identifier
    """What a result is: cell, batch, roll, coil... Also the historian's measurement."""
    poll: str = "state"
    table: Table = Table.HOLDING
    head: int = Field(ge=0, le=65534)
    """Address of the head counter (uint32, the profile's word order)."""
    first_slot: int = Field(ge=0, le=65535)
    slots: int = Field(ge=2, le=1024)
    stride: int = Field(ge=3, le=120)
    """Registers from one slot to the next; the first two hold the result number (uint32)."""
    time_field: SignalName | None = None
    """Field with the PLC's own UTC time in ms since 1970 (uint64); None stamps with the read."""
    key_field: SignalName
    """Field that identifies the product: serial, batch or roll number."""
    grade_field: SignalName | None = None
    """Field that is 0 for good and the reject code otherwise."""
    fields: tuple[RingField, ...] = Field(min_length=1)

    @property
    def stop(self) -> int:
        """First address after the last slot."""
        return self.first_slot + self.slots * self.stride

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = [field.name for field in self.fields]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"ring '{self.kind}' has two fields named '{name}'")
        for wanted in (self.time_field, self.key_field, self.grade_field):
            if wanted is not None and wanted not in names:
                raise ValueError(f"ring '{self.kind}' has no field '{wanted}'")
        end = 2
        for field in sorted(self.fields, key=lambda field: field.at):
            if field.at < end:
                raise ValueError(
                    f"ring '{self.kind}': field '{field.name}' at {field.at} overlaps what ends at {end}"
                )
            end = field.at + field.width
        if end > self.stride:
            raise ValueError(f"ring '{self.kind}': fields need {end} registers, stride is {self.stride}")
        if self.stop > 65536:
            raise ValueError(f"ring '{self.kind}' ends beyond register 65535")
        return self


class PollClass(Model):
    """How often a group of signals is read."""

    period_s: float = Field(ge=0.05, le=3600)
    heartbeat_s: float = Field(default=60.0, ge=1, le=3600)
    """Longest time an unchanged value goes unreported."""


class ModbusDialect(Model):
    """What a device tolerates."""

    word_order: WordOrder = WordOrder.ABCD
    max_registers: int = Field(default=125, ge=1, le=125)
    max_bits: int = Field(default=2000, ge=1, le=2000)
    max_gap: int = Field(default=8, ge=0, le=124)
    """Unused registers worth reading to save a request; 0 for a device that refuses holes."""
    timeout_s: float = Field(default=1.0, gt=0, le=30)
    pause_between_requests_s: float = Field(default=0.0, ge=0, le=5)
    """For devices that lose a request that follows too closely."""


class SensorDialect(Model):
    """How an MQTT sensor tells its time."""

    timestamp_field: str | None = None
    """Dotted path to the time in the message; None stamps with the arrival."""
    timestamp_unit: str = Field(default="iso8601", pattern="^(iso8601|s|ms)$")
    max_age_s: float = Field(default=30.0, gt=0)
    """Silence after which the sensor's values are stale."""


class Profile(Model):
    """What a machine type has."""

    profile: Identifier
    measurement: Identifier
    """Profile class: the historian's measurement, shared by similar machine types."""
    title: str
    stage: str
    """Process stage in the domain's signal list: MIX, COAT, ..."""
    counts: str = "cells"
    """What the production counters count: cells, m, batches, ..."""
    modbus: ModbusDialect = ModbusDialect()
    sensor: SensorDialect = SensorDialect()
    poll_classes: dict[str, PollClass]
    signals: tuple[Signal, ...]
    result_rings: tuple[ResultRing, ...] = ()

    def signal(self, name: str) -> Signal:
        """Return the signal of that name.

        Raises:
            KeyError: there is none.
        """
        for signal in self.signals:
            if signal.name == name:
                return signal
        raise KeyError(name)

    def with_role(self, role: Role) -> Signal | None:
        """Return the first signal that has the role."""
        return next((signal for signal in self.signals if signal.role is role), None)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        seen: set[str] = set()
        for signal in self.signals:
            if signal.name in seen:
                raise ValueError(f"two signals are named '{signal.name}'")
            seen.add(signal.name)
            if signal.poll not in self.poll_classes:
                known = ", ".join(self.poll_classes)
                raise ValueError(
                    f"signal '{signal.name}' wants poll class '{signal.poll}'; there are: {known}"
                )
        for ring in self.result_rings:
            if ring.poll not in self.poll_classes:
                known = ", ".join(self.poll_classes)
                raise ValueError(f"ring '{ring.kind}' wants poll class '{ring.poll}'; there are: {known}")
        for role in (Role.STATE, Role.MODE, Role.GOOD_COUNT, Role.REJECT_COUNT):
            having = [signal.name for signal in self.signals if signal.role is role]
            if len(having) > 1:
                raise ValueError(f"only one signal can have the role {role}, not {' and '.join(having)}")
        _refuse_overlaps(self)
        return self


def _refuse_overlaps(profile: Profile) -> None:
    """Raise if two things claim one register (flags in different bits of one may)."""
    claims: list[tuple[Table, int, int, int | None, str]] = [
        (
            signal.modbus.table,
            signal.modbus.address,
            signal.modbus.stop,
            signal.modbus.bit,
            f"signal '{signal.name}'",
        )
        for signal in profile.signals
        if signal.modbus is not None
    ]
    for ring in profile.result_rings:
        claims.append((ring.table, ring.head, ring.head + 2, None, f"head of ring '{ring.kind}'"))
        claims.append((ring.table, ring.first_slot, ring.stop, None, f"ring '{ring.kind}'"))
    claims.sort(key=lambda claim: (claim[0], claim[1], claim[2]))
    for one, other in pairwise(claims):
        share = one[0] is other[0] and other[1] < one[2]
        different_bits = one[3] is not None and other[3] is not None and one[3] != other[3]
        if share and not different_bits:
            raise ValueError(
                f"{other[4]} at {other[0]} {other[1]} overlaps {one[4]}, which ends at {one[2] - 1}"
            )


class ModbusAddress(Model):
    """Where a PLC is reached."""

    host: str = "127.0.0.1"
    port: int = Field(default=502, ge=1, le=65535)
    unit: int = Field(default=1, ge=0, le=255)


class MqttAddress(Model):
    """Where a sensor publishes on the plant's local broker."""

    topic: str = Field(pattern=r"^[^+#]+$")


class Plan(Model):
    """What a line is asked for."""

    rate_per_min: float = Field(gt=0)
    """Good products a minute while the line is planned to run."""


class Station(Model):
    """A machine in the hierarchy."""

    station: Identifier
    title: str
    profile: Identifier
    modbus: ModbusAddress | None = None
    mqtt: MqttAddress | None = None
    ideal_rate_per_min: float | None = Field(default=None, gt=0)
    """Products a minute at the ideal cycle time, in what the profile counts."""
    buffer_before: int | None = Field(default=None, ge=1)
    """Capacity of the buffer in front, in products of this station; None: fed from elsewhere."""


class Line(Model):
    """Stations in the order material flows; one edge agent reads them."""

    line: Identifier
    title: str
    product: str = ""
    plan: Plan | None = None
    stations: tuple[Station, ...] = Field(min_length=1)


class Area(Model):
    """A part of a site."""

    area: Identifier
    title: str
    lines: tuple[Line, ...] = Field(min_length=1)


class Maturity(StrEnum):
    """How far a plant's ramp-up has got; picks the simulator's yields."""

    RAMP_UP = "ramp-up"
    STABILISING = "stabilising"
    MATURE = "mature"


class Site(Model):
    """A plant of an enterprise."""

    site: Identifier
    enterprise: str
    title: str
    place: str = ""
    timezone: str = "Europe/Paris"
    latitude_deg: float | None = Field(default=None, ge=-90, le=90)
    longitude_deg: float | None = Field(default=None, ge=-180, le=180)
    product: str = ""
    capacity_gwh_per_year: float | None = Field(default=None, gt=0)
    maturity: Maturity = Maturity.STABILISING
    areas: tuple[Area, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        lines: set[str] = set()
        addresses: dict[tuple[str, int, int], str] = {}
        for area in self.areas:
            for line in area.lines:
                if line.line in lines:
                    raise ValueError(
                        f"two lines are named '{line.line}'; a line's id is unique within its site"
                    )
                lines.add(line.line)
                stations: set[str] = set()
                for station in line.stations:
                    if station.station in stations:
                        raise ValueError(f"line '{line.line}' has two stations named '{station.station}'")
                    stations.add(station.station)
                    if station.modbus is None:
                        continue
                    address = (station.modbus.host, station.modbus.port, station.modbus.unit)
                    if address in addresses:
                        raise ValueError(
                            f"station '{station.station}' has the Modbus address of '{addresses[address]}': "
                            f"{address[0]}:{address[1]} unit {address[2]}"
                        )
                    addresses[address] = station.station
        return self


class StationPath(NamedTuple):
    """A station's place in the hierarchy; also its tags in the historian."""

    site: str
    area: str
    line: str
    station: str

    @override
    def __str__(self) -> str:
        """Return the path as `site/area/line/station`."""
        return "/".join(self)


class PlacedStation(NamedTuple):
    """A station with its place and its profile."""

    path: StationPath
    station: Station
    profile: Profile
    line: Line


class Plant(Model):
    """All sites and the profiles they use."""

    sites: tuple[Site, ...]
    profiles: dict[str, Profile]

    def site(self, site: str) -> Site:
        """Return the site of that id.

        Raises:
            KeyError: there is none.
        """
        for candidate in self.sites:
            if candidate.site == site:
                return candidate
        raise KeyError(site)

    def stations(self, *, site: str | None = None, line: str | None = None) -> Iterator[PlacedStation]:
        """Yield every station, in plant order, optionally of one site or line."""
        for each_site in self.sites:
            if site is not None and each_site.site != site:
                continue
            for area in each_site.areas:
                for each_line in area.lines:
                    if line is not None and each_line.line != line:
                        continue
                    for station in each_line.stations:
                        path = StationPath(each_site.site, area.area, each_line.line, station.station)
                        yield PlacedStation(path, station, self.profiles[station.profile], each_line)

    def only(self, *sites: str) -> Plant:
        """Return the plant reduced to the named sites.

        Raises:
            KeyError: a site does not exist.
        """
        return Plant(sites=tuple(self.site(site) for site in sites), profiles=self.profiles)
