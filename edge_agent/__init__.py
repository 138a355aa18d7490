"""Reads the machines of one line and never loses what it read: sources, spool, uplink."""
