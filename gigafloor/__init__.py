"""The command line and the all-in-one demo: the only place that knows every process."""
