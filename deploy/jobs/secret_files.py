"""Secrets as files: made once, owned by root, readable by one group."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

ROOT = Path("/secrets")

GROUPS = {"broker": 1883, "sim": 10001, "edge": 10002, "collector": 10003, "api": 10004, "reader": 0}
"""Group of each role, the same numbers as in docker-compose.yml; 1883 is Mosquitto's own."""
HISTORIAN_OWNER = "historian-owner"
"""InfluxDB's first user: nobody but the jobs reads it."""


def keep(role: str, name: str, content: str) -> Path:
    """Write a secret so that the role can read it; a reader sees the old or the new one, never half."""
    group = GROUPS.get(role, 0)
    folder = ROOT / role
    folder.mkdir(mode=0o750, exist_ok=True)
    os.chown(folder, 0, group)
    path, partial = folder / name, folder / f".{name}.new"
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.chown(partial, 0, group)
    partial.rename(path)
    return path


def kept(role: str, name: str) -> str | None:
    """Return a secret, None if there is none yet."""
    path = ROOT / role / name
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def generated(role: str, name: str) -> str:
    """Return a secret, made of 32 random bytes on first use."""
    found = kept(role, name)
    if found is None:
        found = secrets.token_urlsafe(32)
        keep(role, name, found)
    return found
