"""Products get numbers that never repeat."""

from __future__ import annotations

from hardware_sim.serials import Serials, line_prefixes
from plant.model import Plant

DAY_MS = 86_400_000
NOON_MS = 1_795_348_800_000 + 43_200_000


def test_number_has_16_characters_and_tells_line_and_day() -> None:
    key = Serials("ACC1", NOON_MS).next("C")
    assert len(key) == 16
    assert key.startswith("ACC16B23C")


def test_restart_a_tenth_of_a_second_later_repeats_nothing() -> None:
    first = Serials("ACC1", NOON_MS)
    given = {first.next("C") for _ in range(20_000)}
    second = Serials("ACC1", NOON_MS + 100)
    assert given.isdisjoint(second.next("C") for _ in range(20_000))


def test_numbers_of_different_kinds_differ() -> None:
    serials = Serials("ACC1", NOON_MS)
    assert serials.next("C") != serials.next("R")


def test_same_time_on_another_day_is_another_number() -> None:
    assert Serials("ACC1", NOON_MS).next("C") != Serials("ACC1", NOON_MS + DAY_MS).next("C")


def test_every_line_of_the_plant_has_its_own_prefix(described: Plant) -> None:
    prefixes = line_prefixes(described)
    assert len(set(prefixes.values())) == len(prefixes)
    assert all(len(prefix) == 4 for prefix in prefixes.values())


def test_sites_with_the_same_beginning_get_different_prefixes(described: Plant) -> None:
    twin = described.site("acc-douvrin").model_copy(update={"site": "acc-kaiserslautern"})
    prefixes = line_prefixes(Plant(sites=(described.site("acc-douvrin"), twin), profiles=described.profiles))
    assert len(set(prefixes.values())) == len(prefixes)
