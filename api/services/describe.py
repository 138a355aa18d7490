"""The plant, a station and its signals as answers (pure)."""

from __future__ import annotations

from api.schemas.common import Current, Place, plain, quality_name
from api.schemas.plant import (
    AlarmNow,
    AreaNow,
    LimitsAnswer,
    LineNow,
    PlantNow,
    RingDescription,
    SignalDescription,
    SignalNow,
    SiteNow,
    StationDetail,
    StationNow,
)
from api.services.rate import output_station
from api.services.status import active_alarms, believed, station_status, violated_limit
from plant.model import Line, Plant, Profile, Signal, Site
from plant.packml import PackmlState
from telemetry.clock import at
from telemetry.live import LivePicture, LiveStation, read_at_ms


def plant_now(plant: Plant, live: LivePicture, now_ms: int) -> PlantNow:
    """Return every site with the state of its stations."""
    return PlantNow(at=at(now_ms), sites=[site_now(site, plant, live, now_ms) for site in plant.sites])


def site_now(site: Site, plant: Plant, live: LivePicture, now_ms: int) -> SiteNow:
    """Return one site with the state of its stations."""
    return SiteNow(
        **site.model_dump(
            include={"site", "title", "enterprise", "place", "timezone", "capacity_gwh_per_year"}
        ),
        areas=[
            AreaNow(
                area=area.area,
                title=area.title,
                lines=[line_now(site.site, line, plant, live, now_ms) for line in area.lines],
            )
            for area in site.areas
        ],
    )


def line_now(site: str, line: Line, plant: Plant, live: LivePicture, now_ms: int) -> LineNow:
    """Return one line with the state of its stations."""
    output = output_station(line, plant.profiles)
    return LineNow(
        line=line.line,
        title=line.title,
        product=line.product,
        plan_rate_per_min=line.plan.rate_per_min if line.plan else None,
        output_station=output.station if output else None,
        stations=[
            station_now(live.station(site, line.line, station.station), now_ms) for station in line.stations
        ],
    )


def state_name(state: int | None) -> str | None:
    """Return the PackML word for a state number; a number no standard knows is shown as it is."""
    if state is None:
        return None
    try:
        return PackmlState(state).name.lower()
    except ValueError:
        return f"state {state}"


def station_now(live: LiveStation, now_ms: int) -> StationNow:
    """Return a station at a glance."""
    status = station_status(live, now_ms)
    last_read_ms = status.contact.last_read_ms
    return StationNow(
        station=live.placed.path.station,
        title=live.placed.station.title,
        profile=live.placed.profile.profile,
        online=status.contact.alive,
        last_read_at=at(last_read_ms) if last_read_ms is not None else None,
        state=state_name(status.state),
        time_class=status.time.value,
    )


def current(live: LiveStation, signal: str, now_ms: int) -> Current | None:
    """Return the last value with the quality it deserves now; None if never seen."""
    sample = believed(live, signal, now_ms)
    if sample is None:
        return None
    read_ms = read_at_ms(live, signal)
    return Current(
        value=plain(sample.value),
        quality=quality_name(sample.quality),
        at=at(sample.at_ms),
        read_at=at(read_ms) if read_ms is not None else None,
    )


def signal_fields(signal: Signal, profile: Profile) -> SignalDescription:
    """Return what a signal is."""
    limits = LimitsAnswer(**signal.limits.model_dump()) if signal.limits else None
    return SignalDescription(
        signal=signal.name,
        title=signal.title,
        unit=signal.unit,
        role=signal.role.value,
        poll_period_s=profile.poll_classes[signal.poll].period_s,
        is_array=signal.is_array,
        limits=limits,
        ref=signal.ref,
    )


def station_detail(live: LiveStation, now_ms: int) -> StationDetail:
    """Return all there is to say of a station."""
    placed = live.placed
    profile = placed.profile
    return StationDetail(
        place=Place.of(placed.path),
        at=at(now_ms),
        title=placed.station.title,
        line_title=placed.line.title,
        measurement=profile.measurement,
        stage=profile.stage,
        counts=profile.counts,
        ideal_rate_per_min=placed.station.ideal_rate_per_min,
        now=station_now(live, now_ms),
        signals=[_signal_now(live, signal, now_ms) for signal in profile.signals],
        results=[
            RingDescription(
                kind=ring.kind,
                key_field=ring.key_field,
                grade_field=ring.grade_field,
                fields=[field.name for field in ring.fields],
            )
            for ring in profile.result_rings
        ],
        alarms=[
            AlarmNow(
                signal=alarm.signal,
                bit=alarm.bit,
                text=alarm.meaning.text,
                priority=alarm.meaning.priority.value,
            )
            for alarm in active_alarms(live, now_ms)
        ],
    )


def _signal_now(live: LiveStation, signal: Signal, now_ms: int) -> SignalNow:
    described = signal_fields(signal, live.placed.profile)
    sample = live.samples.get(signal.name)
    return SignalNow(
        **described.model_dump(exclude={"limits"}),
        limits=described.limits,
        current=current(live, signal.name, now_ms),
        beyond=violated_limit(sample.value, signal.limits) if sample else None,
    )
