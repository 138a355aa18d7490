"""The packaged profiles say what the domain's signal list says."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from plant.load import PACKAGED, json_schemas, load_plant, load_profile
from plant.model import NoiseLaw, Profile, RingField, Role, Signal

HERE = Path(__file__).parent
ITEM = Signal | RingField

OTHER_PRODUCT = re.compile(r"_anod|^wind\.|^util\.(?!power_mw)")
"""Anode machines, winding, and utilities that are not described yet."""
POUCH_ONLY = re.compile(r"^pouch\.|^form\.press_kn$")
ONE_RECIPE_STEP = frozenset({"form.current_a"})
"""Its limits hold in one step of the recipe, so that an array of all channels has none."""


def _profiles() -> list[Profile]:
    return [load_profile(path) for path in sorted((PACKAGED / "profiles").glob("*.yaml"))]


PROFILES = _profiles()


def _items(profile: Profile) -> Iterator[ITEM]:
    yield from profile.signals
    for ring in profile.result_rings:
        yield from ring.fields


def _list_id(ref: str) -> str:
    """Return the signal list's id of a signal; zones 1 to 8 have one row."""
    return re.sub(r"\[\d\]$", "[1..8]", ref)


def _rows() -> list[dict[str, str]]:
    with (HERE / "battery_signals.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if not OTHER_PRODUCT.search(row["id"])]


def _where() -> dict[str, list[tuple[Profile, ITEM]]]:
    found: dict[str, list[tuple[Profile, ITEM]]] = defaultdict(list)
    for profile in PROFILES:
        for item in _items(profile):
            if item.ref is not None:
                found[_list_id(item.ref)].append((profile, item))
    return found


WHERE = _where()
ROWS = {row["id"]: row for row in _rows()}


def _first_number(text: str) -> float | None:
    match = re.match(r"[+-]?\d+(\.\d+)?", text)
    return float(match.group()) if match else None


def _is_variant(profile: Profile) -> bool:
    return profile.profile.endswith("-pouch")


@pytest.mark.parametrize("signal", sorted(ROWS))
def test_listed_signal_is_in_exactly_one_machine_type(signal: str) -> None:
    measurements = {profile.measurement for profile, _ in WHERE[signal]}
    assert len(measurements) == 1


@pytest.mark.parametrize("signal", sorted(ROWS))
def test_listed_signal_has_one_name_and_one_unit(signal: str) -> None:
    zones = "[1..8]" in signal
    assert {item.unit for _, item in WHERE[signal]} == {ROWS[signal]["unit"]}
    assert len({item.name for _, item in WHERE[signal]}) == (8 if zones else 1)


@pytest.mark.parametrize("signal", sorted(set(ROWS) - ONE_RECIPE_STEP))
def test_limits_are_those_of_the_list(signal: str) -> None:
    row = ROWS[signal]
    for profile, item in WHERE[signal]:
        if _is_variant(profile) or "[1..8]" in signal:
            continue
        low = item.limits.low if item.limits else None
        high = item.limits.high if item.limits else None
        assert (low, high) == (_first_number(row["lsl"]), _first_number(row["usl"])), profile.profile


def test_dryer_zones_have_the_lists_setpoints_and_tolerance() -> None:
    row = ROWS["dry.zone_c_cath[1..8]"]
    zones = [item for _, item in WHERE["dry.zone_c_cath[1..8]"]]
    setpoints = [float(text) for text in row["nominal"].split("/")]
    assert [zone.limits.nominal for zone in zones if zone.limits] == setpoints
    for zone in zones:
        assert zone.limits is not None
        assert zone.limits.nominal is not None
        assert zone.limits.low == zone.limits.nominal + float(row["lsl"])
        assert zone.limits.high == zone.limits.nominal + float(row["usl"])


@pytest.mark.parametrize("signal", sorted(ROWS))
def test_noise_is_that_of_the_list(signal: str) -> None:
    given = ROWS[signal]["sigma"]
    for profile, item in WHERE[signal]:
        if _is_variant(profile):
            continue
        law = item.noise.law if item.noise else NoiseLaw.NORMAL
        sigma = item.noise.sigma if item.noise else 0.0
        number = _first_number(given)
        if number is not None:
            assert (law, sigma) == (NoiseLaw.NORMAL, number), profile.profile
        elif given != "counter":
            assert law.value == given.split()[0].lower(), profile.profile


def test_pouch_variants_have_the_numbers_in_brackets() -> None:
    checked = 0
    for signal, found in WHERE.items():
        bracket = re.search(r"\[([\d.]+)\]$", ROWS[signal]["nominal"]) if signal in ROWS else None
        for profile, item in found:
            if bracket and "[1.." not in signal and _is_variant(profile):
                assert item.limits is not None
                assert item.limits.nominal == float(bracket.group(1)), signal
                checked += 1
    assert checked == 5


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.profile)
def test_names_of_numbers_end_in_their_unit(profile: Profile) -> None:
    for item in _items(profile):
        if item.unit:
            assert item.name.split("_")[-1] in _endings(item.unit), f"{item.name} [{item.unit}]"


def _endings(unit: str) -> set[str]:
    """Return how a name may end for a unit, such as `c` for degC and `min` for m/min."""
    words = re.split(r"[^a-z0-9]+", unit.lower().replace("degc", "c").replace("%", "pct"))
    return {word for word in words if word} | {"pct", "15mm", "d", "h"}


def test_station_that_counts_has_a_state_and_a_station_with_a_state_counts() -> None:
    for profile in PROFILES:
        roles = [
            role
            for role in (Role.STATE, Role.MODE, Role.GOOD_COUNT, Role.REJECT_COUNT)
            if profile.with_role(role)
        ]
        assert len(roles) in (0, 4), profile.profile


def test_register_maps_exercise_every_dialect() -> None:
    registers = [item.modbus for profile in PROFILES for item in profile.signals if item.modbus]
    orders = {profile.modbus.word_order.value for profile in PROFILES}
    assert orders == {"abcd", "cdab", "badc", "dcba"}
    assert {register.table.value for register in registers} == {"coil", "discrete", "input", "holding"}
    assert {register.encoding.value for register in registers} >= {
        "bool", "int16", "uint16", "int32", "uint32", "float32", "string",
    }  # fmt: skip
    assert any(profile.modbus.max_gap == 0 for profile in PROFILES)
    assert any(profile.modbus.max_registers < 125 for profile in PROFILES)
    assert {-32768.0, 65535.0} <= {value for register in registers for value in register.sentinels}


def test_scaled_signals_can_show_their_limits() -> None:
    for profile in PROFILES:
        for signal in profile.signals:
            if signal.modbus is None or signal.limits is None or not signal.modbus.encoding.is_whole:
                continue
            bits = 16 * signal.modbus.encoding.registers
            signed = signal.modbus.encoding.value.startswith("int")
            low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
            for limit in signal.limits.model_dump(exclude_none=True).values():
                raw = (limit - signal.modbus.offset) / signal.modbus.scale
                assert low <= raw <= high, f"{profile.profile} {signal.name}: {limit} does not fit"


def test_rings_hold_serials_and_grades() -> None:
    rings = {profile.profile: profile.result_rings for profile in PROFILES}
    cells = [ring for of in rings.values() for ring in of if ring.kind == "cell"]
    assert len(cells) >= 8
    for ring in cells:
        key = next(field for field in ring.fields if field.name == ring.key_field)
        assert (key.name, key.length) == ("serial", 8)
        assert (ring.time_field, ring.grade_field) == ("made_at_ms", "grade")
        assert 32 <= ring.slots <= 128


def test_packaged_plant_loads_and_every_profile_is_used() -> None:
    plant = load_plant()
    assert {site.site for site in plant.sites} == {"acc-douvrin", "aesc-douai"}
    assert {placed.station.profile for placed in plant.stations()} == set(plant.profiles)


def test_packaged_plcs_are_on_the_loopback_and_one_line_owns_a_port() -> None:
    owner: dict[int, str] = {}
    units: dict[int, list[int]] = defaultdict(list)
    for placed in load_plant().stations():
        if placed.station.modbus is None:
            continue
        assert placed.station.modbus.host == "127.0.0.1"
        line = f"{placed.path.site}/{placed.path.line}"
        assert owner.setdefault(placed.station.modbus.port, line) == line
        units[placed.station.modbus.port].append(placed.station.modbus.unit)
    assert any(len(on_port) > 1 for on_port in units.values())


def test_lines_flow_as_fast_as_their_plan() -> None:
    for site in load_plant().sites:
        for area in site.areas:
            for line in area.lines:
                rates = [
                    station.ideal_rate_per_min for station in line.stations[1:] if station.ideal_rate_per_min
                ]
                if line.plan is not None:
                    assert all(rate >= line.plan.rate_per_min for rate in rates)


@pytest.mark.parametrize("name", ["profile", "site"])
def test_published_schema_is_the_models(name: str) -> None:
    published = json.loads((PACKAGED / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert published == json_schemas()[name]


def test_slots_of_a_ring_do_not_touch_its_head() -> None:
    for profile in PROFILES:
        for ring in profile.result_rings:
            claims = sorted([(ring.head, ring.head + 2), (ring.first_slot, ring.stop)])
            for one, other in pairwise(claims):
                assert one[1] <= other[0]
