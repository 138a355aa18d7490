"""The embedded historian: one DuckDB file, one process."""

from historian.duckdb_store.store import DuckDbHistorian

__all__ = ["DuckDbHistorian"]
