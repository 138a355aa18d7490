"""REST, live stream and screens on one FastAPI application."""
