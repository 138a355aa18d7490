"""Dead letters: kept, bounded, oldest out, counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.dead_letter import MOST_BODY_BYTES, DeadLetter, DeadLetterStore, Kind
from collector.exceptions import LocalFileError
from telemetry.sample import EdgeNode


def letter(number: int, body: bytes = b"body") -> DeadLetter:
    return DeadLetter(
        number, EdgeNode("north", "cells"), "winder-1", Kind.UNDECODABLE, f"reason {number}", body
    )


def test_letters_come_back_as_they_were_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "letters.sqlite"
    store = DeadLetterStore(path)
    store.add([letter(1), letter(2, b"\x00\xff")])
    store.close()
    reopened = DeadLetterStore(path)
    assert [each._replace(id=0) for each in reopened.list()] == [letter(1), letter(2, b"\x00\xff")]
    assert reopened.count() == 2
    reopened.close()


def test_list_goes_on_after_the_last_one_seen(tmp_path: Path) -> None:
    store = DeadLetterStore(tmp_path / "letters.sqlite")
    store.add([letter(number) for number in range(5)])
    first = store.list(limit=2)
    assert [each.at_ms for each in store.list(limit=2, after=first[-1].id)] == [2, 3]
    store.close()


def test_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    store = DeadLetterStore(tmp_path / "letters.sqlite", most_letters=20)
    for number in range(50):
        store.add([letter(number)])
    kept = [each.at_ms for each in store.list()]
    assert kept == list(range(50 - len(kept), 50))
    assert len(kept) <= 20
    assert (store.count(), store.dropped()) == (len(kept), 50 - len(kept))
    store.close()


def test_oldest_go_when_they_are_too_large(tmp_path: Path) -> None:
    store = DeadLetterStore(tmp_path / "letters.sqlite", most_bytes=1000)
    for number in range(10):
        store.add([letter(number, b"x" * 300)])
    kept = store.list()
    assert kept[-1].at_ms == 9
    assert sum(len(each.body) for each in kept) <= 1000
    assert store.dropped() == 10 - len(kept)
    store.close()


def test_one_huge_letter_is_cut_and_pushes_nobody_out(tmp_path: Path) -> None:
    store = DeadLetterStore(tmp_path / "letters.sqlite")
    store.add([letter(1), letter(2, b"x" * (MOST_BODY_BYTES + 1))])
    assert [len(each.body) for each in store.list()] == [4, MOST_BODY_BYTES]
    store.close()


def test_file_that_is_something_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "letters.sqlite"
    path.write_text("this is not a database, it is a long enough text to tell" * 20, encoding="utf-8")
    with pytest.raises(LocalFileError, match=r"letters\.sqlite"):
        DeadLetterStore(path)
