"""Imports point one way, and what is imported is this repository's."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT
from tests.support.repository import PROJECT, ROOT_PACKAGES


def test_import_contracts_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_folder_with_code_is_in_the_contracts_and_in_the_distribution() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    patterns = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    assert folders == set(ROOT_PACKAGES) == {pattern.rstrip("*") for pattern in patterns}


@pytest.mark.parametrize("name", ROOT_PACKAGES)
def test_root_package_with_a_plain_name_comes_from_this_repository(name: str) -> None:
    assert Path(importlib.import_module(name).__path__[0]) == ROOT / name


def test_every_module_can_be_imported_outside_the_tests() -> None:
    modules = [
        module.name
        for package in ROOT_PACKAGES
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        if not module.name.endswith("__main__")
    ]
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    command = [sys.executable, "-c", program, *modules]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
