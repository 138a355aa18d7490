"""What is committed names no machine, no registry and no way to write to a PLC."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path

import pytest

from tests.support.processes import ROOT
from tests.support.repository import ROOT_PACKAGES, nodes, source_files, tracked_files

MOST_LINES = 300
MOST_BYTES = 2_000_000

MACHINE_PATH = re.compile(r"/(?:home|Users)/[a-z][\w-]*/|/root/|/work/|/tmp/(?!tmp)\w+/|C:\\Users\\")
REGISTRY = re.compile(
    r"--(?:extra-)?index-url[ =]https?:|--find-links[ =]https?:|files\.pythonhosted\.org|proxy\.golang\.org"
    r"|registry\.npmjs\.org|https?://\S*/simple(?:/|\b)|\bGOPROXY=https?:"
)
WRITES_TO_A_PLC = re.compile(
    r"write_(?:coils?|registers?|file_record)|mask_write_register|readwrite_registers|Write\w*(?:Coil|Register)"
)


def texts() -> list[tuple[Path, str]]:
    """Return every tracked text file but this one, with its name in the repository."""
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path != Path(__file__).resolve():
            found.append((path.relative_to(ROOT), text))
    return found


def test_machine_paths_and_registries_are_recognised() -> None:
    for text in ("/home/anna/plant", "/root/.cache", "/work/main", "C:\\Users\\anna"):
        assert MACHINE_PATH.search(text), text
    for text in ("--index-url https://example.org", "https://example.org/simple/", "files.pythonhosted.org"):
        assert REGISTRY.search(text), text


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY], ids=["machine path", "registry address"])
def test_no_tracked_file_names_this_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    found = [f"{path}: {match.group()}" for path, text in texts() for match in pattern.finditer(text)]
    assert found == []


def test_agent_cannot_write_to_a_plc() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in source_files("edge_agent")
        for match in WRITES_TO_A_PLC.finditer(path.read_text(encoding="utf-8"))
    ]
    assert source_files("edge_agent")
    assert found == []


def test_only_the_clock_reads_the_wall_clock() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for package in ROOT_PACKAGES
        for path in source_files(package)
        for node in nodes(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _WALL_CLOCKS
    }
    assert readers == {"telemetry/clock.py"}


_WALL_CLOCKS = {
    "time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.date.today",
}  # fmt: skip


def test_no_file_is_too_big_to_review() -> None:
    found = [str(path.relative_to(ROOT)) for path in tracked_files() if path.stat().st_size > MOST_BYTES]
    assert found == []


@pytest.mark.filterwarnings("default:long files")
def test_long_files_are_reported() -> None:
    """Warn only: a long table may be right, a long module rarely is."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for package in ROOT_PACKAGES
        for path in source_files(package)
    }
    assert lengths
    long = {name: length for name, length in lengths.items() if length > MOST_LINES}
    if long:
        warnings.warn(f"long files, above {MOST_LINES} lines: {long}", UserWarning, stacklevel=1)
