"""Preparing an InfluxDB for us: organisation, bucket, InfluxQL mapping, a token of least privilege."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
from pydantic import SecretStr

from historian.influx import influxql
from historian.ports import HistorianUnavailableError
from historian.settings import HistorianSettings

TOKEN_NAME = "gigafloor historian"  # noqa: S105 - the description a person sees, not the token
_NO_SETUP = 404
"""InfluxDB 1.8 does not know the set-up page."""


async def prepare(settings: HistorianSettings, *, read_only: bool = False) -> SecretStr | None:
    """Make the server ready and return the token to use; safe to repeat.

    InfluxDB 2 is set up with user and password if it is new, else it is asked
    with the token or the user. A token that already reaches the bucket is
    returned as it is; otherwise a new one is made that can read, and unless
    `read_only` write, this bucket and nothing else (InfluxDB 2.9 keeps only a hash, so that an old one
    cannot be read again). On InfluxDB 1.8 the database is created, and the
    token of the settings returned.

    Raises:
        HistorianUnavailableError: the server does not answer or refuses; the message says what to do.
    """
    async with httpx.AsyncClient(
        base_url=settings.url, timeout=settings.timeout_s, trust_env=False
    ) as client:
        try:
            state = await client.get("/api/v2/setup")
            if state.status_code == _NO_SETUP:
                await _create_database(client, settings)
                return settings.token
            return await _prepare_bucket(
                client, settings, is_new=bool(state.json()["allowed"]), read_only=read_only
            )
        except httpx.HTTPError as error:
            raise HistorianUnavailableError(
                f"InfluxDB at {settings.url}: {str(error) or type(error).__name__}"
            ) from error


async def _create_database(client: httpx.AsyncClient, settings: HistorianSettings) -> None:
    headers = {"Authorization": f"Token {settings.authorization}"} if settings.authorization else {}
    query = f"CREATE DATABASE {influxql.identifier(settings.database)}"
    _checked(await client.post("/query", data={"q": query}, headers=headers))


async def _prepare_bucket(
    client: httpx.AsyncClient, settings: HistorianSettings, *, is_new: bool, read_only: bool
) -> SecretStr:
    if is_new:
        await _first_setup(client, settings)
    elif settings.token is not None:
        client.headers["Authorization"] = f"Token {settings.token.get_secret_value()}"
        bucket = {"name": settings.bucket, "org": settings.org}
        if await _found(client, "/api/v2/buckets", "buckets", bucket):
            return settings.token
    else:
        await _sign_in(client, settings)
    org_id = await _org(client, settings)
    bucket_id = await _bucket(client, settings, org_id)
    await _map_database(client, settings, org_id, bucket_id)
    return await _new_token(client, org_id, bucket_id, ("read",) if read_only else ("read", "write"))


async def _first_setup(client: httpx.AsyncClient, settings: HistorianSettings) -> None:
    user = _user(settings)
    names = {"org": settings.org, "bucket": settings.bucket}
    made = _checked(await client.post("/api/v2/setup", json={**user, **names, "retentionPeriodSeconds": 0}))
    client.headers["Authorization"] = f"Token {made['auth']['token']}"


async def _sign_in(client: httpx.AsyncClient, settings: HistorianSettings) -> None:
    user = _user(settings)
    _checked(await client.post("/api/v2/signin", auth=(user["username"], user["password"])))


def _user(settings: HistorianSettings) -> dict[str, str]:
    if settings.username is None or settings.password is None:
        raise HistorianUnavailableError(
            f"to prepare InfluxDB at {settings.url} give 'username' and 'password' of its first user"
            " (or the 'token' of an administrator, if it has been set up before)"
        )
    return {"username": settings.username, "password": settings.password.get_secret_value()}


async def _org(client: httpx.AsyncClient, settings: HistorianSettings) -> str:
    found = await _found(client, "/api/v2/orgs", "orgs", {"org": settings.org})
    made = found or [_checked(await client.post("/api/v2/orgs", json={"name": settings.org}))]
    return str(made[0]["id"])


async def _bucket(client: httpx.AsyncClient, settings: HistorianSettings, org_id: str) -> str:
    wanted = {"name": settings.bucket, "orgID": org_id}
    found = await _found(client, "/api/v2/buckets", "buckets", wanted)
    made = found or [_checked(await client.post("/api/v2/buckets", json=wanted))]
    return str(made[0]["id"])


async def _map_database(
    client: httpx.AsyncClient, settings: HistorianSettings, org_id: str, bucket_id: str
) -> None:
    """Let InfluxQL find the bucket; newer servers map every bucket by its name themselves."""
    wanted = {"orgID": org_id, "db": settings.database}
    if await _found(client, "/api/v2/dbrps", "content", wanted):
        return
    mapping = {
        "orgID": org_id,
        "bucketID": bucket_id,
        "database": settings.database,
        "retention_policy": settings.retention_policy or "autogen",
        "default": True,
    }
    _checked(await client.post("/api/v2/dbrps", json=mapping))


async def _new_token(
    client: httpx.AsyncClient, org_id: str, bucket_id: str, actions: Sequence[str]
) -> SecretStr:
    bucket = {"type": "buckets", "id": bucket_id, "orgID": org_id}
    wanted = {
        "orgID": org_id,
        "description": TOKEN_NAME,
        "permissions": [{"action": action, "resource": bucket} for action in actions],
    }
    made = _checked(await client.post("/api/v2/authorizations", json=wanted))
    return SecretStr(made["token"])


async def _found(
    client: httpx.AsyncClient, page: str, things: str, wanted: dict[str, str]
) -> list[dict[str, Any]]:
    answer = await client.get(page, params=wanted)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return []
    return list(_checked(answer).get(things) or [])


def _checked(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        raise HistorianUnavailableError(
            f"InfluxDB at {answer.request.url} refuses: {answer.status_code} {answer.text.strip()[:300]}"
        )
    content = answer.json() if answer.content else {}
    return dict(content)
