"""Every example is loaded as the command would load it."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.app import ApiSettings
from collector.settings import CollectorSettings
from edge_agent.settings import EdgeSettings
from hardware_sim.settings import SimSettings
from plant.load import load_plant
from runtime.settings import Settings, load_settings
from tests.support.processes import ROOT

EXAMPLES = ROOT / "config" / "examples"
MODELS: dict[str, type[Settings]] = {
    "sim": SimSettings,
    "edge": EdgeSettings,
    "collector": CollectorSettings,
    "api": ApiSettings,
}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_example_is_what_its_process_expects(path: Path) -> None:
    settings = load_settings(MODELS[path.stem.split("-")[0]], path, {})
    plant = load_plant()
    if isinstance(settings, EdgeSettings):
        assert list(plant.stations(site=settings.site, line=settings.line))
    elif isinstance(settings, SimSettings | CollectorSettings | ApiSettings):
        assert {site.site for site in plant.sites} >= set(settings.sites)


def test_the_page_of_processes_names_examples_that_exist() -> None:
    page = (ROOT / "docs" / "processes.md").read_text(encoding="utf-8")
    named = {word for word in page.split() if word.startswith("config/examples/") and word.endswith(".yaml")}
    assert len(named) == 5
    assert all((ROOT / name).is_file() for name in named)
