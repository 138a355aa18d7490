from hypothesis import given
from hypothesis import strategies as st

from historian.duckdb_store.stored_numbers import StoredNumbers, ranges_of
from telemetry.sample import BatchNumber

numbers = st.builds(BatchNumber, st.sampled_from(["a", "b"]), st.integers(min_value=0, max_value=60))


@given(st.lists(st.lists(numbers, max_size=8), max_size=8))
def test_stored_numbers_behave_as_a_set(writes: list[list[BatchNumber]]) -> None:
    stored = StoredNumbers()
    for write in writes:
        stored.add(ranges_of(write))
    expected = {number for write in writes for number in write}
    for incarnation in ("a", "b"):
        for number in range(-1, 62):
            one = BatchNumber(incarnation, number)
            assert (one in stored) == (one in expected)


@given(st.lists(numbers))
def test_ranges_are_few_and_give_the_same_set_again(some: list[BatchNumber]) -> None:
    stored = StoredNumbers(ranges_of([number])[0] for number in some)
    ranges = list(stored)
    assert sorted(ranges) == sorted(ranges_of(set(some)))
    again = StoredNumbers(ranges)
    assert sorted(again) == sorted(ranges)
