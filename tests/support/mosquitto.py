"""A real MQTT broker: Mosquitto on a free port of the loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from runtime.mqtt_session import MqttSettings
from tests.support.parts import program
from tests.support.ports import HOST, free_port, wait_for_listener
from tests.support.processes import Child, child


@dataclass(frozen=True, slots=True)
class Login:
    """A user the broker knows; with one, nobody else gets in."""

    username: str
    password: str


class Mosquitto:
    """A broker that can be stopped, killed and started again on the same port."""

    def __init__(self, folder: Path, login: Login | None = None) -> None:
        self.port = free_port()
        self.login = login
        self._folder = folder
        self._running = ExitStack()
        self._child: Child | None = None
        self._config = self._write_config()

    @property
    def settings(self) -> MqttSettings:
        """How to reach it."""
        if self.login is None:
            return MqttSettings(host=HOST, port=self.port)
        username, password = self.login.username, SecretStr(self.login.password)
        return MqttSettings(host=HOST, port=self.port, username=username, password=password)

    def start(self) -> None:
        """Start it and return once it accepts connections."""
        command: list[str | Path] = [program("mosquitto"), "-c", self._config]
        self._child = self._running.enter_context(child(command, self._folder))
        wait_for_listener(self.port)

    def stop(self) -> None:
        """Stop it cleanly; nothing retained survives."""
        self._running.close()
        self._child = None

    def kill(self) -> None:
        """End it without a word to its clients."""
        if self._child is not None:
            self._child.kill()
        self.stop()

    def restart(self) -> None:
        """Stop it and start it again, empty."""
        self.stop()
        self.start()

    def log(self) -> str:
        """Return what it has logged since its last start."""
        return "" if self._child is None else self._child.output()

    def _write_config(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        lines = [f"listener {self.port} {HOST}", "persistence false", "max_queued_messages 0", "user root"]
        if self.login is None:
            lines.append("allow_anonymous true")
        else:
            lines += ["allow_anonymous false", f"password_file {self._write_passwords(self.login)}"]
        config = self._folder / f"mosquitto-{self.port}.conf"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return config

    def _write_passwords(self, login: Login) -> Path:
        passwords = self._folder / f"mosquitto-{self.port}.passwords"
        command = [program("mosquitto_passwd"), "-b", "-c", passwords, login.username, login.password]
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
        return passwords


@contextmanager
def mosquitto_broker(folder: Path, login: Login | None = None) -> Iterator[Mosquitto]:
    """Run a broker for the length of a block."""
    broker = Mosquitto(folder, login)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
