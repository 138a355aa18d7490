"""Real servers, processes and builders for tests, typed like the product."""
