"""Real InfluxDB servers, 1.8 and 2, on free ports of the loopback."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import ClassVar

import httpx
from pydantic import SecretStr
from typing_extensions import override

from historian.influx.setup import prepare
from historian.settings import HistorianSettings
from tests.support.parts import lacking
from tests.support.ports import HOST, free_port
from tests.support.processes import Child, child

_BINARIES = Path.home() / ".cache/gigafloor/bin"
"""Where they are kept once they are built: in no package archive, and 20 minutes to build."""
_READY_WITHIN_S = 30.0


class Influx:
    """A server that can be stopped, killed and started again on the same port with its data."""

    version: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._running = ExitStack()
        self._child: Child | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def settings(self) -> HistorianSettings:
        """How its first user reaches it, for `prepare`."""
        return HistorianSettings(
            kind="influxdb",
            url=f"http://{HOST}:{self.port}",
            username="admin",
            password=SecretStr("correct horse"),
        )

    def prepared(self) -> HistorianSettings:
        """Return how the product reaches it, its bucket made."""
        token = asyncio.run(prepare(self.settings))
        return self.settings.model_copy(update={"token": token, "username": None, "password": None})

    def start(self) -> None:
        """Start it and return once it answers."""
        self._child = self._running.enter_context(child(self._command(), self._folder))
        self._wait_until_ready(self._child)

    def stop(self) -> None:
        """Stop it cleanly."""
        self._running.close()
        self._child = None

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._child is not None:
            self._child.kill()
        self.stop()

    def _command(self) -> Sequence[str | Path]:
        raise NotImplementedError

    def _binary(self) -> Path:
        name = f"influxd-{self.version}"
        found = shutil.which(name) or shutil.which(name, path=str(_BINARIES))
        if found is None:
            lacking(f"there is no {name}, neither on the PATH nor in {_BINARIES}; it is built from source")
        return Path(found)

    def _wait_until_ready(self, running: Child) -> None:
        give_up_at_s = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < give_up_at_s and running.returncode is None:
            try:
                if httpx.get(f"{self.settings.url}/health", trust_env=False).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError(f"InfluxDB {self.version} is not ready:\n{running.output()[-2000:]}")


class Influx1(Influx):
    """InfluxDB 1.8."""

    version = "1.8.10"

    @override
    def _command(self) -> Sequence[str | Path]:
        config = self._folder / "influxdb.conf"
        config.write_text(
            f"""
            reporting-disabled = true
            bind-address = "{HOST}:{free_port()}"
            [meta]
            dir = "{self._folder}/meta"
            [data]
            dir = "{self._folder}/data"
            wal-dir = "{self._folder}/wal"
            [http]
            bind-address = "{HOST}:{self.port}"
            log-enabled = false
            """,
            encoding="utf-8",
        )
        return [self._binary(), "run", "-config", config]


class Influx2(Influx):
    """InfluxDB 2."""

    version = "2.9.1"

    @override
    def _command(self) -> Sequence[str | Path]:
        return [
            self._binary(), "run",
            "--http-bind-address", f"{HOST}:{self.port}",
            "--bolt-path", self._folder / "influxd.bolt",
            "--sqlite-path", self._folder / "influxd.sqlite",
            "--engine-path", self._folder / "engine",
            "--reporting-disabled",
        ]  # fmt: skip


@contextmanager
def influx_server(kind: type[Influx], folder: Path) -> Iterator[Influx]:
    """Run a server for the length of a block."""
    server = kind(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
