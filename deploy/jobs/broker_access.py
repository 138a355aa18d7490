"""Who may do what at the broker: Mosquitto's users and topics, from the plant description (pure)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from plant.model import Line, Plant
from telemetry.sparkplug.topics import NAMESPACE

HEALTH = "health"
READER = "reader"
_ITERATIONS = 101
"""What `mosquitto_passwd` takes; the passwords are random and as long as a key."""
_FROM_NODE = ("NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH")


def agent_user(line: str) -> str:
    """Return the user name of a line's edge agent."""
    return f"edge-{line}"


def password_line(user: str, password: str, salt: bytes) -> str:
    """Return a line of a Mosquitto password file: `user:$7$iterations$salt$hash`, PBKDF2 with SHA-512."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"{user}:$7${_ITERATIONS}${_base64(salt)}${_base64(digest)}"


def access_list(plant: Plant, host_id: str) -> str:
    """Return Mosquitto's access list: each user reaches its own topics and no others."""
    users = {
        HEALTH: ["read $SYS/broker/uptime"],
        READER: [f"read {NAMESPACE}/#"],
        "sim": [f"write {topic}" for line in _lines(plant) for topic in _sensor_topics(line)],
        "collector": [
            f"read {NAMESPACE}/#",
            f"write {NAMESPACE}/+/NCMD/+",
            f"write {NAMESPACE}/STATE/{host_id}",
        ],
        "api": [f"read {NAMESPACE}/#", f"write {NAMESPACE}/+/NCMD/+"],
    }
    for site in plant.sites:
        for area in site.areas:
            for line in area.lines:
                users[agent_user(line.line)] = _agent_rules(site.site, line, host_id)
    return "\n".join(_block(user, rules) for user, rules in users.items())


def _agent_rules(site: str, line: Line, host_id: str) -> list[str]:
    return [
        *(f"write {NAMESPACE}/{site}/{kind}/{line.line}/#" for kind in _FROM_NODE),
        f"read {NAMESPACE}/{site}/NCMD/{line.line}",
        f"read {NAMESPACE}/{site}/DCMD/{line.line}/#",
        f"read {NAMESPACE}/STATE/{host_id}",
        *(f"read {topic}" for topic in _sensor_topics(line)),
    ]


def _lines(plant: Plant) -> Iterator[Line]:
    for site in plant.sites:
        for area in site.areas:
            yield from area.lines


def _sensor_topics(line: Line) -> list[str]:
    """Return where the line's sensors publish: below the station's topic a signal may name one of its own."""
    return [f"{station.mqtt.topic}/#" for station in line.stations if station.mqtt is not None]


def _block(user: str, rules: list[str]) -> str:
    return "\n".join([f"user {user}", *(f"topic {rule}" for rule in rules), ""])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
