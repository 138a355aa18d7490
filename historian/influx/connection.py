"""Requests to InfluxDB and what their answers mean."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import httpx
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from historian.influx.rejection import PointsRefusedError
from historian.ports import HistorianUnavailableError
from historian.settings import HistorianSettings

_ABOUT_POINTS = re.compile(r"partial write|unable to parse|field type conflict|beyond retention")
_TOO_LARGE = 413
_NO_ORG = "-"
"""InfluxDB 1.8 has none, the client insists on one."""


class Rows(NamedTuple):
    """One series of an answer: the tags it is grouped by and its rows, the time first."""

    tags: Mapping[str, str]
    columns: Sequence[str]
    values: Sequence[Sequence[Any]]


class Connection:
    """Writes by `influxdb-client`, in a thread; queries by `httpx`."""

    def __init__(self, settings: HistorianSettings) -> None:
        self._settings = settings
        self._client = InfluxDBClient(
            settings.url,
            token=settings.authorization or "",
            org=settings.org or _NO_ORG,
            timeout=round(settings.timeout_s * 1000),
            enable_gzip=True,
        )
        self._write_api = self._client.write_api(write_options=SYNCHRONOUS)
        self._threads = ThreadPoolExecutor(2, "historian-write")
        self._is_closed = False
        headers = {"Authorization": f"Token {settings.authorization}"} if settings.authorization else {}
        self._http = httpx.AsyncClient(
            base_url=settings.url,
            headers=headers,
            timeout=settings.timeout_s,
            trust_env=False,
            verify=settings.url.startswith("https:"),  # reading certificates takes time
        )

    async def write(self, lines: Sequence[str]) -> None:
        """Write lines; return when they are durable.

        Raises:
            HistorianUnavailableError: try again.
            PointsRefusedError: some of the lines will never be taken.
        """
        self._refuse_if_closed()
        body = "\n".join(lines)
        await asyncio.get_running_loop().run_in_executor(self._threads, self._post, body)

    async def query(self, statements: Sequence[str], *, epoch: str = "ms") -> list[list[Rows]]:
        """Return the answer of each statement.

        Raises:
            HistorianUnavailableError: the server does not answer, or not with rows.
        """
        self._refuse_if_closed()
        parameters = {"db": self._settings.database, "epoch": epoch}
        if self._settings.retention_policy:
            parameters["rp"] = self._settings.retention_policy
        try:
            answer = await self._http.post("/query", params=parameters, data={"q": ";".join(statements)})
        except httpx.HTTPError as error:
            raise self._unavailable(str(error) or type(error).__name__) from error
        if answer.status_code != httpx.codes.OK:
            raise self._unavailable(_message(answer), answer.headers.get("Retry-After"))
        results = await asyncio.to_thread(answer.json)
        return [list(self._rows(result)) for result in results["results"]]

    async def ping(self) -> str:
        """Return the server's version.

        Raises:
            HistorianUnavailableError: it does not answer.
        """
        self._refuse_if_closed()
        try:
            answer = await self._http.get("/health")
        except httpx.HTTPError as error:
            raise self._unavailable(str(error) or type(error).__name__) from error
        if answer.status_code != httpx.codes.OK:
            raise self._unavailable(_message(answer))
        return str(answer.json().get("version", "unknown"))

    async def close(self) -> None:
        """Let go of the connections without waiting for a write that hangs."""
        if self._is_closed:
            return
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()  # type: ignore[no-untyped-call]
        await self._http.aclose()

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise self._unavailable("the historian is closed")

    def _post(self, body: str) -> None:
        try:
            self._write_api.write(bucket=self._settings.bucket, record=body)
        except ApiException as error:
            reason = _reason(error)
            if error.status == _TOO_LARGE or (error.status in (400, 422) and _ABOUT_POINTS.search(reason)):
                raise PointsRefusedError(reason) from error
            raise self._unavailable(f"{error.status} {reason}", error.retry_after) from error
        except (HTTPError, OSError) as error:
            raise self._unavailable(str(error)) from error

    def _rows(self, result: Mapping[str, Any]) -> Iterator[Rows]:
        if "error" in result:
            raise self._unavailable(result["error"])
        for series in result.get("series", ()):
            yield Rows(series.get("tags", {}), series["columns"], series["values"])

    def _unavailable(self, reason: str, retry_after: str | None = None) -> HistorianUnavailableError:
        delay_s = float(retry_after) if retry_after and retry_after.isdecimal() else None
        return HistorianUnavailableError(
            f"InfluxDB at {self._settings.url}, bucket '{self._settings.bucket}': {reason}", delay_s
        )


def _reason(error: ApiException) -> str:
    """Return the server's own sentence: 2.x calls it `message`, 1.8 `error`."""
    try:
        content = json.loads(error.body)
        return str(content.get("message") or content["error"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return " ".join(str(error.message).split())


def _message(answer: httpx.Response) -> str:
    hint = " (check the token, or user and password)" if answer.status_code in (401, 403) else ""
    return f"{answer.status_code} {answer.text.strip()[:300]}{hint}"
