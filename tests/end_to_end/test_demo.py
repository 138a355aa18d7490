"""The demo as a person meets it: started, looked at, stopped, started again."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support.ports import HOST, free_port
from tests.support.processes import Child, gigafloor
from tests.support.stack import Reader, eventually

SITE = "aesc-douai"

pytestmark = pytest.mark.timeout(180)


@contextmanager
def _demo(folder: Path, *arguments: str) -> Iterator[tuple[Child, Reader]]:
    port = free_port()
    options = (
        "--site",
        SITE,
        "--speed",
        "20",
        "--data-dir",
        str(folder / "data"),
        "--port",
        str(port),
        *arguments,
    )
    with gigafloor("demo", *options, folder=folder) as demo:
        line = demo.wait_for_output("http://", within_s=60)
        yield demo, Reader(f"{line.strip()}/api/v1")


def _cells(reader: Reader) -> set[str]:
    return {
        f"{item['place']['station']} {item['key']}"
        for item in reader.items("/results/cell", **{"from": "-1d"})
    }


def _stop(demo: Child) -> None:
    children = psutil.Process(demo.pid).children(recursive=True)
    demo.send(signal.SIGINT)
    assert demo.wait() == 0, demo.output()
    assert "Traceback" not in demo.output()
    assert not [child for child in children if child.is_running()]


def test_a_restart_on_the_same_folder_continues_the_history(tmp_path: Path) -> None:
    with _demo(tmp_path) as (demo, reader):
        eventually(lambda: len(_cells(reader)) > 20, within_s=60, what="the first cells")
        before = _cells(reader)
        _stop(demo)
    with _demo(tmp_path) as (demo, reader):
        eventually(
            lambda: len(_cells(reader) - before) > 20, within_s=60, what="more cells after the restart"
        )
        after = _cells(reader)
        assert before <= after, "history was lost"
        minutes = reader.items("/production", site=SITE, bucket="total", **{"from": "-1h"})
        assert all(minute["good"] < 1000 for minute in minutes), (
            "a restarted counter was counted as production"
        )
        _stop(demo)


def test_a_folder_in_use_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with _demo(tmp_path) as (_, _), gigafloor(
        "demo", "--data-dir", str(tmp_path / "data"), "--port", str(free_port()), folder=tmp_path / "second"
    ) as second:  # fmt: skip
        assert second.wait(within_s=30) == 2
        assert "in use by another demo" in second.output()
        assert "Traceback" not in second.output()


def test_a_taken_port_is_passed_over_and_said(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        arguments = (
            "--site",
            SITE,
            "--data-dir",
            str(tmp_path / "data"),
            "--port",
            str(port),
            "--duration",
            "30",
        )
        with gigafloor("demo", *arguments, folder=tmp_path) as demo:
            demo.wait_for_output(f"Port {port} is taken", within_s=60)
            line = demo.wait_for_output("http://", within_s=10)
            assert f":{port}" not in line
            assert Reader(f"{line.strip()}/api/v1").get("/health")["stations"] > 0
            _stop(demo)


def test_an_unknown_site_names_the_known_ones(tmp_path: Path) -> None:
    arguments = ("demo", "--site", "acc-dovrin", "--data-dir", str(tmp_path / "data"))
    with gigafloor(*arguments, folder=tmp_path) as demo:
        assert demo.wait(within_s=30) == 2
        assert "acc-douvrin" in demo.output()
        assert "Traceback" not in demo.output()


def test_it_stops_by_itself_after_its_duration(tmp_path: Path) -> None:
    arguments = ("--site", SITE, "--data-dir", str(tmp_path / "data"), "--port", "0", "--duration", "5")
    with gigafloor("demo", *arguments, folder=tmp_path) as demo:
        assert demo.wait(within_s=60) == 0
        assert "Traceback" not in demo.output()
