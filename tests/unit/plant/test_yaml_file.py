"""A file and the environment become one model, or sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from plant.yaml_document import read_document
from plant.yaml_file import DescriptionError, load_model


class Broker(BaseModel):
    model_config = ConfigDict(extra="forbid")
    host: str = "127.0.0.1"
    port: int = Field(default=1883, ge=1, le=65535)
    password: SecretStr | None = None
    token: int | None = None


class Demo(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = "demo"
    mqtt: Broker = Broker()
    url: int | None = None


def _write(folder: Path, text: str) -> Path:
    path = folder / "demo.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _problems(path: Path | None, **overrides: Any) -> list[str]:  # noqa: ANN401 (any value a file may give)
    with pytest.raises(DescriptionError) as caught:
        load_model(path, Demo, overrides=overrides)
    return str(caught.value).splitlines()


def test_without_a_file_the_defaults_hold() -> None:
    assert load_model(None, Demo) == Demo()


def test_override_changes_one_key_and_leaves_its_neighbours(tmp_path: Path) -> None:
    path = _write(tmp_path, "mqtt:\n  host: broker\n  port: 1884\n")
    loaded = load_model(path, Demo, overrides={"mqtt": {"port": "1885"}})
    assert (loaded.mqtt.host, loaded.mqtt.port) == ("broker", 1885)


def test_bad_override_is_found_in_the_environment_not_in_the_file(tmp_path: Path) -> None:
    path = _write(tmp_path, "mqtt:\n  port: 1884\n")
    assert _problems(path, mqtt={"port": "many"}) == [
        "environment: 'port' is 'many'; it must be a whole number"
    ]


def test_file_and_environment_are_told_apart(tmp_path: Path) -> None:
    path = _write(tmp_path, "mqtt:\n  port: 0\n  hots: broker\n")
    assert _problems(path, nam="x") == [
        "environment: unknown key 'nam'; did you mean 'name'?",
        f"{path}:2: 'port' is 0; it must be at least 1",
        f"{path}:3: unknown key 'hots'; did you mean 'host'?",
    ]


def test_missing_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.yaml"
    assert _problems(path) == [f"{path}: there is no such file; check the name and the folder"]


def test_folder_instead_of_a_file_is_a_sentence(tmp_path: Path) -> None:
    assert _problems(tmp_path) == [f"{tmp_path}: the file cannot be read: is a directory"]


def test_byte_order_mark_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: x\n")
    assert load_model(path, Demo).name == "x"


@pytest.mark.parametrize(
    "text",
    [
        "mqtt: {password: [hunter2]}",
        "mqtt: {password: {hunter2: 1}}",
        "mqtt: {token: hunter2}",
        "url: mqtt://me:hunter2@broker",
        "mqtt: {password: hunter2",
        'mqtt: {password: "hunter2}',
        "mqtt:\n  password: hunter2: x",
        "mqtt:\n\tpassword: hunter2",
        "mqtt: {pasword: hunter2}",
        "mqtt: {password: &hunter2 x, token: *other}",
    ],
)
def test_secret_is_never_shown(tmp_path: Path, text: str) -> None:
    assert "hunter2" not in "\n".join(_problems(_write(tmp_path, text)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2026-11-23", "2026-11-23"),
        ("0x10", 16),
        ("010", 10),
        ("1e-6", 1e-6),
        ("-32768", -32768),
        ("1_000", "1_000"),
        ("true", True),
        ("~", None),
        (".inf", float("inf")),
        ("'5'", "5"),
    ],
)
def test_scalars_mean_what_they_look_like(tmp_path: Path, text: str, value: object) -> None:
    read = read_document(_write(tmp_path, f"key: {text}\n")).values["key"]
    assert (read, type(read)) == (value, type(value))


def test_anchor_is_used_and_located_where_it_is_written(tmp_path: Path) -> None:
    document = read_document(_write(tmp_path, "a: &x\n  port: 1\nb: *x\nc:\n  <<: *x\n  host: y\n"))
    assert document.values["c"] == {"port": 1, "host": "y"}
    assert document.line(["b", "port"]) == 2


def test_key_and_value_on_two_lines_are_told_apart(tmp_path: Path) -> None:
    path = _write(tmp_path, "mqtt:\n  port:\n    many\n  hots:\n    broker\n")
    assert _problems(path) == [
        f"{path}:3: 'port' is 'many'; it must be a whole number",
        f"{path}:4: unknown key 'hots'; did you mean 'host'?",
    ]


def test_anchor_that_contains_itself_does_not_hang(tmp_path: Path) -> None:
    path = _write(tmp_path, "mqtt: &x\n  host: *x\n")
    (problem,) = _problems(path)
    assert problem.startswith(f"{path}:2: 'host' is a block of 'key: value' lines; it must be text")


words = st.from_regex(r"[a-z]{2,8}", fullmatch=True).filter(
    lambda word: word not in {"null", "true", "false"}
)


@given(st.dictionaries(words, st.integers(), min_size=1))
def test_every_key_is_found_on_its_own_line(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, int]
) -> None:
    lines = [f"{key}: {value}" for key, value in values.items()]
    document = read_document(_write(tmp_path_factory.mktemp("yaml"), "\n".join(lines)))
    assert [document.line([key]) for key in document.values] == list(range(1, len(lines) + 1))


@given(st.text())
def test_any_text_is_a_model_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("yaml") / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        said = repr(load_model(path, Demo))
    except DescriptionError as error:
        said = str(error)
    assert said
