"""A user's folder on top of what comes with the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from plant.load import PACKAGED, load_plant, load_profile
from plant.yaml_file import DescriptionError

DATA = Path(__file__).parents[2] / "data"
GOOD = DATA / "good_config"
SITES = sorted(path.stem for path in (PACKAGED / "sites").glob("*.yaml"))

BROKEN_PROFILE = "profile: press\nmeasurement: press\n"


def test_users_folder_adds_and_replaces_profiles_and_has_its_own_sites() -> None:
    plant = load_plant(directory=GOOD)
    assert [site.site for site in plant.sites] == ["small-plant"]
    titles = {placed.path.station: placed.profile.title for placed in plant.stations()}
    assert titles["press-1"] == "Hydraulic press"
    assert titles["gauge-1"] == "Our own vibration gauge"
    assert titles["calender-1"] == load_profile(PACKAGED / "profiles" / "calender-cathode.yaml").title


def test_every_file_of_the_good_folder_loads_on_its_own() -> None:
    for path in (GOOD / "profiles").glob("*.yaml"):
        assert load_profile(path).profile == path.stem


def test_folder_with_profiles_only_keeps_the_packaged_sites(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    text = (GOOD / "profiles" / "gauge.yaml").read_text(encoding="utf-8")
    (profiles / "gauge.yaml").write_text(text, encoding="utf-8")
    plant = load_plant(directory=tmp_path)
    assert [site.site for site in plant.sites] == SITES
    assert plant.profiles["gauge"].title == "Our own vibration gauge"


@pytest.mark.parametrize("site", SITES)
def test_one_site_loads_with_its_profiles_only(site: str) -> None:
    plant = load_plant(sites=[site])
    assert [each.site for each in plant.sites] == [site]
    assert set(plant.profiles) == {placed.station.profile for placed in plant.stations()}


def test_sites_come_in_the_order_asked_for() -> None:
    backwards = SITES[::-1]
    assert [site.site for site in load_plant(sites=backwards).sites] == backwards


def test_unknown_site_names_the_nearest() -> None:
    with pytest.raises(DescriptionError, match="there is no site 'acc-dovrin'; did you mean 'acc-douvrin'"):
        load_plant(sites=["acc-dovrin"])


def test_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match="there is no such folder"):
        load_plant(directory=tmp_path / "nowhere")


def test_mistake_in_another_site_or_its_profile_stops_nobody(tmp_path: Path) -> None:
    for name in ("profiles", "sites"):
        (tmp_path / name).mkdir()
        for path in (GOOD / name).glob("*.yaml"):
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    (tmp_path / "sites" / "broken.yaml").write_text("site: [", encoding="utf-8")
    (tmp_path / "profiles" / "unused.yaml").write_text(BROKEN_PROFILE, encoding="utf-8")
    assert load_plant(directory=tmp_path, sites=["small-plant"]).sites[0].site == "small-plant"
    with pytest.raises(DescriptionError) as caught:
        load_plant(directory=tmp_path)
    assert {Path(problem.file).name for problem in caught.value.problems} == {"broken.yaml", "unused.yaml"}
