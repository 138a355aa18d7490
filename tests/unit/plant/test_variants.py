"""Changed copies of a plant: elsewhere, faster, and otherwise the same."""

from plant.load import load_plant
from plant.variants import endpoints, faster, relocated


def test_every_plc_moves_and_gateways_stay_together() -> None:
    plant = load_plant(sites=["acc-douvrin"])
    before = endpoints(plant)
    moves = {old: ("127.0.0.2", 40_000 + index) for index, old in enumerate(before)}
    moved = relocated(plant, moves)
    assert endpoints(moved) == list(moves.values())
    for old, new in zip(plant.stations(), moved.stations(), strict=True):
        assert (old.station.modbus is None) == (new.station.modbus is None)
        if old.station.modbus and new.station.modbus:
            assert moves[old.station.modbus.host, old.station.modbus.port] == (
                new.station.modbus.host,
                new.station.modbus.port,
            )
            assert old.station.modbus.unit == new.station.modbus.unit


def test_what_is_not_named_stays() -> None:
    plant = load_plant(sites=["acc-douvrin"])
    assert relocated(plant, {}) == plant


def test_a_faster_plant_has_faster_machines_and_plans_and_nothing_else_changed() -> None:
    plant = load_plant(sites=["acc-douvrin"])
    fast = faster(plant, 10)
    for old, new in zip(plant.stations(), fast.stations(), strict=True):
        if old.station.ideal_rate_per_min is not None:
            assert new.station.ideal_rate_per_min == 10 * old.station.ideal_rate_per_min
        if old.line.plan is not None:
            assert new.line.plan is not None
            assert new.line.plan.rate_per_min == 10 * old.line.plan.rate_per_min
        assert old.profile == new.profile
        assert old.path == new.path
    assert faster(fast, 0.1).model_dump() != fast.model_dump()
