"""Everything the tests need lives in `tests.support`; test files live in folders without `__init__`."""
