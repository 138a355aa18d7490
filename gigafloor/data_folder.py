"""The folder a demo keeps its history in: one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from gigafloor.errors import StartError


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Hold the folder, made if needed, against a second process.

    The lock belongs to the open file: it is gone with the process, however that ends.

    Raises:
        StartError: the folder is in use or cannot be written.
    """
    try:
        (folder / "spool").mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartError(
            f"Cannot write to the data folder {folder} ({error.strerror}). "
            "Choose another with --data-dir, or mend its permissions."
        ) from None
    try:
        _lock(handle, folder)
        yield folder
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StartError(
            f"The data folder {folder} is in use by another demo. "
            "Stop that one, or choose another with --data-dir."
        ) from None
