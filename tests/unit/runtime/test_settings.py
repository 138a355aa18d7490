"""Settings: the file, then the environment, then a sentence about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from plant.yaml_file import DescriptionError
from runtime.mqtt_session import MqttSettings
from runtime.settings import Settings, load_settings


class Example(Settings):
    """Settings as a process has them."""

    site: str = "acc-douvrin"
    sites: tuple[str, ...] = ()
    mqtt: MqttSettings = MqttSettings()
    sensors: MqttSettings | None = None
    spool_file: Path | None = None


def loaded(environment: dict[str, str], text: str | None = None, folder: Path | None = None) -> Example:
    """Return the settings of a text and an environment."""
    path = None
    if text is not None:
        assert folder is not None
        path = folder / "edge.yaml"
        path.write_text(text, encoding="utf-8")
    return load_settings(Example, path, environment)


def test_defaults_need_no_file() -> None:
    assert loaded({}) == Example()


def test_environment_overrides_one_value_of_a_block_and_leaves_the_others(tmp_path: Path) -> None:
    text = "site: aesc-douai\nmqtt:\n  host: 10.0.0.9\n  port: 1883\n"
    settings = loaded({"GIGAFLOOR_MQTT__PORT": "1884"}, text, tmp_path)
    assert (settings.site, settings.mqtt.host, settings.mqtt.port) == ("aesc-douai", "10.0.0.9", 1884)


def test_environment_opens_a_block_the_file_does_not_have() -> None:
    sensors = loaded({"GIGAFLOOR_SENSORS__HOST": "127.0.0.9"}).sensors
    assert sensors is not None
    assert sensors.host == "127.0.0.9"


def test_list_is_written_as_json() -> None:
    assert loaded({"GIGAFLOOR_SITES": '["acc-douvrin", "aesc-douai"]'}).sites == ("acc-douvrin", "aesc-douai")


def test_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    secret = tmp_path / "mqtt"
    secret.write_text("correct horse\n", encoding="utf-8")
    password = loaded({"GIGAFLOOR_MQTT__PASSWORD_FILE": str(secret)}).mqtt.password
    assert password is not None
    assert password.get_secret_value() == "correct horse"


def test_field_that_is_a_file_is_not_read_as_a_secret() -> None:
    environment = {"GIGAFLOOR_MQTT__CA_FILE": "/plant/ca.pem", "GIGAFLOOR_SPOOL_FILE": "/plant/spool"}
    settings = loaded(environment)
    assert (settings.mqtt.ca_file, settings.spool_file) == (Path("/plant/ca.pem"), Path("/plant/spool"))


def test_secret_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(DescriptionError, match=f"environment.*{missing}.*cannot be read"):
        loaded({"GIGAFLOOR_MQTT__PASSWORD_FILE": str(missing)})


def test_names_of_other_processes_and_programs_are_ignored() -> None:
    assert loaded({"GIGAFLOOR_RETENTION_DAYS": "9", "SITE": "x", "PATH": "/bin"}) == Example()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"GIGAFLOOR_MQTT__PORT": "many"}, "port"),
        ({"GIGAFLOOR_MQTT__PORT": "70000"}, "port"),
        ({"GIGAFLOOR_MQTT__PROT": "1884"}, "prot"),
    ],
)
def test_mistake_in_the_environment_is_located_there(environment: dict[str, str], words: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        loaded(environment)
    (problem,) = caught.value.problems
    assert problem.file == "environment"
    assert words in problem.message


def test_mistake_in_the_file_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError) as caught:
        loaded({}, "site: acc-douvrin\nmqtt:\n  port: many\n", tmp_path)
    (problem,) = caught.value.problems
    assert problem.line == 3


def test_secret_is_not_shown() -> None:
    assert "horse" not in repr(loaded({"GIGAFLOOR_MQTT__PASSWORD": "correct horse"}))
