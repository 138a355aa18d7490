"""Acknowledgements as text."""

from __future__ import annotations

import pytest

from telemetry.delivery import format_acknowledgement, parse_acknowledgement
from telemetry.sample import BatchNumber


def test_numbers_become_ranges_of_their_incarnation() -> None:
    numbers = [*range(1, 58), 60]
    batches = [BatchNumber("3f2a", number) for number in numbers] + [BatchNumber("9c01", 4)]
    assert format_acknowledgement(batches) == ["3f2a:1-57,60", "9c01:4"]


def test_text_is_parsed_to_inclusive_ranges() -> None:
    assert parse_acknowledgement("3f2a:1-57,60") == ("3f2a", [(1, 57), (60, 60)])


@pytest.mark.parametrize(
    "text",
    ["", "3f2a", ":1", "3f2a:", "3f2a:x", "3f2a:5-", "3f2a:-5", "3f2a:9-1", "3f2a:1,,2", "3f2a:1_0", "a:+1"],
)
def test_text_that_is_no_acknowledgement_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an acknowledgement|range of batch numbers"):
        parse_acknowledgement(text)


@pytest.mark.parametrize("uuid", ["", "57", ":57", "3f2a:", "3f2a:-1", "123e4567-e89b-12d3-a456-426614"])
def test_uuid_of_another_vendor_is_no_batch_number(uuid: str) -> None:
    assert BatchNumber.parse(uuid) is None
