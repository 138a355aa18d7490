"""MQTT sensors of the plant's local broker, through the whole agent."""

from __future__ import annotations

from pathlib import Path

from plant.model import Plant
from tests.integration.edge_agent.paho_host import PahoHost, paho_host
from tests.integration.edge_agent.reading import plant_of, until
from tests.integration.edge_agent.running_agent import running_agent, settings_for
from tests.support.mosquitto import Mosquitto

TOPIC = "shop-floor/dry-room/1"


def dry_room() -> Plant:
    return plant_of(
        {"sensor": {"max_age_s": 1}, "signals": [{"name": "dew_point_c", "mqtt": {"field": "dew"}}]},
        [{"station": "dry-room-1", "mqtt": {"topic": TOPIC}}],
    )


def publish(host: PahoHost, payload: bytes) -> None:
    host.client.publish(TOPIC, payload, qos=1).wait_for_publish(5)


async def test_a_sensor_is_born_when_it_speaks_and_dies_when_it_is_silent(
    own_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    with paho_host(own_mosquitto.port) as host:
        async with running_agent(settings_for(own_mosquitto.port, tmp_path), dry_room()) as agent:
            await until(lambda: host.of("NBIRTH"))
            assert host.of("DBIRTH") == []
            for payload in (b"garbage", b'{"dew": NaN}', b'{"dew": "cold"}', b'{"dew": -45.5}'):
                publish(host, payload)
            await until(lambda: -45.5 in host.values("dry-room-1", "dew_point_c"))
            assert agent.vitals.values()["sensor_rejects_total"] == 3
            await until(lambda: host.of("DDEATH"))
            assert host.values("dry-room-1", "dew_point_c")[-1] is None
            publish(host, b'{"dew": -44.0}')
            await until(lambda: -44.0 in host.values("dry-room-1", "dew_point_c"))


async def test_an_old_retained_value_is_not_taken_for_a_fresh_one(
    own_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    with paho_host(own_mosquitto.port) as host:
        host.client.publish(TOPIC, b'{"dew": -10.0}', qos=1, retain=True).wait_for_publish(5)
        async with running_agent(settings_for(own_mosquitto.port, tmp_path), dry_room()) as agent:
            await until(lambda: agent.vitals.values()["sensor_rejects_total"] == 1)
            publish(host, b'{"dew": -45.5}')
            await until(lambda: -45.5 in host.values("dry-room-1", "dew_point_c"))
        assert -10.0 not in host.values("dry-room-1", "dew_point_c")
