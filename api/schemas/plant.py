"""The plant, its stations and signals."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.common import Answer, Current, Place, PlainValue


class StationNow(Answer):
    """A station at a glance."""

    station: str = Field(examples=["stacker-1"])
    title: str = Field(examples=["Stacker 1"])
    profile: str = Field(examples=["stacker"])
    online: bool = Field(description="Whether the machine answers now.")
    last_read_at: datetime | None = Field(description="When anything of it was last really read.")
    state: str | None = Field(description="PackML state; null if unknown.", examples=["execute"])
    time_class: str = Field(
        description="Where this second goes in ISO 22400: apt, aust, adet, adot, planned, unknown.",
        examples=["apt"],
    )


class LineNow(Answer):
    """A line and its stations, in the order material flows."""

    line: str = Field(examples=["assembly-1"])
    title: str = Field(examples=["Assembly line 1"])
    product: str = Field(examples=["prismatic cell, NMC, 185 Ah"])
    plan_rate_per_min: float | None = Field(examples=[12.0])
    output_station: str | None = Field(
        description="The station whose good count is the line's.", examples=["filler-1"]
    )
    stations: list[StationNow]


class AreaNow(Answer):
    """A part of a site."""

    area: str = Field(examples=["assembly"])
    title: str = Field(examples=["Cell assembly"])
    lines: list[LineNow]


class SiteNow(Answer):
    """A plant."""

    site: str = Field(examples=["acc-douvrin"])
    title: str = Field(examples=["ACC Douvrin"])
    enterprise: str = Field(examples=["ACC"])
    place: str = Field(examples=["Billy-Berclau Douvrin, France"])
    timezone: str = Field(examples=["Europe/Paris"])
    capacity_gwh_per_year: float | None = Field(examples=[13.0])
    areas: list[AreaNow]


class PlantNow(Answer):
    """All sites."""

    at: datetime
    sites: list[SiteNow]


class LimitsAnswer(Answer):
    """Limits of a signal, in its unit."""

    nominal: float | None = None
    low: float | None = None
    high: float | None = None
    low_low: float | None = None
    high_high: float | None = None


class SignalDescription(Answer):
    """What a signal is."""

    signal: str = Field(examples=["stack_overhang_mm"])
    title: str = Field(examples=["Anode overhang"])
    unit: str = Field(examples=["mm"])
    role: str = Field(examples=["process"])
    poll_period_s: float = Field(examples=[1.0])
    is_array: bool
    limits: LimitsAnswer | None
    ref: str | None = Field(description="Id in the domain's signal list.", examples=["stack.overhang_mm"])


class SignalNow(SignalDescription):
    """A signal and its last value."""

    current: Current | None = Field(description="Null if never read.")
    beyond: str | None = Field(
        description="Limit the value is beyond: low, high, low_low, high_high.", examples=[None]
    )


class PlacedSignal(SignalDescription):
    """A signal somewhere in the plant."""

    place: Place
    station_title: str


class AlarmNow(Answer):
    """A set bit of a PLC alarm word."""

    signal: str
    bit: int
    text: str = Field(examples=["Door open"])
    priority: str = Field(examples=["high"])


class RingDescription(Answer):
    """A kind of result the station reports."""

    kind: str = Field(examples=["cell"])
    key_field: str = Field(examples=["serial"])
    grade_field: str | None = Field(examples=["grade"])
    fields: list[str]


class StationDetail(Answer):
    """All there is to say of a station."""

    place: Place
    at: datetime
    title: str
    line_title: str
    measurement: str = Field(description="Its name in the historian.", examples=["stacker"])
    stage: str = Field(examples=["STACK"])
    counts: str = Field(description="What the counters count.", examples=["cells"])
    ideal_rate_per_min: float | None
    now: StationNow
    signals: list[SignalNow]
    results: list[RingDescription]
    alarms: list[AlarmNow]


class SignalValue(Answer):
    """The last value of one signal of one station."""

    place: Place
    signal: str
    unit: str
    current: Current | None


class StationChange(Answer):
    """What changed at a station, as the live stream says it."""

    place: Place
    revision: int
    online: bool
    state: str | None
    values: dict[str, Current]


class ResultAnswer(Answer):
    """One finished product or batch."""

    place: Place
    kind: str = Field(examples=["cell"])
    at: datetime
    number: int = Field(description="Result number of the PLC's ring.", examples=[40213])
    key: str = Field(examples=["A1F6B03000040213"])
    fields: dict[str, PlainValue]
