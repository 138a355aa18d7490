"""Sparkplug B 3.0: topics, payload, births, sequence, and the host's view of an edge node."""
