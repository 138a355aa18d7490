"""The demo's folder belongs to one demo at a time."""

from pathlib import Path

import pytest

from gigafloor.data_folder import claimed
from gigafloor.errors import StartError


def test_a_second_claim_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with (
        claimed(tmp_path / "data"),
        pytest.raises(StartError, match=r"in use by another demo.*--data-dir"),
        claimed(tmp_path / "data"),
    ):
        pass


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with claimed(tmp_path):
        pass
    with claimed(tmp_path) as folder:
        assert (folder / "spool").is_dir()


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(StartError, match="Cannot write to the data folder"), claimed(tmp_path / "data"):
        pass
