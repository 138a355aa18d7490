"""A whole agent, in this process or as a child that can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from edge_agent.app import EdgeAgent, EdgeSettings
from plant.model import Plant
from runtime.mqtt_session import MqttSettings
from tests.integration.edge_agent.paho_host import LINE, SITE
from tests.support.ports import HOST
from tests.support.processes import Child, child

FAST = {"ack_timeout_s": 1.0, "flush_s": 0.02, "vitals_s": 1.0}


def settings_for(port: int, folder: Path, **changes: object) -> EdgeSettings:
    """Return settings that make a test short."""
    mqtt = MqttSettings(host=HOST, port=port, keepalive_s=2, connect_timeout_s=1)
    return EdgeSettings.model_validate(
        {"site": SITE, "line": LINE, "mqtt": mqtt, "spool_path": folder / "spool.sqlite", **FAST, **changes}
    )


@contextlib.asynccontextmanager
async def running_agent(settings: EdgeSettings, plant: Plant) -> AsyncIterator[EdgeAgent]:
    """Run an agent for the length of a block, then stop it as a signal would."""
    agent = EdgeAgent(settings, plant)
    task = asyncio.create_task(agent.run())
    try:
        yield agent
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.contextmanager
def agent_process(settings: EdgeSettings, plant: Plant, folder: Path) -> Iterator[Child]:
    """Run an agent as a process of its own."""
    described = folder / "agent.json"
    described.write_text(
        json.dumps({"settings": settings.model_dump(mode="json"), "plant": plant.model_dump(mode="json")})
    )
    with child([sys.executable, "-m", __name__, described], folder) as process:
        yield process


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asyncio.run(
        EdgeAgent(EdgeSettings.model_validate(given["settings"]), Plant.model_validate(given["plant"])).run()
    )
