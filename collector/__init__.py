"""Broker -> historian -> acknowledge; production figures."""
