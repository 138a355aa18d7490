from __future__ import annotations

import pytest

from tests.integration.api.conftest import House

SERIES = "/api/v1/series?site=acc-douvrin&line=assembly-1&station=filler-1"


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/api/v1/nothing", 404, "nothing at this address"),
        ("/api/v2/plant", 404, "nothing at this address"),
        ("/api/v1/stations/acc-douvrin/assembly-1/fillr-1", 404, "Did you mean 'filler-1'"),
        ("/api/v1/stations/acc-douvrin/assembly-9/filler-1", 404, "assembly-1"),
        ("/api/v1/stations/nowhere/assembly-1/filler-1", 404, "no site 'nowhere'"),
        ("/api/v1/signals?site=nowhere", 404, "no site"),
        ("/api/v1/values?site=acc-douvrin&line=nothing", 404, "no line"),
        ("/api/v1/values?line=assembly-1", 422, "'line' needs 'site'"),
        ("/api/v1/production?station=filler-1", 422, "'station' needs"),
        (SERIES, 422, "'signal' is missing"),
        (f"{SERIES}&signal=evacuation", 404, "Did you mean 'evacuation_mbar'"),
        (f"{SERIES}&signal=evacuation_mbar&points=0", 422, "'points'"),
        (f"{SERIES}&signal=evacuation_mbar&points=5001", 422, "'points'"),
        (f"{SERIES}&signal=evacuation_mbar&from=yesterday", 422, "not a time"),
        (f"{SERIES}&signal=evacuation_mbar&from=now&to=-1h", 422, "must be before"),
        (f"{SERIES}&signal=evacuation_mbar[0]", 422, "no element 0"),
        (f'{SERIES}&signal=x" FROM sample; DROP TABLE sample; --', 404, "no signal"),
        ("/api/v1/results/spaceship", 404, "Kinds are"),
        ("/api/v1/results/cell?limit=1000&offset=200000", 422, "100000"),
        ("/api/v1/production?bucket=century", 422, "'bucket'"),
        ("/api/v1/production?from=-90d", 422, "31 days"),
        ("/api/v1/signals?limit=100000", 422, "'limit'"),
        ("/api/v1/signals?offset=-1", 422, "'offset'"),
        ("/api/v1/stream?at=a/b/c/d", 422, "give site"),
        ("/api/v1/stream?at=nowhere", 404, "no site"),
    ],
)
async def test_bad_question_gets_a_problem_that_says_what_to_do(
    house: House, path: str, status: int, says: str
) -> None:
    answer = await house.client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["instance"] == path.split("?", maxsplit=1)[0]
    assert problem["type"].startswith("urn:gigafloor:problem:")
    assert says in problem["detail"]


async def test_nothing_can_be_changed(house: House) -> None:
    for verb in ("POST", "PUT", "PATCH", "DELETE"):
        answer = await house.client.request(verb, "/api/v1/plant")
        assert answer.status_code == 405
        assert answer.headers["content-type"] == "application/problem+json"
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "hostile",
    ["%00", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%F0%9F%94%A5", "a" * 5000, "%27%20OR%201=1", "%0d%0aX: y"],
)
async def test_hostile_names_are_refused_and_not_repeated_at_length(house: House, hostile: str) -> None:
    for path in (f"/api/v1/stations/acc-douvrin/assembly-1/{hostile}", f"{SERIES}&signal={hostile}"):
        answer = await house.client.get(path)
        assert answer.status_code in (404, 422)
        assert len(answer.json()["detail"]) < 1000


async def test_key_with_quotes_is_only_a_key(house: House) -> None:
    answer = await house.client.get("/api/v1/results/cell", params={"key": "' OR 1=1 --"})
    assert answer.status_code == 200
    assert answer.json()["items"] == []


async def test_every_answer_has_the_security_headers(house: House) -> None:
    for path in ("/api/v1/plant", "/api/v1/nothing", "/api/docs"):
        headers = (await house.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


async def test_page_of_another_site_may_not_ask(house: House) -> None:
    foreign = await house.client.get("/api/v1/plant", headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    own = await house.client.get("/api/v1/plant", headers={"Origin": "http://127.0.0.1"})
    assert own.status_code == 200


async def test_failure_inside_is_a_problem_without_a_traceback(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(house.historian, "series", broken)
    answer = await house.client.get(f"{SERIES}&signal=evacuation_mbar")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:gigafloor:problem:unexpected"
    assert "secret" not in answer.text
