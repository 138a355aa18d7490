"""The historian in InfluxDB 1.8 and 2: line protocol in, InfluxQL out."""
