"""Equations of machines and cells. Pure: no clock, no I/O; chance comes in as a generator."""
