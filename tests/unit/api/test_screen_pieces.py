from __future__ import annotations

import dataclasses
import re
from datetime import datetime

import numpy as np
import pytest

from api.screens.formats import Formats, decimals_for, sensible_decimals, shown_unit
from api.screens.links import Links
from api.screens.look import Look
from api.screens.pieces.figures import bar, rate_block, rate_now
from api.screens.pieces.results import newest, results_table
from api.screens.pieces.signals import age_content, name_content, value_content
from api.screens.pieces.state import state_view
from api.screens.pieces.tile import station_tile
from api.screens.pieces.timeline import strip
from api.screens.texts import ENGLISH, FRENCH, Language, Texts, language_of
from api.screens.trend import trend_options, with_live
from api.services.board import StationFigures, local_midnight_ms
from api.services.production import Sums
from api.services.timeline import Segment
from historian.ports import Bucket, Series, StoredResult
from plant.model import Limits
from telemetry.live import LivePicture, LiveStation
from telemetry.quality import Quality
from telemetry.sample import Result, Sample
from tests.unit.api.conftest import NOW_MS

ENGLISH_LOOK = Look(Formats(Language.ENGLISH, "Europe/Paris"), Links(), NOW_MS)
FRENCH_LOOK = Look(Formats(Language.FRENCH, "Europe/Paris"), Links(Language.FRENCH), NOW_MS)


@pytest.fixture(params=[ENGLISH_LOOK, FRENCH_LOOK], ids=["en", "fr"])
def look(request: pytest.FixtureRequest) -> Look:
    found: Look = request.param
    return found


def figures(rate: float | None = 11.5) -> StationFigures:
    return StationFigures(rate, Sums(good=600, reject=12), Sums(good=4000, reject=80))


def test_good_value_is_shown_plainly(filler: LiveStation, look: Look) -> None:
    filler.samples["evacuation_mbar"] = Sample("evacuation_mbar", NOW_MS, 5.0)
    cell = value_content(filler, filler.placed.profile.signal("evacuation_mbar"), look)
    assert "<s>" not in cell
    assert "5.0" in cell.replace(",", ".")


@pytest.mark.parametrize(
    ("quality", "word"), [(Quality.STALE, "stale"), (Quality.BAD, "bad"), (Quality.UNCERTAIN, "doubtful")]
)
def test_value_that_is_not_good_is_struck_and_says_so(
    filler: LiveStation, quality: Quality, word: str
) -> None:
    filler.samples["evacuation_mbar"] = Sample("evacuation_mbar", NOW_MS, 5.0, quality)
    cell = value_content(filler, filler.placed.profile.signal("evacuation_mbar"), ENGLISH_LOOK)
    assert "not-good" in cell
    assert "<s>5.0</s>" in cell
    assert f"<em>{word}</em>" in cell


def test_value_beyond_a_limit_has_a_sign_and_not_only_a_colour(filler: LiveStation) -> None:
    filler.samples["evacuation_mbar"] = Sample("evacuation_mbar", NOW_MS, 11.0)
    cell = value_content(filler, filler.placed.profile.signal("evacuation_mbar"), ENGLISH_LOOK)
    assert "▲" in cell


def test_signal_never_read_says_so(filler: LiveStation) -> None:
    signal = filler.placed.profile.signal("evacuation_mbar")
    assert age_content(filler, signal, ENGLISH_LOOK) == "never read"


def test_dead_station_looks_dead_and_says_since_when(filler: LiveStation) -> None:
    later = ENGLISH_LOOK._replace(now_ms=NOW_MS + 60_000)
    filler.samples["state"] = Sample("state", NOW_MS, 6)
    tile = station_tile(filler, figures(), (), later)
    assert 'class="tile dead"' in tile
    assert "No contact" in tile
    assert f"since {later.formats.clock(NOW_MS)}" in tile
    assert "Running" not in tile


def test_rate_of_a_silent_machine_is_not_shown(filler: LiveStation) -> None:
    assert rate_now(filler, figures(), ENGLISH_LOOK) == 11.5
    assert rate_now(filler, figures(), ENGLISH_LOOK._replace(now_ms=NOW_MS + 60_000)) is None


@pytest.mark.parametrize(("state", "css"), [(6, "t-apt"), (5, "t-adet"), (9, "t-adot"), (2, "t-planned")])
def test_each_kind_of_state_has_its_own_look(filler: LiveStation, state: int, css: str, look: Look) -> None:
    filler.samples["state"] = Sample("state", NOW_MS, state)
    assert state_view(filler, look).css == css


def test_since_comes_from_the_stored_states(filler: LiveStation) -> None:
    filler.samples["state"] = Sample("state", NOW_MS, 6)
    states = [Segment(NOW_MS - 600_000, NOW_MS - 240_000, 11), Segment(NOW_MS - 240_000, NOW_MS, 6)]
    assert state_view(filler, ENGLISH_LOOK, states).more.endswith("· 4 min")
    assert state_view(filler, ENGLISH_LOOK, states[1:]).more == "for more than 4 min"
    assert not state_view(filler, ENGLISH_LOOK, states[:1]).more


def test_text_from_a_machine_cannot_become_markup(filler: LiveStation, look: Look) -> None:
    hostile = "<script>alert(1)</script>"
    filler.samples["electrolyte_lot"] = Sample("electrolyte_lot", NOW_MS, hostile)
    row = value_content(filler, filler.placed.profile.signal("electrolyte_lot"), look)
    ring = filler.placed.profile.result_rings[0]
    table = results_table(ring, [Result("cell", NOW_MS, 1, hostile, {"grade": 0})], look)
    for html in (row, table):
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


def test_results_just_heard_and_stored_are_shown_once_newest_first(filler: LiveStation) -> None:
    one, two = (Result("cell", NOW_MS + number, number, f"K{number}", {}) for number in (1, 2))
    filler.results.extend([one, two])
    stored = [StoredResult(filler.placed.path, one)]
    assert newest(filler, stored, "cell", 8) == [two, one]


def test_rejected_product_is_marked_by_a_word(filler: LiveStation) -> None:
    ring = filler.placed.profile.result_rings[0]
    table = results_table(ring, [Result("cell", NOW_MS, 1, "K1", {"grade": 3})], ENGLISH_LOOK)
    assert "■ reject 3" in table


def test_bar_behind_its_mark_is_hatched_and_its_number_has_a_sign() -> None:
    assert "behind" in bar(5, 10, warns=True)
    assert "behind" not in bar(9.5, 10, warns=True)
    assert "▼" in rate_block(5, 10, "plan", "cells", ENGLISH_LOOK)
    assert "▼" not in rate_block(None, 10, "plan", "cells", ENGLISH_LOOK)


def test_strip_shows_every_segment_in_proportion() -> None:
    states = [Segment(0, 900, 6), Segment(900, 1000, None)]
    html = strip(states, 0, 1000, ENGLISH_LOOK)
    assert re.findall(r'class="(t-\w+)" style="left:([\d.]+)%;width:([\d.]+)%', html) == [
        ("t-apt", "0.00", "90.00"),
        ("t-unknown", "90.00", "10.00"),
    ]


def test_trend_of_raw_samples_has_a_gap_where_the_value_was_not_good(filler: LiveStation) -> None:
    signal = filler.placed.profile.signal("evacuation_mbar")
    samples = [Sample(signal.name, 0, 5.0), Sample(signal.name, 1000, None, Quality.STALE)]
    found = Series(filler.placed.path, signal.name, 0, 5000, 0, samples=samples)
    line = trend_options(found, signal, None, ENGLISH_LOOK)["series"][2]
    assert [value for _, value in line["data"]] == [5.0, None]
    assert line["step"] == "end"


def test_trend_moves_on_with_what_arrives_live(filler: LiveStation) -> None:
    name = "evacuation_mbar"
    samples = [Sample(name, 0, 1.0), Sample(name, 4000, 2.0)]
    found = with_live(
        Series(filler.placed.path, name, 0, 5000, 0, samples=samples), Sample(name, 6000, 3.0), 6500
    )
    assert (found.start_ms, found.stop_ms) == (1500, 6500)
    assert [sample.value for sample in found.samples] == [2.0, 3.0]
    again = with_live(found, Sample(name, 6000, 3.0), 7000)
    assert [sample.value for sample in again.samples] == [2.0, 3.0]


def test_trend_of_buckets_has_an_envelope_and_limits(filler: LiveStation) -> None:
    signal = filler.placed.profile.signal("evacuation_mbar")
    buckets = [Bucket(0, 4.0, 6.0, 5.0, 5.5, 10, 0), Bucket(1000, None, None, None, None, 0, 3)]
    found = Series(filler.placed.path, signal.name, 0, 2000, 1000, buckets=buckets)
    low, span, mean = trend_options(found, signal, None, ENGLISH_LOOK)["series"]
    assert [value for _, value in low["data"]] == [4.0, None]
    assert [value for _, value in span["data"]] == [2.0, None]
    assert [value for _, value in mean["data"]] == [5.0, None]
    assert {line["yAxis"] for line in mean["markLine"]["data"]} == {10, 0.1, 5}


def test_trend_speaks_the_sites_time_whatever_the_browsers(filler: LiveStation) -> None:
    signal = filler.placed.profile.signal("evacuation_mbar")
    found = Series(filler.placed.path, signal.name, 0, 5000, 0, samples=[Sample(signal.name, 0, 5.0)])
    options = trend_options(found, signal, None, ENGLISH_LOOK)
    offset_ms = ENGLISH_LOOK.formats.utc_offset_ms(NOW_MS)
    assert offset_ms == 2 * 3_600_000  # September in Paris
    assert options["useUTC"]
    assert options["series"][2]["data"][0][0] == offset_ms


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Texts)])
def test_every_word_is_there_in_both_languages(field: str) -> None:
    english, french = getattr(ENGLISH, field), getattr(FRENCH, field)
    assert english
    assert french
    if isinstance(english, dict):
        assert english.keys() == french.keys()
        assert all(french.values())


@pytest.mark.parametrize(
    ("asked", "accepted", "expected"),
    [
        (None, None, Language.ENGLISH),
        ("fr", "en", Language.FRENCH),
        (None, "fr-FR,fr;q=0.9,en;q=0.8", Language.FRENCH),
        ("xx", "de,fr;q=0.5", Language.FRENCH),
        ("<script>", "", Language.ENGLISH),
    ],
)
def test_language_is_the_one_asked_for_else_the_browsers(
    asked: str | None, accepted: str | None, expected: Language
) -> None:
    assert language_of(asked, accepted) is expected


def test_numbers_follow_the_language() -> None:
    assert ENGLISH_LOOK.formats.number(12345.678, 1) == "12\u202f345.7"
    assert FRENCH_LOOK.formats.number(-12345.678, 1) == "\u221212\u202f345,7"
    assert ENGLISH_LOOK.formats.number(float("nan")) == "\u2013"


def test_values_of_every_kind_can_be_shown() -> None:
    formats = ENGLISH_LOOK.formats
    assert formats.value(None) == "\u2013"
    assert formats.value(True) == "1"
    assert formats.value("lot 7") == "lot 7"
    assert formats.value(np.array([1.5, np.nan, 3.25]), 1) == "1.5 … 3.2"
    assert formats.value(np.array([np.nan])) == "\u2013"


@pytest.mark.parametrize(("value", "decimals"), [(0.01234, 4), (1.234, 3), (123.4, 1), (5000.5, 0), (7, 0)])
def test_decimals_follow_the_size_of_the_value(value: float, decimals: int) -> None:
    assert sensible_decimals(value) == decimals


def test_decimals_follow_limits_and_deadband_where_there_are_some() -> None:
    assert decimals_for(Limits(low=4.8, high=5.2), 0.025) == 2
    assert decimals_for(Limits(low=0, high=1000), 0) == 0
    assert decimals_for(None, 0) is None


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("degC", "°C"),
        ("um", "µm"),
        ("mg/cm2", "mg/cm²"),
        ("1/100 m2", "1/100 m²"),
        ("ppm", "ppm"),
        ("rpm", "rpm"),
    ],
)
def test_units_have_their_proper_signs(plain: str, shown: str) -> None:
    assert shown_unit(plain) == shown


def test_chosen_language_travels_along_and_the_browsers_does_not() -> None:
    assert Links(Language.FRENCH).line("a", "b") == "/line/a/b?lang=fr"
    assert Links().station("a", "b", "c", "x_mm") == "/station/a/b/c?signal=x_mm"


@pytest.mark.parametrize(
    ("now", "hours"), [("2026-03-29T21:59:00+00:00", 23), ("2026-10-25T22:59:00+00:00", 25)]
)
def test_midnight_is_the_sites_also_when_the_clocks_change(now: str, hours: int) -> None:
    now_ms = round(datetime.fromisoformat(now).timestamp() * 1000)
    assert now_ms + 60_000 - local_midnight_ms("Europe/Paris", now_ms) == hours * 3_600_000


def test_every_station_of_the_plant_can_be_drawn(live: LivePicture, look: Look) -> None:
    for station in live.stations.values():
        assert station_tile(station, None, (), look)
        for signal in station.placed.profile.signals:
            assert name_content(station, signal, look, chosen=True)
            assert value_content(station, signal, look)
