"""Decisions behind the routes and screens: pure where possible, no HTTP."""
