"""The command line: what is right is shown, what is wrong is a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gigafloor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=50, check=False)


def test_check_prints_plant_and_poll_plan_and_writes_schemas(tmp_path: Path) -> None:
    done = _run("check", "--site", "aesc-douai", "--schema", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "formation-1" in done.stdout
    assert "every connection can keep its poll periods" in " ".join(done.stdout.split())
    assert json.loads((tmp_path / "profile.schema.json").read_text())["title"] == "Profile"


def test_check_refuses_a_connection_that_cannot_keep_up(tmp_path: Path) -> None:
    profile = (ROOT / "plant" / "profiles" / "stacker.yaml").read_text()
    slow = profile.replace("modbus: {word_order: dcba}", "modbus: {word_order: dcba, max_gap: 0}")
    for before in ("period_s: 0.25", "period_s: 1,", "period_s: 10,"):
        assert before in profile
        slow = slow.replace(before, before.split(":")[0] + ": 0.05" + before[len(before.rstrip(",")) :])
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "stacker.yaml").write_text(slow)
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "aesc-douai.yaml").write_text((ROOT / "plant/sites/aesc-douai.yaml").read_text())
    done = _run("check", "--site", "aesc-douai", "--plant", str(tmp_path))
    words = " ".join(done.stdout.split())
    assert done.returncode == 1, words
    assert "127.0.0.1:15120 would be reading" in words
    assert "Lengthen poll periods" in words


@pytest.mark.parametrize("command", ["sim", "edge", "collector", "api", "check", "demo"])
def test_a_mistake_in_a_description_stops_the_start_with_file_and_line(command: str, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    site = (
        (ROOT / "plant" / "sites" / "aesc-douai.yaml")
        .read_text()
        .replace("profile: tab-welder", "profile: tab-wilder")
    )
    (tmp_path / "sites" / "aesc-douai.yaml").write_text(site)
    settings = tmp_path / "settings.yaml"
    settings.write_text(
        "site: aesc-douai\nline: assembly-1\n" if command == "edge" else "sites: [aesc-douai]\n"
    )
    options = {
        "check": ["--site", "aesc-douai"],
        "demo": ["--site", "aesc-douai", "--data-dir", str(tmp_path / "data")],
    }
    done = _run(command, *options.get(command, ["--settings", str(settings)]), "--plant", str(tmp_path))
    line = site.splitlines().index("            profile: tab-wilder") + 1
    assert done.returncode == 2, done.stderr
    assert f"aesc-douai.yaml:{line}" in done.stderr
    assert "tab-welder" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_in_settings_names_file_line_and_the_nearest_key(tmp_path: Path) -> None:
    settings = tmp_path / "edge.yaml"
    settings.write_text("site: acc-douvrin\nline: assembly-1\nspool_pth: here.sqlite\n")
    done = _run("edge", "--settings", str(settings))
    assert done.returncode == 2
    assert "edge.yaml:3" in done.stderr
    assert "spool_path" in done.stderr


def test_an_api_of_its_own_refuses_duckdb_in_a_sentence(tmp_path: Path) -> None:
    settings = tmp_path / "api.yaml"
    settings.write_text("historian: {kind: duckdb}\n")
    done = _run("api", "--settings", str(settings))
    assert done.returncode == 2
    assert "belongs to one process" in done.stderr
