"""The packaged plant, stepped without a clock."""

from __future__ import annotations

import pytest

from plant.load import load_plant
from plant.model import Plant
from tests.unit.hardware_sim.stepped_plant import Run, only_line


@pytest.fixture(scope="session")
def described() -> Plant:
    return load_plant(sites=["acc-douvrin", "aesc-douai"])


@pytest.fixture(scope="session")
def electrode(described: Plant) -> Plant:
    return only_line(described, "electrode-1")


@pytest.fixture(scope="session")
def assembly(described: Plant) -> Plant:
    return only_line(described, "assembly-1")


@pytest.fixture(scope="session")
def finishing(described: Plant) -> Plant:
    return only_line(described, "finishing-1")


@pytest.fixture
def run(described: Plant) -> Run:
    return Run(described)
