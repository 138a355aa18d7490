"""Parts of the outside world a test needs: found, or the test is skipped with the reason."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

_ALSO_IN = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where Debian puts servers, which an ordinary user's PATH leaves out."""


def program(name: str) -> Path:
    """Return where the program is; skip the test if there is none, fail it under CI."""
    found = shutil.which(name) or shutil.which(name, path=_ALSO_IN)
    if found is None:
        lacking(f"there is no {name} on this machine; scripts/test-parts installs it where it can")
    return Path(found)


def lacking(reason: str) -> NoReturn:
    """Skip the test for want of a part; CI has all parts, so there it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true, but {reason}", pytrace=False)
    pytest.skip(reason)
