"""Machines: PackML state machines that own physics and material."""
