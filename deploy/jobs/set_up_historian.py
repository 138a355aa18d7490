"""Prepare InfluxDB: organisation, bucket, InfluxQL mapping, and a token each for collector and API.

Safe to repeat: a token that still works is kept.
"""

from __future__ import annotations

import asyncio
import sys

from pydantic import SecretStr
from secret_files import HISTORIAN_OWNER, keep, kept

from historian.influx.setup import prepare
from historian.ports import HistorianUnavailableError
from historian.settings import HistorianSettings

ROLES = ("collector", "api")
READERS = ("api",)
"""Roles whose token cannot write."""
TOKEN = "influxdb-token"  # noqa: S105 - the file's name


async def main() -> None:
    """Prepare the server for each role."""
    for role in ROLES:
        known = kept(role, TOKEN)
        token = await _token(known, read_only=role in READERS)
        if token != known:
            keep(role, TOKEN, token)
        sys.stdout.write(f"{role}: {'token kept' if token == known else 'new token'}\n")


async def _token(known: str | None, *, read_only: bool) -> str:
    """Return a token that works: the known one, or a new one where the database is not the one it was for."""
    if known is not None:
        try:
            return await _prepared(token=SecretStr(known), read_only=read_only)
        except HistorianUnavailableError as error:
            sys.stderr.write(f"the token of an earlier start is of no use: {error}\n")
    return await _prepared(token=None, read_only=read_only)


async def _prepared(token: SecretStr | None, *, read_only: bool) -> str:
    password = kept(HISTORIAN_OWNER, "password")
    if password is None:
        raise SystemExit("There is no password for InfluxDB's first user; run the job 'prepare' first.")
    settings = HistorianSettings(
        kind="influxdb",
        url="http://influxdb:8086",
        username="gigafloor",
        password=SecretStr(password),
        token=token,
    )
    made = await prepare(settings, read_only=read_only)
    if made is None:
        raise SystemExit("This server has no tokens: it is not InfluxDB 2, which docker-compose.yml names.")
    return made.get_secret_value()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except HistorianUnavailableError as error:
        raise SystemExit(str(error)) from None
