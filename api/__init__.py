"""The API and the screens: what the plant does now and did before, read-only."""
