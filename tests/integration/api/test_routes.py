from __future__ import annotations

from datetime import datetime

import pytest

from tests.integration.api.conftest import House

STATION = {"site": "acc-douvrin", "line": "assembly-1", "station": "filler-1"}


async def test_plant_tells_what_is_online_and_in_which_state(house: House) -> None:
    answer = (await house.client.get("/api/v1/plant")).json()
    (site,) = answer["sites"]
    lines = {line["line"]: line for area in site["areas"] for line in area["lines"]}
    assert lines["assembly-1"]["output_station"] == "filler-1"
    stations = {station["station"]: station for station in lines["assembly-1"]["stations"]}
    assert (stations["filler-1"]["online"], stations["filler-1"]["state"]) == (True, "execute")
    assert (stations["welder-1"]["online"], stations["welder-1"]["state"]) == (False, None)


async def test_station_tells_values_with_quality_limits_and_alarms(house: House) -> None:
    answer = (await house.client.get("/api/v1/stations/acc-douvrin/assembly-1/filler-1")).json()
    signals = {signal["signal"]: signal for signal in answer["signals"]}
    assert signals["evacuation_mbar"]["current"]["value"] == 11.5
    assert signals["evacuation_mbar"]["beyond"] == "high"
    assert signals["evacuation_mbar"]["limits"]["high"] == 10
    assert signals["electrolyte_temp_c"]["current"]["quality"] == "bad"
    assert signals["electrolyte_hf_ppm"]["current"] is None
    assert [alarm["text"] for alarm in answer["alarms"]] == ["Electrolyte tank low"]
    assert answer["at"].endswith("Z")


async def test_values_of_a_dead_station_are_stale(house: House) -> None:
    house.live.station("acc-douvrin", "assembly-1", "filler-1").online = False
    answer = (await house.client.get("/api/v1/values", params={**STATION, "q": "evacuation"})).json()
    (value,) = answer["items"]
    assert value["current"]["quality"] == "stale"
    assert value["current"]["value"] == 11.5


async def test_signals_are_found_by_words_and_paged(house: House) -> None:
    everything = (await house.client.get("/api/v1/signals")).json()
    assert everything["total"] > len(everything["items"]) == 100
    first = (await house.client.get("/api/v1/signals", params={"limit": 7})).json()
    second = (await house.client.get("/api/v1/signals", params={"limit": 7, "offset": 7})).json()
    assert [*first["items"], *second["items"]] == everything["items"][:14]
    found = (await house.client.get("/api/v1/signals", params={"q": "pressure filler"})).json()
    assert {item["place"]["station"] for item in found["items"]} == {"filler-1"}


async def test_series_is_raw_where_few_and_an_envelope_where_many(house: House) -> None:
    asked = {**STATION, "signal": "evacuation_mbar", "from": "-2h"}
    raw = (await house.client.get("/api/v1/series", params={**asked, "points": 2000})).json()
    assert (raw["bucket_ms"], len(raw["samples"]), raw["good"]) == (0, 1200, 1200)
    few = (await house.client.get("/api/v1/series", params={**asked, "points": 50})).json()
    assert not few["samples"]
    assert 0 < len(few["buckets"]) <= 50
    assert few["good"] == 1200
    assert min(bucket["minimum"] for bucket in few["buckets"] if bucket["good"]) == pytest.approx(5.0)
    assert max(bucket["maximum"] for bucket in few["buckets"] if bucket["good"]) == pytest.approx(5.9)


async def test_series_says_what_was_not_good(house: House) -> None:
    asked = {**STATION, "signal": "nitrogen_pressure_bar"}
    answer = (await house.client.get("/api/v1/series", params=asked)).json()
    assert (answer["good"], answer["not_good"]) == (0, 1)
    assert answer["samples"][0]["quality"] == "bad"


async def test_times_go_in_and_out_as_utc(house: House) -> None:
    start = datetime.fromtimestamp(house.start_ms / 1000).astimezone()
    asked = {**STATION, "signal": "evacuation_mbar", "from": start.isoformat(), "to": "now"}
    answer = (await house.client.get("/api/v1/series", params=asked)).json()
    assert datetime.fromisoformat(answer["start"]) == start
    assert answer["start"].endswith("Z")
    assert len(answer["samples"]) == 1000 or answer["buckets"]


async def test_results_come_newest_first_and_paged(house: House) -> None:
    first = (await house.client.get("/api/v1/results/cell", params={"limit": 3})).json()
    assert [item["number"] for item in first["items"]] == [200, 199, 198]
    assert first["total"] == 200
    second = (await house.client.get("/api/v1/results/cell", params={"limit": 2, "offset": 3})).json()
    assert [item["number"] for item in second["items"]] == [197, 196]


async def test_result_is_found_by_its_key(house: House) -> None:
    answer = (await house.client.get("/api/v1/results/cell", params={"key": "SERIAL-0042"})).json()
    (item,) = answer["items"]
    assert (item["number"], item["fields"]["electrolyte_g"]) == (42, 240.5)
    missing = (await house.client.get("/api/v1/results/cell", params={"key": "SERIAL-9999"})).json()
    assert missing["items"] == []


async def test_production_sums_and_ratios_agree_with_the_minutes(house: House) -> None:
    asked = {**STATION, "bucket": "total", "from": "-1h"}
    (total,) = (await house.client.get("/api/v1/production", params=asked)).json()["items"]
    assert (total["good"], total["reject"]) == (220, 20)
    assert total["availability"] == pytest.approx(0.8)
    assert total["quality"] == pytest.approx(220 / 240)
    assert total["performance"] == pytest.approx(240 / (12 * 16))
    assert total["is_line_output"]
    by_minute = (await house.client.get("/api/v1/production", params={**asked, "bucket": "minute"})).json()
    assert by_minute["total"] == 20
    assert sum(item["good"] for item in by_minute["items"]) == 220


async def test_health_names_the_parts_and_the_age_of_the_data(house: House) -> None:
    answer = (await house.client.get("/api/v1/health")).json()
    assert answer["status"] == "ok"
    assert answer["stations_online"] == 1
    assert answer["newest_data_age_s"] < 60
    assert (await house.client.get("/api/v1/health/live")).status_code == 200
    assert (await house.client.get("/api/v1/health/ready")).status_code == 200


async def test_store_that_is_down_is_a_problem_and_live_values_go_on(house: House) -> None:
    await house.historian.close()
    asked = {**STATION, "signal": "evacuation_mbar"}
    answer = await house.client.get("/api/v1/series", params=asked)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:gigafloor:problem:historian-unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert (await house.client.get("/api/v1/health")).json()["status"] == "degraded"
    assert (await house.client.get("/api/v1/health/ready")).status_code == 503
    assert (await house.client.get("/api/v1/values", params=STATION)).status_code == 200


async def test_metrics_are_prometheus_text(house: House) -> None:
    await house.client.get("/api/v1/plant")
    answer = await house.client.get("/api/v1/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'gigafloor_api_requests_total{status="200"}' in answer.text


async def test_description_is_complete_and_its_page_needs_no_other_host(house: House) -> None:
    description = (await house.client.get("/api/v1/openapi.json")).json()
    for operations in description["paths"].values():
        for operation in operations.values():
            assert operation["description"]
    page = (await house.client.get("/api/docs")).text
    assert "/api/v1/series" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
