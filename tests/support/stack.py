"""The whole product as separate processes, for a test that keeps promises end to end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from historian.settings import HistorianSettings
from runtime.mqtt_session import MqttSettings
from tests.support.plant_files import write_plant
from tests.support.ports import HOST, free_port
from tests.support.processes import Child, gigafloor


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks an API."""

    base: str

    def get(self, path: str, **parameters: str | float) -> dict[str, Any]:
        """Return the answer to a question."""
        answer = httpx.get(f"{self.base}{path}", params=parameters, timeout=30, trust_env=False)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def items(self, path: str, **parameters: str | float) -> list[dict[str, Any]]:
        """Return a whole list, page by page."""
        items: list[dict[str, Any]] = []
        while True:
            page = self.get(path, **parameters, offset=len(items), limit=500)
            items.extend(page["items"])
            if len(items) >= page["total"] or not page["items"]:
                return items


@dataclass(slots=True)
class Stack:
    """Simulator, agents, collector and API of one site, each its own process."""

    folder: Path
    site: str
    lines: tuple[str, ...]
    mqtt: MqttSettings
    historian: HistorianSettings
    speed: float = 1.0
    api_port: int = field(default_factory=free_port)
    children: dict[str, Child] = field(default_factory=dict)

    @property
    def truth(self) -> Path:
        """Where the simulator writes what is true."""
        return self.folder / "truth"

    @property
    def reader(self) -> Reader:
        """Its API."""
        return Reader(f"http://{HOST}:{self.api_port}/api/v1")


@contextmanager
def running(stack: Stack) -> Iterator[Stack]:
    """Start the agents first and the simulator last, so that agents see its first counts."""
    plant = write_plant(stack.folder / "plant", stack.site)
    mqtt = {"host": stack.mqtt.host, "port": stack.mqtt.port}
    historian = stack.historian.model_dump(mode="json", exclude_none=True, exclude={"token", "password"})
    common = {"sites": [stack.site], "mqtt": mqtt}
    secrets = {}
    if stack.historian.token is not None:
        secrets["GIGAFLOOR_HISTORIAN__TOKEN"] = stack.historian.token.get_secret_value()
    settings: dict[str, tuple[str, dict[str, Any]]] = {
        "collector": (
            "collector",
            {**common, "historian": historian, "dead_letter_path": str(stack.folder / "dead.sqlite")},
        ),
        "api": ("api", {**common, "historian": historian, "port": stack.api_port}),
    }
    for line in stack.lines:
        settings[f"edge-{line}"] = (
            "edge",
            {
                "site": stack.site,
                "line": line,
                "mqtt": mqtt,
                "spool_path": str(stack.folder / f"{line}.sqlite"),
            },
        )
    settings["sim"] = (
        "sim",
        {**common, "seed": 7, "speed": stack.speed, "truth_dir": str(stack.truth), "truth_flush_s": 1.0},
    )
    with ExitStack() as processes:
        for name, (command, values) in settings.items():
            file = stack.folder / f"{name}.yaml"
            file.write_text(yaml.safe_dump(values), encoding="utf-8")
            stack.children[name] = processes.enter_context(
                gigafloor(
                    command,
                    "--settings",
                    str(file),
                    "--plant",
                    str(plant),
                    folder=stack.folder / name,
                    environment=secrets,
                )
            )
        yield stack


def eventually(condition: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Return once the condition holds.

    Raises:
        TimeoutError: it does not hold in time.
    """
    give_up_at_s = time.monotonic() + within_s
    while time.monotonic() < give_up_at_s:
        try:
            if condition():
                return
        except httpx.HTTPError:
            pass  # a process that is just starting
        time.sleep(0.25)
    raise TimeoutError(f"{within_s:g} s passed without {what}")
