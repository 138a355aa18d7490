"""Acknowledgements: exactly the durable batches, in any order, any number of times."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from telemetry.delivery import format_acknowledgement, parse_acknowledgement, to_ranges
from telemetry.sample import BatchNumber

NUMBERS = st.lists(st.integers(min_value=0, max_value=200))
INCARNATIONS = st.sampled_from(["3f2a", "9c01", "with:colon"])


@given(NUMBERS)
def test_ranges_cover_exactly_the_numbers_and_are_as_few_as_possible(numbers: list[int]) -> None:
    ranges = to_ranges(numbers)
    assert [n for first, last in ranges for n in range(first, last + 1)] == sorted(set(numbers))
    assert all(last + 1 < following for (_, last), (following, _) in pairwise(ranges))


@given(st.lists(st.builds(BatchNumber, INCARNATIONS, st.integers(0, 2**63))))
def test_acknowledgement_says_exactly_what_was_durable(batches: list[BatchNumber]) -> None:
    acknowledged: set[BatchNumber] = set()
    for text in format_acknowledgement(batches):
        incarnation, ranges = parse_acknowledgement(text)
        for first, last in ranges:
            acknowledged |= {BatchNumber(incarnation, number) for number in range(first, last + 1)}
    assert acknowledged == set(batches)


@given(st.builds(BatchNumber, INCARNATIONS, st.integers(min_value=0)))
def test_batch_number_survives_its_text(number: BatchNumber) -> None:
    assert BatchNumber.parse(str(number)) == number


@given(st.text())
def test_any_text_is_an_acknowledgement_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        parse_acknowledgement(text)
