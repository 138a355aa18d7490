"""The store of process values: ports, InfluxDB, embedded DuckDB."""
