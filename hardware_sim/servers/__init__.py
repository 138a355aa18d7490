"""Protocols: what a network sees of the simulated machines. They know no equations."""
